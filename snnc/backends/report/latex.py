r"""A sheet as a LaTeX table with booktabs, ready to be pasted.

It needs ``\usepackage{booktabs,graphicx}``: a table that is wider than its column is scaled to fit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from snnc.backends.report.sheet import Column, Sheet

SENTENCE = 40  # letters; a longer text is no single name or number
TITLES: Mapping[str, str] = MappingProxyType(
    {
        "energy_ann_pj": r"$E_\mathrm{ANN}$",
        "energy_snn_pj": r"$E_\mathrm{SNN}$",
        "activity": r"$S_A$",
        "break_even_activity": r"Break-even $S_A$",
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
    rows = [sheet.texts(row) for row in sheet.rows]
    align = "".join(map(_align, sheet.columns, zip(*rows, strict=True)))
    lines = [
        *(f"% {name}: {_comment(text)}" for name, text in (*sheet.header, *sheet.results)),
        *(f"% {_comment(note)}" for note in sheet.notes),
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{_caption(sheet)}}}",
        r"\footnotesize\setlength{\tabcolsep}{4pt}",
        rf"\sbox0{{\begin{{tabular}}{{{align}}}",
        r"\toprule",
        _line(tuple(_title(column) for column in sheet.columns)),
        r"\midrule",
        *(_line(tuple(map(typeset, row))) for row in rows),
        *([r"\midrule", _line(tuple(map(typeset, sheet.texts(sheet.total))))] if sheet.total else []),
        r"\bottomrule",
        r"\end{tabular}}%",
        r"\ifdim\wd0>\linewidth\resizebox{\linewidth}{!}{\usebox0}\else\usebox0\fi",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _align(column: Column, texts: tuple[str, ...]) -> str:
    """Sentences are broken into lines, other texts stand to the left, numbers to the right."""
    if column.kind != "text":
        return "r"
    return "p{5.5cm}" if max(map(len, texts), default=0) > SENTENCE else "l"


def _caption(sheet: Sheet) -> str:
    facts = dict(sheet.header)
    said = ", ".join(
        f"{name} {facts[key]}" for key, name in (("T", "$T=$"), ("activity", "activity")) if key in facts
    )
    results = ", ".join(f"{name} {text}" for name, text in sheet.results if name in ("EE", "EE_Conv"))
    profile = facts.get("profile", "").split(",")[0]
    policy = f"policy {facts['policy'].split(':')[0]}" if "policy" in facts else ""
    parts = [sheet.title, said, policy, profile and f"profile {profile}", results]
    text = "; ".join(part for part in parts if part)
    return typeset(text).replace(r"\$T=\$ ", "$T$ = ")


def _title(column: Column) -> str:
    return TITLES.get(column.key) or typeset(column.title[:1].upper() + column.title[1:])


def _line(cells: tuple[str, ...]) -> str:
    return " & ".join(cells) + r" \\"


def _comment(text: str) -> str:
    return " ".join(text.split())


_FACTORS = re.compile(r"(?<!\w)(?:\d+(?:x\d+)+|[\d.,]+x)(?!\w)")  # 64x32x32 and 3.98x, but not VGG3x2
_SYMBOLS = (
    (re.compile(r"-\\textgreater\{\}"), r"$\\to$"),
    (re.compile(r"\bEE\\_Conv\b"), r"$EE_\\mathrm{Conv}$"),
    (re.compile(r"\bE\\_(ANN|SNN)\b"), r"$E_\\mathrm{\1}$"),
    (re.compile(r"\bT S\\_A\b"), r"$T\\,S_A$"),
    (re.compile(r"\bS\\_A\b"), r"$S_A$"),
)


def typeset(text: str) -> str:
    """Return a text with the paper's symbols as it sets them."""
    found = _FACTORS.sub(lambda match: match[0].replace("x", r"$\times$"), literal(text))
    for pattern, symbol in _SYMBOLS:
        found = pattern.sub(symbol, found)
    return found


def literal(text: str) -> str:
    """Return a text that LaTeX prints as it is."""
    return "".join(_SPECIAL.get(letter, letter) for letter in " ".join(text.split()))
