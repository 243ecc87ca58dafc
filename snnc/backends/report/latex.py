r"""A sheet as a LaTeX table with booktabs, ready to be pasted; it needs ``\usepackage{booktabs}`` only."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from snnc.backends.report.sheet import Column, Sheet

TITLES: Mapping[str, str] = MappingProxyType(
    {
        "energy_ann_pj": r"$E_\mathrm{ANN}$",
        "energy_snn_pj": r"$E_\mathrm{SNN}$",
        "activity": r"$S_A$",
        "break_even_activity": r"break-even $S_A$",
        "form": "Operations",
        "ee": r"$EE$",
        "macs": "MACs",
    }
)
_SPECIAL: Mapping[str, str] = MappingProxyType(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "&": r"\&",
        "#": r"\#",
        "%": r"\%",
        "_": r"\_",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "µ": r"$\mu$",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
    }
)


def latex_of(sheet: Sheet) -> str:
    """Return a table environment: caption with the assumptions, rules, rows, total."""
    align = "".join("l" if column.kind == "text" else "r" for column in sheet.columns)
    lines = [
        *(f"% {name}: {_comment(text)}" for name, text in (*sheet.header, *sheet.results)),
        *(f"% {_comment(note)}" for note in sheet.notes),
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{_caption(sheet)}}}",
        rf"\begin{{tabular}}{{{align}}}",
        r"\toprule",
        _line(tuple(_title(column) for column in sheet.columns)),
        r"\midrule",
        *(_line(tuple(map(literal, sheet.texts(row)))) for row in sheet.rows),
        *([r"\midrule", _line(tuple(map(literal, sheet.texts(sheet.total))))] if sheet.total else []),
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _caption(sheet: Sheet) -> str:
    facts = dict(sheet.header)
    said = ", ".join(
        f"{name} {facts[key]}" for key, name in (("T", "$T=$"), ("activity", "activity")) if key in facts
    )
    results = ", ".join(f"{name} {text}" for name, text in sheet.results if name in ("EE", "EE_Conv"))
    profile = facts.get("profile", "").split(",")[0]
    parts = [sheet.title, said, f"policy {facts.get('policy', '').split(':')[0]}", profile, results]
    text = "; ".join(part for part in parts if part)
    return literal(text).replace(r"\$T=\$", "$T=$")


def _title(column: Column) -> str:
    return TITLES.get(column.key) or literal(column.title[:1].upper() + column.title[1:])


def _line(cells: tuple[str, ...]) -> str:
    return " & ".join(cells) + r" \\"


def _comment(text: str) -> str:
    return " ".join(text.split())


def literal(text: str) -> str:
    """Return a text that LaTeX prints as it is."""
    return "".join(_SPECIAL.get(letter, letter) for letter in " ".join(text.split()))
