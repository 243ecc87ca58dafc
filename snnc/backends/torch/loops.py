"""The headers of BackRes loops, and which module of a list each application inside them takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from snnc.ir.graph import Graph
from snnc.ir.ops import Repeat


@dataclass(frozen=True)
class Place:
    """Where in a list an application finds its module: a sum of loop variables with factors.

    ``2 * outer + inner`` is ``Place((("outer", 2), ("inner", 1)))``.
    """

    terms: tuple[tuple[str, int], ...] = ()
    constant: int = 0

    def after(self, applications: int) -> Place:
        """The place that many applications further on."""
        return replace(self, constant=self.constant + applications)

    def inside(self, loop: Loop, applications: int) -> Place:
        """The place inside a loop each of whose steps has so many applications."""
        start = self.constant - loop.start * applications
        return Place((*self.terms, (loop.variable, applications)), start)

    def __str__(self) -> str:
        terms = [name if factor == 1 else f"{factor} * {name}" for name, factor in self.terms]
        return " + ".join([*terms, *([str(self.constant)] if self.constant or not terms else [])])


@dataclass(frozen=True)
class Loop:
    """A loop's first line. Inside it ``direct`` says how to get at the modules that it runs over.

    ``start`` is the first value of ``variable``; ``inside`` names the variables of the loops in it.
    """

    code: str
    variable: str
    start: int = 0
    direct: Mapping[str, str] = field(default_factory=dict)
    inside: tuple[str, ...] = ()

    @property
    def is_later(self) -> str:
        """The condition that this is not the first step."""
        return f"{self.variable} > {self.start}" if self.start else self.variable


def loop(
    times: int,
    names: tuple[str, ...],
    applied: Counter[str],
    places: Mapping[str, Place],
    total: Mapping[str, int],
    *,
    asks: bool,
) -> Loop:
    """Return the loop over the steps of a group.

    A body with one module of each step's own runs over these modules, any other over numbers.
    ``applied`` is how often one step applies each, ``places`` where the first step finds them,
    ``asks`` whether the body asks for the step's number.
    """
    if not asks and list(applied.values()) == [1] and not places[next(iter(applied))].terms:
        (name,) = applied
        each = "norm" if name.endswith("_bn") else "fire"
        run = _slice(places[name].constant, times, total[name])
        return Loop(f"for {each} in self.{name}{run}:", each, direct={name: each}, inside=names[1:])
    start = _common_start(applied, places)
    count = f"{start}, {start + times}" if start else str(times)
    shown = names[0] if applied or asks else "_"
    return Loop(f"for {shown} in range({count}):", names[0], start, inside=names[1:])


def _slice(start: int, count: int, total: int) -> str:
    if count == total:
        return ""
    end = "" if start + count == total else str(start + count)
    return f"[{start or ''}:{end}]"


def _common_start(applied: Mapping[str, int], places: Mapping[str, Place]) -> int:
    """Return the number to count from that keeps the places' constants small; else 0."""
    starts = {places[name].constant // uses for name, uses in applied.items()}
    return starts.pop() if len(starts) == 1 else 0


def variable_names(graph: Graph) -> tuple[str, ...]:
    """Return the variables of a nest of loops from the outside in; this is the outermost body."""
    depth = 1 + _depth(graph)
    match depth:
        case 1:
            return ("step",)
        case 2:
            return ("outer", "inner")
        case 3:
            return ("outer", "middle", "inner")
        case _:
            return tuple(f"_step{level}" for level in range(1, depth + 1))


def _depth(graph: Graph) -> int:
    groups = (node.op for node in graph if isinstance(node.op, Repeat))
    return max((_depth(group.body) + (group.times > 1) for group in groups), default=0)
