"""The drawing: what a diagram shows, before anybody decides how.

`sketch` makes one from a program; `dot` and `layout` read it. Frozen, in order of execution, free
of coordinates and colours. It refuses nothing and knows no escaping: its texts are plain text, and
each writer makes them inert in its own format.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from snnc.analysis.timing import Time


class Kind(StrEnum):
    """What a box stands for; it decides the box's form."""

    INPUT = "input"
    ENCODE = "encode"
    INTEGRATE = "integrate"
    LAYER = "layer"
    NEURON = "neuron"
    POOL = "pool"
    NARROW = "narrow"
    JOIN = "join"
    CLASSIFY = "classify"


Glyph = Literal["", "ramp", "spikes"]


@dataclass(frozen=True)
class Box:
    """One thing on the page. A layer's batch norm, dropout and neuron are words in its box.

    ``family`` numbers the weights that are used more than once; boxes of one family share their
    weights and get one colour. ``glyph`` is the neuron's small picture: a ramp or spikes.
    """

    key: str
    kind: Kind
    time: Time
    title: str
    neuron: str = ""
    glyph: Glyph = ""
    detail: str = ""
    count: str = ""
    notes: tuple[str, ...] = ()
    weight: str = ""
    family: int | None = None


class Route(StrEnum):
    """Which way an edge goes: down the main path, past some layers, or back."""

    FLOW = "flow"
    SKIP = "skip"
    LOOP = "loop"


@dataclass(frozen=True)
class Edge:
    """A value that goes from one box to another.

    ``label`` is its shape where that is news, or how often a loop goes round; ``note`` what happens to
    it on the way.
    """

    source: str
    target: str
    route: Route
    label: str = ""
    note: str = ""


@dataclass(frozen=True)
class Loop:
    """A BackRes block of a folded graph: its items run ``times`` times on their own output."""

    items: tuple[Item, ...]
    times: int
    note: str = ""


@dataclass(frozen=True)
class Panel:
    """Neighbours whose values are of one time: computed once (``ANN``), or at every step (``SNN``)."""

    items: tuple[Item, ...]
    time: Time
    title: str
    note: str


Item = Box | Loop | Panel


@dataclass(frozen=True)
class Drawing:
    """A whole diagram. ``title`` is a line above it."""

    title: str
    items: tuple[Item, ...]
    edges: tuple[Edge, ...]

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Every box, in order of execution."""
        return tuple(boxes_of(self.items))


def boxes_of(items: tuple[Item, ...]) -> Iterator[Box]:
    """Yield the boxes among items and inside them, in order."""
    for item in items:
        if isinstance(item, Box):
            yield item
        else:
            yield from boxes_of(item.items)
