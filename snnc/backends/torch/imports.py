"""The import lines of a printed module: what it uses and no more, in the order of the import sorters."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from snnc.backends.torch.layout import INDENT, WIDTH


@dataclass(frozen=True)
class Import:
    """One name from outside: ``import module as bound``, or ``from module import name``."""

    bound: str
    module: str
    name: str = ""

    @property
    def is_standard(self) -> bool:
        """Whether it comes with Python."""
        return self.module.partition(".")[0] in sys.stdlib_module_names


NETWORK = (
    Import("torch", "torch"),
    Import("F", "torch.nn.functional"),
    Import("Tensor", "torch", "Tensor"),
    Import("nn", "torch", "nn"),
)
"""What a network itself may import, apart from `snnc.nn`."""


def import_lines(imports: Iterable[Import]) -> list[str]:
    """Return the lines, Python's own modules apart from the others."""
    found = set(imports)
    standard = {one for one in found if one.is_standard}
    sections = [list(_section(part)) for part in (standard, found - standard) if part]
    return [line for number, part in enumerate(sections) for line in ([""] * (number > 0) + part)]


def _section(imports: Iterable[Import]) -> Iterator[str]:
    names: dict[str, list[str]] = defaultdict(list)
    whole: list[str] = []
    for one in imports:
        if one.name:
            names[one.module].append(one.name)
        else:
            whole.append(f"import {one.module}{'' if one.bound == one.module else f' as {one.bound}'}")
    yield from sorted(whole)
    for module in sorted(names):
        yield from _from(module, sorted(names[module], key=_order))


def _order(name: str) -> tuple[int, str]:
    """Constants, classes, functions."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2), name


def _from(module: str, names: list[str]) -> list[str]:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return [line]
    return [f"from {module} import (", *(f"{INDENT}{name}," for name in names), ")"]
