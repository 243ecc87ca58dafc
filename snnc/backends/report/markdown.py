"""A sheet as Markdown, for README files and issues. Nothing in it is read as markup."""

from __future__ import annotations

import re

from snnc.backends.report.sheet import Sheet
from snnc.diagnostics.escape import escape

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")


def markdown_of(sheet: Sheet) -> str:
    """Return the sheet as Markdown: a heading, the table, results, facts and notes as lists."""
    parts = [
        f"## {literal(sheet.title)}",
        table(sheet),
        "\n".join(f"- **{literal(name)}**: {literal(text)}" for name, text in sheet.results),
        "\n".join(f"- {literal(name)}: {literal(text)}" for name, text in sheet.header),
        "\n".join(f"- {literal(note)}" for note in sheet.notes),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def table(sheet: Sheet) -> str:
    """Return the table alone, numbers to the right."""
    titles = [column.title for column in sheet.columns]
    rule = ["---" if column.kind == "text" else "---:" for column in sheet.columns]
    cells = map(literal, sheet.texts(sheet.total)) if sheet.total else ()
    total = [f"**{cell}**" if cell else "" for cell in cells]
    rows = [list(map(literal, sheet.texts(row))) for row in sheet.rows]
    lines = [list(map(literal, titles)), rule, *rows, *([total] if total else [])]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def literal(text: str) -> str:
    """Return a text that Markdown shows as it is."""
    visible = "".join(one if one == "µ" else escape(one) for one in text)
    return _SPECIAL.sub(r"\\\1", visible)
