"""Diagnostics as text for a terminal: the statement, the place with carets, the way out.

Nothing that a user wrote is shown raw, and nothing is shown without end: a report keeps to 8 KiB
whatever the spec holds, and says how many mistakes it left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from textwrap import wrap

from snnc.diagnostics.diagnostic import Diagnostic, Fix, Severity
from snnc.diagnostics.escape import escape, shorten
from snnc.diagnostics.snippet import Cells, Mark, marks, snippet
from snnc.source import Source, Span

LARGEST = 8192  # characters of a report, without its colours
WIDEST_TITLE, WIDEST_LABEL, LONGEST_HELP, MOST_LABELS = 200, 100, 600, 6
TEXT_WIDTH = 100

BOLD, BLUE, CYAN, RED, YELLOW, RESET = (
    "\x1b[1m",
    "\x1b[1;34m",
    "\x1b[1;36m",
    "\x1b[1;31m",
    "\x1b[1;33m",
    "\x1b[0m",
)
SEVERITY_COLOR = {Severity.ERROR: RED, Severity.WARNING: YELLOW}


def render(diagnostics: Iterable[Diagnostic], *, color: bool = False) -> str:
    """Return a report on the diagnostics, in their order; empty when there are none."""
    found = tuple(diagnostics)
    if not found:
        return ""
    parts: list[str] = []
    size = 0
    for diagnostic in found:
        plain = _Page(color=False).diagnostic(diagnostic)
        size += len(plain) + 1
        if parts and size > LARGEST - 200:
            break
        parts.append(_Page(color=True).diagnostic(diagnostic) if color else plain)
    return "\n".join((*parts, summary(found, shown=len(parts)) + "\n"))


def summary(found: tuple[Diagnostic, ...], shown: int | None = None) -> str:
    """Return the closing line: how many, and how many of them `snnc check --fix` can mend."""
    errors = sum(one.severity is Severity.ERROR for one in found)
    counts = [_count(errors, "error"), _count(len(found) - errors, "warning")]
    mendable = sum(one.fix() is not None for one in found)
    text = " and ".join(count for count in counts if count)
    if mendable:
        of_them = (
            "" if len(found) == 1 else "all of them " if mendable == len(found) else f"{mendable} of them "
        )
        text += f", {of_them}mendable with `snnc check --fix`"
    return text if shown in (None, len(found)) else f"{text}; the first {shown} are shown"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}" if number else ""


class _Page:
    """Lays a diagnostic out, with or without colours."""

    def __init__(self, *, color: bool) -> None:
        self._color = color

    def diagnostic(self, one: Diagnostic) -> str:
        """Return the whole text of one diagnostic, ending in a line end."""
        found = _places(one)
        gutter = len(str(max(mark.line for _, group in found for mark in group)))
        head = self._paint(f"{one.severity}[{one.code}]", SEVERITY_COLOR[one.severity])
        lines = [head + self._paint(f": {_safe(one.title_text(), WIDEST_TITLE)}", BOLD)]
        for number, (span, group) in enumerate(found):
            arrow = "-->" if number == 0 else ":::"
            lines.append(" " * gutter + self._paint(arrow, BLUE) + " " + escape(str(span)))
            lines += self._source(span.source, group, gutter, one.severity)
        lines += self._notes(one, gutter)
        return "\n".join(lines) + "\n"

    def _source(self, source: Source, found: list[Mark], gutter: int, severity: Severity) -> Iterator[str]:
        bar = self._paint(f"{'':{gutter}} |", BLUE)
        yield bar
        for number, row in snippet(source, found, gutter + 3):
            if number == "...":
                yield self._paint(number, BLUE)
                continue
            text = self._row(row, severity)
            yield (self._paint(f"{number:>{gutter}} |", BLUE) + (f" {text}" if text else "")).rstrip()

    def _row(self, row: Cells, severity: Severity) -> str:
        styles = {"primary": SEVERITY_COLOR[severity], "secondary": BLUE, "": ""}
        runs = groupby(row, key=lambda cell: cell[1])
        return "".join(self._paint("".join(text for text, _ in run), styles[style]) for style, run in runs)

    def _notes(self, one: Diagnostic, gutter: int) -> Iterator[str]:
        fix = one.fix()
        notes = [("help", _safe(one.help_text(), LONGEST_HELP)), ("fix", describe(fix) if fix else "")]
        if any(text for _, text in notes):
            yield self._paint(f"{'':{gutter}} |", BLUE)
        for name, text in notes:
            if text:
                yield from self._note(name, text, gutter)

    def _note(self, name: str, text: str, gutter: int) -> Iterator[str]:
        lead = f"{'':{gutter}} = {name}: "
        first, *rest = wrap(text, TEXT_WIDTH, break_long_words=False, break_on_hyphens=False)
        yield f"{'':{gutter}} {self._paint('=', BLUE)} {self._paint(name, BOLD)}: {first}"
        yield from (" " * len(lead) + line for line in rest)

    def _paint(self, text: str, color: str) -> str:
        return f"{color}{text}{RESET}" if self._color and color and text else text


def describe(fix: Fix) -> str:
    """Return what a fix does: ``replace "2048" by "1024"``."""
    old, new = (_safe(" ".join(text.split()), 60) for text in (fix.span.text, fix.replacement))
    if not old:
        return f'insert "{new}" at line {fix.span.line}, column {fix.span.column}'
    return f'replace "{old}" by "{new}"' if new else f'remove "{old}"'


def _places(one: Diagnostic) -> list[tuple[Span, list[Mark]]]:
    """Return the sources that a diagnostic shows, the primary one first, each with its marks."""
    labels = one.labels()[:MOST_LABELS]
    spans = [(one.span, _safe(one.label_text(), WIDEST_LABEL), "primary")]
    spans += [(label.span, _safe(label.text, WIDEST_LABEL), "secondary") for label in labels]
    found: dict[tuple[str, str], tuple[Span, list[Mark]]] = {}
    for span, text, style in spans:
        key = (span.source.name, span.source.text)
        found.setdefault(key, (span, []))[1].extend(marks(span, text, style))
    return list(found.values())


def _safe(text: str, longest: int) -> str:
    return shorten(escape(text), longest)
