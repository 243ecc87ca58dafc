"""Lay statements out in lines of at most `WIDTH` characters, as `ruff format` would.

What the printer writes needs little: calls, subscripts and sums without strings that hold brackets.
A statement that fits stays on its line; one that does not is broken at its last bracket.
"""

from __future__ import annotations

from collections.abc import Iterator

WIDTH = 110
INDENT = "    "
_OPEN, _CLOSE = "([", ")]"


def statement(code: str, indent: str, comment: str = "") -> list[str]:
    """Return the lines of a statement. A comment that does not fit behind it stands above it."""
    remark = f"  # {comment}" if comment else ""
    if len(indent) + len(code) + len(remark) <= WIDTH:
        return [f"{indent}{code}{remark}"]
    above = [f"{indent}# {comment}"] if comment else []
    return [*above, *_broken(code, indent)]


def _broken(code: str, indent: str) -> list[str]:
    if len(indent) + len(code) <= WIDTH:
        return [indent + code]
    comma = "," if code.endswith(",") else ""
    code = code.removesuffix(",")
    if code[-1] not in _CLOSE:
        return [indent + code + comma]
    start = _opening(code)
    inner = code[start + 1 : -1]
    first, last = f"{indent}{code[: start + 1]}", f"{indent}{code[-1]}{comma}"
    if len(indent) + len(INDENT) + len(inner) <= WIDTH:
        return [first, f"{indent}{INDENT}{inner}", last]
    parts = (line for part in _split(inner) for line in _broken(f"{part},", indent + INDENT))
    return [first, *parts, last]


def _opening(code: str) -> int:
    """Return where the bracket opens that the last character closes."""
    depth = 0
    for place in range(len(code) - 1, -1, -1):
        depth += (code[place] in _CLOSE) - (code[place] in _OPEN)
        if depth == 0:
            return place
    raise ValueError(f"a bracket is missing in {code}")


def _split(arguments: str) -> Iterator[str]:
    """Yield the arguments of a call."""
    depth = start = 0
    for place, character in enumerate(arguments):
        depth += (character in _OPEN) - (character in _CLOSE)
        if character == "," and depth == 0:
            yield arguments[start:place].strip()
            start = place + 1
    yield arguments[start:].strip()
