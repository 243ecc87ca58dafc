"""What can be wrong with a text before anybody asks what it means, by what it is about.

NOTE: nothing is imported here: most texts have no mistakes, and making the classes takes its time.
"""
