"""What the user's terminal gets: results on stdout, everything else on stderr, and never raw text.

A file name or a spec may hold characters that steer a terminal. What goes there is made visible
first; what goes into a pipe or a file is written as it is.
"""

from __future__ import annotations

import json
import os
import sys
from enum import StrEnum
from io import TextIOWrapper
from typing import TextIO

from snnc.diagnostics.escape import escape_character

SCHEMA = 1  # of every JSON result; it grows when a key changes its meaning or goes away


class Color(StrEnum):
    """When to colour."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


def steady() -> None:
    """Make the streams usable whatever the shell handed over: closed, or of a narrow encoding."""
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123  it stays open until the end


def hush() -> None:
    """Give up on what a stream could not write, so that the interpreter's end says nothing about it."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def colored(color: Color, stream: TextIO) -> bool:
    """Whether a stream gets colours; https://no-color.org holds unless an option says otherwise."""
    if color is not Color.AUTO:
        return color is Color.ALWAYS
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (stream.isatty() and os.environ.get("TERM") != "dumb")


def safe(text: str) -> str:
    r"""Return text with what is not printable, line ends aside, written as ``\u{..}``."""
    return "".join(c if c.isprintable() or c == "\n" else escape_character(c) for c in text)


def say(text: str) -> None:
    """Write a line of the result."""
    print(safe(text))  # noqa: T201


def tell(text: str, end: str = "\n") -> None:
    """Write text to stderr as it is: made safe by whoever has made it."""
    print(text, end=end, file=sys.stderr, flush=True)  # noqa: T201


def say_json(result: dict[str, object]) -> None:
    """Write a result for scripts; ASCII only, so that nothing in it steers a terminal."""
    print(json.dumps({"schema": SCHEMA, **result}, indent=2))  # noqa: T201


def emit(content: bytes) -> None:
    """Write a whole file's content to stdout, byte by byte; a terminal sees it made safe."""
    if sys.stdout.isatty():
        print(safe(content.decode("utf-8", "backslashreplace")), end="")  # noqa: T201
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
