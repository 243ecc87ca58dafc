r"""The one escaper for DOT.

A double-quoted string is never an HTML-like label; ``&`` must not begin an entity, nor ``\`` an escape
of Graphviz's. Line ends and other control characters never come through: `visible` spells them.
"""

from __future__ import annotations

from typing import Literal

from snnc.backends.diagram.words import visible

Value = str | float


def quoted(*lines: str, side: Literal["", "l", "r"] = "") -> str:
    """Return lines of text as one quoted string, centred, or flush with the left or right side."""
    if side:
        return '"' + "".join(f"{_escaped(line)}\\{side}" for line in lines) + '"'
    return '"' + r"\n".join(_escaped(line) for line in lines if line) + '"'


def attributes(**values: Value) -> str:
    """Return attributes in brackets; the values are ours or have passed `quoted`, colours are quoted here."""
    return ", ".join(f"{name}={_value(value)}" for name, value in values.items())


def _value(value: Value) -> str:
    if isinstance(value, str):
        return value if value.startswith('"') or value.isalpha() else f'"{value}"'
    return f"{value:.10g}"


def _escaped(text: str) -> str:
    return visible(text).replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")
