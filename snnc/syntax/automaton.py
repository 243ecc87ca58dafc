"""Ask the LALR tables which token may follow, without building anything.

A stack is a pair of a state and the stack below it, so keeping one costs nothing and none is ever
changed: `mend` tries repairs from any place it has passed.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from lark.parsers.lalr_analysis import Shift

from snnc.syntax.grammar import grammar

Stack = tuple[int, Any]
"""The state on top, and the rest: another stack, or None."""


@cache
def _tables() -> tuple[dict[int, dict[str, tuple[Any, Any]]], int, int]:
    """Return the actions of each state, the first state and the last one."""
    tables = grammar().parse_interactive().parser_state.parse_conf
    return tables.states, tables.start_state, tables.end_state


def initial() -> Stack:
    """Return the stack before the first token."""
    return (_tables()[1], None)


def step(stack: Stack, terminal: str) -> Stack | None:
    """Return the stack after one more token; None where it does not fit."""
    states, _, last = _tables()
    while True:
        found = states[stack[0]].get(terminal)
        if found is None:
            return None
        action, what = found
        if action is Shift:
            return (what, stack)
        for _ in what.expansion:
            stack = stack[1]
        stack = (states[stack[0]][what.origin.name][1], stack)
        if stack[0] == last and terminal == "$END":
            return stack


def choices(stack: Stack) -> list[str]:
    """Return the terminals that may follow, in the order of their names."""
    found = _tables()[0][stack[0]]
    return sorted(name for name in found if name.isupper() and step(stack, name) is not None)
