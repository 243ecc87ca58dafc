"""A sheet as CSV: one line per row, every figure exact or to the nearest float, unknown ones empty.

A text that a spreadsheet would take for a formula is quoted with an apostrophe, as spreadsheets do it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from snnc.analysis.exact import plain
from snnc.backends.report.sheet import Cell, Sheet

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def csv_of(sheet: Sheet) -> str:
    """Return the rows, without totals, under a line of keys."""
    return csv_lines([column.key for column in sheet.columns], sheet.rows)


def csv_lines(keys: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return a header and rows as CSV with LF line ends."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(keys)
    writer.writerows([inert(cell) for cell in row] for row in rows)
    return out.getvalue()


def inert(cell: Cell) -> str | int | float:
    """Return a cell as CSV holds it; a text cannot start a formula."""
    if cell is None:
        return ""
    if not isinstance(cell, str):
        number = plain(cell)
        return "" if number is None else number
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell
