"""The chain as a linked list of units, so that runs of them can be replaced by a group.

A unit is a layer, pool or group with what belongs to it: BN, Dropout, its neuron. Every list of
items, the chain's and each group's, is a list of its own. Costs are those of the units touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from snnc.source import Span
from snnc.syntax.tree import Activation, BatchNorm, Conv, Dropout, Group, Item, Linear, Pool


@dataclass(eq=False)
class Unit:
    """One link. ``names`` are the weighted layers within, ``first`` the first unit within a group.

    ``compared`` says that the listings behind a group were found alike.
    """

    items: tuple[Item, ...]
    names: tuple[str, ...] = ()
    first: Unit | None = None
    previous: Unit | None = None
    next: Unit | None = None
    parent: Unit | None = None
    compared: bool = False

    @property
    def head(self) -> Item:
        """What the unit is about; what belongs to it comes behind."""
        return self.items[0]

    @property
    def span(self) -> Span:
        """From the head to the last thing that belongs to it."""
        return self.items[0].span.to(self.items[-1].span)

    def outermost(self, names: frozenset[str]) -> Unit:
        """Return the largest group about this unit that holds nothing but these layers, or the unit."""
        parent = self.parent
        if parent is None or len(parent.names) > len(names) or not names.issuperset(parent.names):
            return self
        return parent.outermost(names)


@dataclass
class Chain:
    """A chain in units: its first one, and for each name the layers that bear it, in order."""

    first: Unit | None = None
    layers: dict[str, list[Unit]] = field(default_factory=dict)

    def enclose(self, run: list[Unit], last: Unit, group: Unit) -> None:
        """Put a group about a run of units; it takes the place of everything from there to ``last``."""
        group.first, group.parent = run[0], run[0].parent
        group.previous, group.next = run[0].previous, last.next
        if group.previous is not None:
            group.previous.next = group
        elif group.parent is not None:
            group.parent.first = group
        else:
            self.first = group
        if group.next is not None:
            group.next.previous = group
        run[0].previous = run[-1].next = None
        for unit in run:
            unit.parent = group


def link(items: Iterable[Item]) -> Chain:
    """Return a chain in units."""
    chain = Chain()
    chain.first = _link(items, None, chain.layers)
    return chain


def unlink(first: Unit | None) -> tuple[Item, ...]:
    """Return the items of a list of units, the contents of groups as they are now."""
    return tuple(item for unit in walk(first) for item in _items(unit))


def walk(first: Unit | None) -> Iterator[Unit]:
    """Yield a unit and those that follow it."""
    while first is not None:
        yield first
        first = first.next


def _items(unit: Unit) -> tuple[Item, ...]:
    if not isinstance(unit.head, Group):
        return unit.items
    return (replace(unit.head, items=unlink(unit.first)), *unit.items[1:])


def _link(items: Iterable[Item], parent: Unit | None, layers: dict[str, list[Unit]]) -> Unit | None:
    units = [_unit(part, parent, layers) for part in parts(items)]
    for before, after in pairwise(units):
        before.next, after.previous = after, before
    return units[0] if units else None


def _unit(part: tuple[Item, ...], parent: Unit | None, layers: dict[str, list[Unit]]) -> Unit:
    unit = Unit(part, parent=parent)
    match part[0]:
        case Conv() | Linear() as layer:
            unit.names = (layer.name.value,)
            layers.setdefault(layer.name.value, []).append(unit)
        case Group() as group:
            unit.first = _link(group.items, unit, layers)
            unit.names = tuple(name for inner in walk(unit.first) for name in inner.names)
        case Pool() | BatchNorm() | Dropout() | Activation():
            pass
    return unit


def parts(items: Iterable[Item]) -> Iterator[tuple[Item, ...]]:
    """Yield the items of each unit."""
    part: list[Item] = []
    for item in items:
        if part and not isinstance(item, BatchNorm | Dropout | Activation):
            yield tuple(part)
            part = []
        part.append(item)
    if part:
        yield tuple(part)
