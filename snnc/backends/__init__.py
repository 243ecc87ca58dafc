"""Back ends: each turns a program into a value (source text, a diagram, a report) and writes no files."""
