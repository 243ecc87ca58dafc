"""Cost reports in the forms people use: text, Markdown, CSV, JSON, LaTeX and one HTML page.

`sheet` makes a table of a report; every form but JSON and the page is a way to write a sheet down.
"""
