"""Drawing to page: the columns, the height of everything in them, and the ways that need a lane.

The main path runs straight down and goes on at the top of the next column. Skips run at the right of
their column or in the gutter to the next; what passes whole columns runs below them all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from snnc.backends.diagram import metrics
from snnc.backends.diagram.columns import Token, columns
from snnc.backends.diagram.drawing import Box, Drawing, Edge, Kind, Route
from snnc.backends.diagram.lanes import Interval, lanes
from snnc.backends.diagram.stack import Size, Stack

TOP = 46.0  # the title's room, in pixels
TURN = 13.0  # above and below a column: where the main path goes over to the next


@dataclass(frozen=True)
class Page:
    """A drawing broken into columns. Heights are final, nothing has an x yet."""

    drawing: Drawing
    boxes: Mapping[str, Box]
    order: Mapping[str, int]
    layer: float
    sizes: Mapping[str, Size]
    rows: tuple[tuple[Token, ...], ...]
    stacks: tuple[Stack, ...]
    column: Mapping[str, int]

    @cached_property
    def bottom(self) -> float:
        """The lowest column's end."""
        return max(stack.y for stack in self.stacks)

    def top_of(self, key: str) -> float:
        """Return a box's upper side."""
        return self.stacks[self.column[key]].tops[key]

    def middle_of(self, key: str) -> float:
        """Return the height of a box's middle."""
        return self.top_of(key) + self.sizes[key].height / 2

    def is_straight(self, edge: Edge) -> bool:
        """Whether an edge goes to the very next box."""
        return edge.route is Route.FLOW and self.order[edge.target] == self.order[edge.source] + 1

    @cached_property
    def ends(self) -> Mapping[Edge, float]:
        """The height at which each skip arrives; those into one join one below the other, near ones first."""
        found: dict[Edge, float] = {}
        arrived: Counter[str] = Counter()
        skips = (edge for edge in self.drawing.edges if edge.route is not Route.LOOP)
        for edge in sorted(skips, key=lambda edge: -self.order[edge.source]):
            found[edge] = self._arrival(edge, arrived[edge.target])
            arrived[edge.target] += edge.route is Route.SKIP
        return found

    def _arrival(self, edge: Edge, number: int) -> float:
        if self.boxes[edge.target].kind is not Kind.JOIN:
            return self.middle_of(edge.target)
        return self.top_of(edge.target) + 9.0 + metrics.JOIN_STEP * number


@dataclass(frozen=True)
class Tracks:
    """Which lane each way runs in: at the right of its column, in a gutter, below the columns."""

    right: Mapping[Edge, int]
    gutter: Mapping[tuple[Edge, int], int]
    below: Mapping[Edge, int]
    rights: Mapping[int, int]
    gutters: Mapping[int, int]


def paginate(drawing: Drawing) -> Page:
    """Break a drawing into columns and stack each."""
    boxes = {box.key: box for box in drawing.boxes}
    layer = metrics.layer_width(drawing)
    sizes = _sizes(drawing, layer)
    rows = tuple(map(tuple, columns(drawing, {key: size.room for key, size in sizes.items()}, layer + 60.0)))
    top = TOP + (TURN if len(rows) > 1 else 0.0)
    stacks = tuple(Stack(sizes, top).fill(row) for row in rows)
    column = {key: number for number, stack in enumerate(stacks) for key in stack.tops}
    order = {key: number for number, key in enumerate(boxes)}
    return Page(drawing, boxes, order, layer, sizes, rows, stacks, column)


def tracks(page: Page) -> Tracks:
    """Give every way that is not straight its lanes."""
    right: dict[int, dict[Edge, Interval]] = {}
    gutter: dict[int, dict[Edge, Interval]] = {}
    below: dict[Edge, Interval] = {}
    for edge in page.drawing.edges:
        source, target = page.column[edge.source], page.column[edge.target]
        start, end = page.middle_of(edge.source), page.ends.get(edge, 0.0)
        if edge.route is Route.LOOP or (page.is_straight(edge) and source == target):
            continue
        if page.is_straight(edge):
            gutter.setdefault(target, {})[edge] = (0.0, page.bottom)
        elif source == target:
            right.setdefault(source, {})[edge] = (start, end)
        elif target == source + 1:
            gutter.setdefault(target, {})[edge] = (min(start, end), max(start, end))
        else:
            gutter.setdefault(source + 1, {})[edge] = (start, page.bottom)
            gutter.setdefault(target, {})[edge] = (end, page.bottom)
            below[edge] = (source + 0.5, target)
    chosen = {column: _lanes(wanted) for column, wanted in gutter.items()}
    rights = {column: _lanes(wanted) for column, wanted in right.items()}
    return Tracks(
        {edge: lane for found in rights.values() for edge, lane in found.items()},
        {(edge, column): lane for column, found in chosen.items() for edge, lane in found.items()},
        _lanes(below),
        {column: 1 + max(found.values()) for column, found in rights.items()},
        {column: 1 + max(found.values()) for column, found in chosen.items()},
    )


def _lanes(wanted: Mapping[Edge, Interval]) -> dict[Edge, int]:
    return dict(zip(wanted, lanes(tuple(wanted.values())), strict=True))


def _sizes(drawing: Drawing, layer: float) -> dict[str, Size]:
    skips = Counter(edge.target for edge in drawing.edges if edge.route is Route.SKIP)
    labelled = {edge.source for edge in drawing.edges if edge.route is Route.FLOW and edge.label}
    return {
        box.key: Size(*metrics.box_size(box, layer, skips[box.key]), box.key in labelled)
        for box in drawing.boxes
    }
