"""Where the keys of a TOML text and its mistakes stand; the parser of the standard library says little.

A reading of headers and of what is left of ``=``, for texts that are TOML already. Keys inside an inline
table are not told apart: they stand where the table does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from snnc.source import Source, Span

Key = tuple[str, ...]

_HEADER = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]")
_ENTRY = re.compile(
    r"""\s*((?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*'))*)\s*=\s*"""
)
_QUOTES = ('"""', "'''")


def places(source: Source) -> dict[Key, tuple[Span, Span]]:
    """Return for each key, its tables' names first, the spans of the key and of its value's first line."""
    found: dict[Key, tuple[Span, Span]] = {}
    table: Key = ()
    for start, line in _lines(source.text):
        if header := _HEADER.match(line):
            table = _parts(header[1])
            span = source.span(start + header.start(1), start + header.end(1))
            found.setdefault(table, (span, span))
        elif entry := _ENTRY.match(line):
            name = source.span(start + entry.start(1), start + entry.end(1))
            found.setdefault((*table, *_parts(entry[1])), (name, _value(source, start, line, entry.end())))
    return found


def span_of(source: Source, key: Key, *, value: bool = False) -> Span:
    """Return where a key (or its value) stands; if it does not, its table; at last the text's start."""
    known = places(source)
    for length in range(len(key), 0, -1):
        if key[:length] in known:
            return known[key[:length]][value and length == len(key)]
    return source.span(0, 0)


def span_of_fault(source: Source, error: BaseException) -> Span:
    """Return where the text stops being TOML, from the line and column in the parser's message."""
    words = str(error).rstrip(")").replace(",", "").split()
    if "line" in words and "column" in words:
        line, column = (int(words[words.index(word) + 1]) for word in ("line", "column"))
    else:
        line, column = source.position(max(0, len(source.text) - 1))
    start = source.line_starts[line - 1] + column - 1
    return source.span(start, min(start + 1, len(source.text)))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that are not inside a text of several lines, with their offsets."""
    offset, quote = 0, ""
    for line in text.splitlines(keepends=True):
        if not quote:
            yield offset, line
        for mark in _QUOTES:
            if quote in ("", mark) and line.count(mark) % 2:
                quote = "" if quote else mark
        offset += len(line)


def _parts(dotted: str) -> Key:
    return tuple(part.strip().strip("\"'") for part in re.findall(r"\"[^\"]*\"|'[^']*'|[^.]+", dotted))


def _value(source: Source, start: int, line: str, column: int) -> Span:
    value = line[column:].rstrip()
    if not value.startswith(("'", '"')):
        value = value.split("#")[0].rstrip()
    return source.span(start + column, start + column + max(1, len(value)))
