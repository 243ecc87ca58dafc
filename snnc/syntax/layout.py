"""Lay a chain out in lines: one for each size of the map, one for each group.

A line ends behind the pools that follow its layers, before and behind a group, behind a comment, and
where it would grow longer than 100 columns. A layer and what belongs to it stay together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from snnc.syntax import write
from snnc.syntax.remarks import Remarks
from snnc.syntax.tree import Group, Item, Pool
from snnc.syntax.units import parts

WIDTH = 100  # columns of a line ...
_HANGING = 110  # ... and of one that ends with a pool
_SHORT = 90  # columns of a chain that needs no lines at all
_INPUT = "Input"
_INDENT = 3  # columns, for what stands in a group


@dataclass(frozen=True)
class Atom:
    """What is not broken: a unit, or a group that fits in a line.

    ``before`` and ``behind`` are the places in the source whose comments stand there.
    """

    text: str
    before: tuple[int, ...]
    behind: tuple[int, ...]
    depth: int
    pool: bool = False
    break_before: bool = False
    break_behind: bool = False

    @property
    def alone(self) -> bool:
        """Whether it wants lines of its own."""
        return self.break_before or self.break_behind


def lay_out(items: Iterable[Item], remarks: Remarks) -> list[str]:
    """Return the lines of a chain, with the comments that belong to its layers.

    A short chain without groups is one line.
    """
    atoms = [atom for part in parts(items) for atom in _atoms(part, 0, remarks)]
    short = len(_INPUT) + sum(3 + len(atom.text) for atom in atoms) <= _SHORT
    if short and not remarks.between(atoms) and not any(atom.alone for atom in atoms):
        atoms = [_joined(atoms)] if atoms else []
    writer = _Writer(remarks)
    for atom in atoms:
        writer.add(atom)
    return writer.lines


def _joined(atoms: list[Atom]) -> Atom:
    text = " - ".join(atom.text for atom in atoms)
    return Atom(text, atoms[0].before, atoms[-1].behind, atoms[0].depth)


def _atoms(part: tuple[Item, ...], depth: int, remarks: Remarks) -> list[Atom]:
    head, *rest = part
    behind = [write.layer(item) for item in rest if not isinstance(item, Group)]
    if not isinstance(head, Group):
        start = (head.span.start,)
        return [Atom(" - ".join((write.layer(head), *behind)), start, start, depth, isinstance(head, Pool))]
    *others, last = _group(head, depth, remarks)
    return [*others, replace(last, text=" - ".join((last.text, *behind)))]


def _group(group: Group, depth: int, remarks: Remarks) -> list[Atom]:
    """Return a group as one atom, or as several where it is too long or has comments in it.

    What was said about its count, perhaps in a clause, stands before and behind it.
    """
    atoms = [atom for part in parts(group.items) for atom in _atoms(part, depth + 1, remarks)]
    first, count = atoms[0], group.times.span.start
    before = (group.span.start, count, *first.before)
    atoms[0] = replace(first, text=f"[{first.text}", before=before, depth=depth, break_before=True)
    behind = (*atoms[-1].behind, count)
    text = f"{atoms[-1].text}] {write.repeated(group.times, group.keep)}"
    atoms[-1] = replace(atoms[-1], text=text, behind=behind, break_behind=True)
    whole = replace(_joined(atoms), depth=depth, break_before=True, break_behind=True)
    fits = len(_lead(depth)) + len(whole.text) <= WIDTH
    return [whole] if fits and not remarks.between(atoms) else atoms


def _lead(depth: int) -> str:
    """Return what a line begins with."""
    return f"{' ' * (1 + _INDENT * depth)}- "


class _Writer:
    """The lines so far, and what has to be known of the last one."""

    def __init__(self, remarks: Remarks) -> None:
        self.lines: list[str] = []
        self._remarks = remarks
        self._last: Atom | None = None
        self._layers = False  # whether the last line has anything besides pools
        self._closed = False  # whether it ends with a group or a comment

    def add(self, atom: Atom) -> None:
        """Write one more atom, in the last line or in a new one."""
        before, behind = self._remarks.take(atom.before, atom.behind)
        if self._last is None:
            self.lines = [*before, f"{_INPUT} - {atom.text}"]
        elif before or self._full(self._last, atom):
            lead = _lead(atom.depth)
            self.lines += [*(f"{lead[:-2]}{comment}" for comment in before), f"{lead}{atom.text}"]
            self._layers = False
        else:
            self.lines[-1] += f" - {atom.text}"
        self.lines[-1] += f"  {behind}" if behind else ""
        self._layers = self._layers or not atom.pool
        self._closed = atom.break_behind or bool(behind)
        self._last = atom

    def _full(self, last: Atom, atom: Atom) -> bool:
        """Whether the next atom needs a new line."""
        smaller = last.pool and not atom.pool and self._layers  # the map has become smaller
        wide = len(self.lines[-1]) + 3 + len(atom.text) > (_HANGING if atom.pool else WIDTH)
        return self._closed or atom.break_before or smaller or wide
