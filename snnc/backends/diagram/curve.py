"""Ways with rounded corners: where each bend begins and ends, and the same way as one Bezier curve."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import hypot

from snnc.backends.diagram.layout import Point

RADIUS = 7.0  # of a corner, in pixels


@dataclass(frozen=True)
class Bend:
    """A rounded corner: straight up to ``start``, round the corner, straight on from ``end``."""

    start: Point
    corner: Point
    end: Point


def bends(points: Sequence[Point]) -> Iterator[Bend]:
    """Yield the bends of a way, in its order; short stretches have tighter ones."""
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(RADIUS, _distance(before, corner) / 2, _distance(corner, after) / 2)
        yield Bend(towards(corner, before, radius), corner, towards(corner, after, radius))


def bezier(points: Sequence[Point]) -> list[Point]:
    """Return the control points of the way as one piecewise cubic curve: 3 n + 1 of them."""
    found = [points[0]]
    for bend in bends(points):
        found += [found[-1], bend.start, bend.start]
        found += [_between(bend.start, bend.corner, 2 / 3), _between(bend.end, bend.corner, 2 / 3), bend.end]
    return [*found, found[-1], points[-1], points[-1]]


def short_of_end(points: Sequence[Point], length: float) -> Point:
    """Return the point that far before the end of a way."""
    return towards(points[-1], points[-2], length)


def towards(start: Point, end: Point, length: float) -> Point:
    """Return the point that far from the start, on the way to the end."""
    return _between(start, end, length / max(_distance(start, end), length, 1e-9))


def _between(start: Point, end: Point, share: float) -> Point:
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _distance(one: Point, other: Point) -> float:
    return hypot(one[0] - other[0], one[1] - other[1])
