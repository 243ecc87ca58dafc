"""A sheet as plain text: aligned columns, no colours, the same on every machine."""

from __future__ import annotations

from collections.abc import Iterable

from snnc.analysis.report import aligned
from snnc.backends.report.sheet import Sheet


def text_of(sheet: Sheet) -> str:
    """Return the whole sheet: facts, table, results, notes."""
    parts = [facts(sheet.header), table(sheet), facts(sheet.results), "\n".join(sheet.notes)]
    return "\n\n".join(part for part in parts if part) + "\n"


def table(sheet: Sheet) -> str:
    """Return the table alone, ruled above its rows and its total."""
    titles = tuple(column.title for column in sheet.columns)
    total = [sheet.texts(sheet.total)] if sheet.total else []
    rows = [titles, *(sheet.texts(row) for row in sheet.rows), *total]
    left = {index for index, column in enumerate(sheet.columns) if column.kind == "text"}
    lines = aligned(rows, left)
    rule = "-" * max(map(len, lines))
    body = [*lines[1:-1], rule, lines[-1]] if total else lines[1:]
    return "\n".join([lines[0], rule, *body])


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Return pairs of a name and a text, one a line."""
    pairs = tuple(pairs)
    width = max((len(name) for name, _ in pairs), default=0)
    return "\n".join(f"{name.ljust(width)}  {text}".rstrip() for name, text in pairs)
