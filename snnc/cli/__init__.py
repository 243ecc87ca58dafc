"""The command line: one module for each command, whose function `command` is what runs."""
