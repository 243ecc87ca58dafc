"""Lines of a source with marks under them: what a diagnostic shows of the text.

A line is shown as it can be seen: tabs expanded, everything odd escaped, and cut where it is long. The
marks are placed by what is shown, so that a caret stands under its character whatever stood before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from snnc.diagnostics.escape import escape_character
from snnc.source import Source, Span

WIDTH = 120  # of a whole row, line number included
TAB = 4
CUT = "..."
_LONG = 10_000  # characters of a line that is not looked at in full

Cells = list[tuple[str, str]]
"""A row: each character with its style, `primary`, `secondary` or nothing."""


@dataclass(frozen=True)
class Mark:
    """A range of columns of one line, 0-based, with the words that belong to it."""

    line: int
    start: int
    end: int
    text: str
    style: str


def marks(span: Span, text: str, style: str) -> tuple[Mark, ...]:
    """Return the marks of a span: one, or one each for the first and the last of several lines."""
    start, end = span.start, max(span.start, span.start + len(span.text.rstrip("\r\n")))
    (first, left), (last, right) = span.source.position(start), span.source.position(end)
    if first == last:
        return (Mark(first, left - 1, max(right - 1, left), text, style),)
    tail = span.source.line(last)
    return (
        Mark(first, left - 1, max(len(span.source.line(first).rstrip("\r")), left), "", style),
        Mark(last, min(len(tail) - len(tail.lstrip()), right - 1), right - 1, text, style),
    )


def snippet(source: Source, found: list[Mark], gutter: int) -> Iterator[tuple[str, Cells]]:
    """Yield the rows of a source's marked lines: the line number (or blank) and the row's cells."""
    previous = None
    for number, group in groupby(
        sorted(found, key=lambda mark: (mark.line, mark.start)), lambda mark: mark.line
    ):
        if previous is not None and number == previous + 2:
            yield from _line(source, number - 1, [], gutter)
        elif previous is not None and number > previous + 1:
            yield CUT, []
        yield from _line(source, number, list(group), gutter)
        previous = number


@dataclass(frozen=True)
class Shown:
    """A line as it is shown. Character i begins in column ``at[i]``."""

    text: str
    at: tuple[int, ...]

    def column(self, character: int) -> int:
        """Return where a character, or the place behind the last one, is shown."""
        return self.at[min(character, len(self.at) - 1)]


def show(line: str) -> Shown:
    """Return a line as it is shown: escaped, with its tabs expanded."""
    text, at = [], [0]
    for character in line.rstrip("\r"):
        shown = " " * (TAB - at[-1] % TAB) if character == "\t" else escape_character(character)
        text.append(shown)
        at.append(at[-1] + len(shown))
    return Shown("".join(text), tuple(at))


def _line(source: Source, number: int, found: list[Mark], gutter: int) -> Iterator[tuple[str, Cells]]:
    """Yield a line with its marks; more than once where its marks stand too far apart for one row."""
    line, start = _near(source.line(number), found)
    shown = show(line)
    placed = [
        Mark(
            number,
            shown.column(mark.start - start),
            max(shown.column(mark.end - start), shown.column(mark.start - start) + 1),
            mark.text,
            mark.style,
        )
        for mark in found
    ]
    width = WIDTH - gutter
    for together in _together(placed, width - 2 * len(CUT)) or [[]]:
        text, moved = _cut(shown.text, together, width)
        yield str(number), [(character, "") for character in text]
        yield from (("", row) for row in _under(moved, width))


def _near(line: str, found: list[Mark]) -> tuple[str, int]:
    """Return what of a line can be seen about its marks, and where that begins; a line may be endless."""
    if len(line) <= _LONG:
        return line, 0
    start = max(0, min((mark.start for mark in found), default=0) - WIDTH)
    return line[start : max((mark.end for mark in found), default=0) + WIDTH], start


def _together(placed: list[Mark], width: int) -> list[list[Mark]]:
    """Gather the marks that fit into one row."""
    rows: list[list[Mark]] = []
    for mark in placed:
        if rows and mark.end - rows[-1][0].start <= width:
            rows[-1].append(mark)
        else:
            rows.append([mark])
    return rows


def _cut(text: str, found: list[Mark], width: int) -> tuple[str, list[Mark]]:
    """Cut a long line around its marks, and move these along."""
    if len(text) <= width:
        return text, found
    room = width - 2 * len(CUT)
    left = min((mark.start for mark in found), default=0)
    right = min(max((mark.end for mark in found), default=0), left + room)
    start = max(0, min((left + right - room) // 2, len(text) - room))
    start = 0 if start <= len(CUT) else start
    end = min(start + room, len(text))
    before, after = CUT if start else "", CUT if end < len(text) else ""
    shift = len(before) - start
    moved = [
        Mark(mark.line, mark.start + shift, min(mark.end, end) + shift, mark.text, mark.style)
        for mark in found
    ]
    return f"{before}{text[start:end]}{after}", moved


def _moved(mark: Mark, start: int, end: int) -> Mark:
    return replace(mark, start=start, end=max(end, start + 1))


def _under(found: list[Mark], width: int) -> Iterator[Cells]:
    """Yield the rows under a line: the carets, the last mark's words, then the others' words hanging."""
    if not found:
        return
    row = _row(max(mark.end for mark in found))
    for mark in sorted(found, key=lambda mark: mark.style == "primary"):
        character = "^" if mark.style == "primary" else "-"
        row[mark.start : mark.end] = [(character, mark.style)] * (mark.end - mark.start)
    hanging = [mark for mark in found if mark.text]
    last = max(found, key=lambda mark: mark.start)
    if last.text and len(row) == last.end and last.end + 1 + len(last.text) <= width:
        row += [(" ", last.style), *_cells(last)]
        hanging.remove(last)
    yield row
    yield from _hanging(hanging, width)


def _hanging(found: list[Mark], width: int) -> Iterator[Cells]:
    """Yield the words of marks below each other, from the right to the left, tied to their marks."""
    if found:
        yield _ties(found)
    for number in reversed(range(len(found))):
        mark = found[number]
        row = _ties([other for other in found[:number] if other.start < mark.start])
        column = max(min(mark.start, width - len(mark.text)), len(row) + 1 if row else 0)
        yield row + _row(column - len(row)) + _cells(mark)


def _ties(found: list[Mark]) -> Cells:
    row = _row(max((mark.start + 1 for mark in found), default=0))
    for mark in found:
        row[mark.start] = ("|", mark.style)
    return row


def _row(length: int) -> Cells:
    return [(" ", "")] * length


def _cells(mark: Mark) -> Cells:
    return [(character, mark.style) for character in mark.text]
