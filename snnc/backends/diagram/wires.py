"""The ways of the edges, from corner to corner, and the words beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from snnc.backends.diagram.drawing import Edge, Route
from snnc.backends.diagram.layout import Column, Label, Place, Point, Wire
from snnc.backends.diagram.page import TOP, TURN, Page, Tracks

LANE = 12.0  # between two skips side by side, in pixels


@dataclass(frozen=True)
class Router:
    """Leads each edge along the lanes that it was given."""

    page: Page
    tracks: Tracks
    columns: tuple[Column, ...]
    places: Mapping[str, Place]

    def wire(self, edge: Edge) -> Wire:
        """Return an edge's way."""
        source, target = self.places[edge.source], self.places[edge.target]
        if self.page.is_straight(edge):
            return Wire(edge, self._down(edge, source, target))
        end = self.page.ends[edge]
        if source.column == target.column:
            lane = self.columns[source.column].lane + LANE * self.tracks.right[edge]
            return Wire(edge, _beside(lane, (source.right, source.middle), (target.right, end)))
        start = (source.right, source.middle)
        return Wire(edge, self._across(edge, target.column, start, (target.left, end)))

    def labels(self) -> Iterator[Label]:
        """Yield the words beside all edges but loops."""
        for edge in self.page.drawing.edges:
            if edge.route is Route.FLOW and edge.label:
                source = self.places[edge.source]
                yield Label(edge.route, edge.label, source.x + 6.0, source.bottom + 12.5)
            elif edge.route is Route.SKIP:
                yield from self._skip_labels(edge)

    def _skip_labels(self, edge: Edge) -> Iterator[Label]:
        """Yield a skip's shape above its last stretch and what it passed below."""
        target, end = self.places[edge.target], self.page.ends[edge]
        beside = self.places[edge.source].column == target.column
        x, anchor = (target.right + 9.0, "start") if beside else (target.left - 9.0, "end")
        if edge.label:
            yield Label(edge.route, edge.label, x, end - 3.5, anchor)
        if edge.note:
            yield Label(edge.route, edge.note, x, end + 10.5, anchor)

    def _down(self, edge: Edge, source: Place, target: Place) -> tuple[Point, ...]:
        """Return the main path's way to the next box, over to the next column if that is where it is."""
        if source.column == target.column:
            return ((source.x, source.bottom), (target.x, target.y))
        lane = self._gutter(edge, target.column)
        below, above = self.page.stacks[source.column].y + TURN, TOP
        corners = ((source.x, below), (lane, below), (lane, above), (target.x, above))
        return ((source.x, source.bottom), *corners, (target.x, target.y))

    def _across(self, edge: Edge, column: int, start: Point, end: Point) -> tuple[Point, ...]:
        """Return the way of a skip to another column."""
        last = self._gutter(edge, column)
        if edge not in self.tracks.below:
            return _beside(last, start, end)
        first = self._gutter(edge, self.places[edge.source].column + 1)
        below = self.page.bottom + TURN + LANE * (1 + self.tracks.below[edge])
        return (start, (first, start[1]), (first, below), (last, below), (last, end[1]), end)

    def _gutter(self, edge: Edge, column: int) -> float:
        return self.columns[column].left - 9.0 - LANE * self.tracks.gutter[edge, column]


def _beside(lane: float, start: Point, end: Point) -> tuple[Point, ...]:
    return (start, (lane, start[1]), (lane, end[1]), end)
