"""A sheet on a terminal: rules, colours, and columns that fold rather than run out of it."""

from __future__ import annotations

from typing import Literal

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from snnc.backends.report.sheet import Sheet
from snnc.cli.terminal import safe


def show(sheet: Sheet, console: Console | None = None) -> None:
    """Print a sheet. What comes from a spec is text, never markup."""
    console = console or Console(force_terminal=True, highlight=False)
    console.print(_text(sheet.title, "bold"))
    _facts(console, sheet.header, "dim")
    console.print(_table(sheet))
    _facts(console, sheet.results, "")
    for note in sheet.notes:
        console.print(_text(note, "yellow"))


def _table(sheet: Sheet) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_footer=bool(sheet.total), pad_edge=False)
    footer = sheet.texts(sheet.total) if sheet.total else ("",) * len(sheet.columns)
    for column, total in zip(sheet.columns, footer, strict=True):
        justify: Literal["left", "right"] = "left" if column.kind == "text" else "right"
        table.add_column(_text(column.title), footer=_text(total, "bold"), justify=justify, overflow="fold")
    for row in sheet.rows:
        table.add_row(*(_text(cell) for cell in sheet.texts(row)))
    return table


def _facts(console: Console, pairs: tuple[tuple[str, str], ...], style: str) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, text in pairs:
        table.add_row(_text(name, "bold"), _text(text, style))
    if pairs:
        console.print(table)


def _text(text: str, style: str = "") -> Text:
    return Text(safe(text), style)
