"""Everything on the page with its place, in pixels, y downwards: what `place` makes and `svg` paints."""

from __future__ import annotations

from dataclasses import dataclass

from snnc.backends.diagram.drawing import Box, Edge, Loop, Panel, Route

Point = tuple[float, float]


@dataclass(frozen=True)
class Column:
    """A column's sides, the centre line and half width of its boxes, and where its first skip runs."""

    left: float
    centre: float
    half: float
    lane: float
    right: float


@dataclass(frozen=True)
class Place:
    """A box with its centre line, its top, its size and its column."""

    box: Box
    column: int
    x: float
    y: float
    width: float
    height: float

    @property
    def left(self) -> float:
        """Where its left side is."""
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        """Where its right side is."""
        return self.x + self.width / 2

    @property
    def middle(self) -> float:
        """Halfway down."""
        return self.y + self.height / 2

    @property
    def bottom(self) -> float:
        """Where its lower side is."""
        return self.y + self.height


@dataclass(frozen=True)
class Frame:
    """A panel's or a loop's rectangle. ``again``: it goes on from the column before.

    Its words end at ``side``, left of where skips run.
    """

    frame: Panel | Loop
    again: bool
    x: float
    y: float
    width: float
    height: float
    side: float


@dataclass(frozen=True)
class Wire:
    """An edge's way from corner to corner; the arrow's head is at its end."""

    edge: Edge
    points: tuple[Point, ...]

    @property
    def route(self) -> Route:
        """Which way it goes; its colour depends on that."""
        return self.edge.route


@dataclass(frozen=True)
class Label:
    """Words beside a wire, or on it: ``anchor`` is what of the words stands at ``x``."""

    route: Route
    text: str
    x: float
    y: float
    anchor: str = "start"


@dataclass(frozen=True)
class Tie:
    """A line at the left, at ``x``, of boxes that share their weights; it touches each at its side."""

    x: float
    members: tuple[Place, ...]


@dataclass(frozen=True)
class Layout:
    """A page without its title and legend."""

    width: float
    height: float
    frames: tuple[Frame, ...]
    ties: tuple[Tie, ...]
    wires: tuple[Wire, ...]
    places: tuple[Place, ...]
    labels: tuple[Label, ...]


def tie_points(tie: Tie, above: Place, below: Place) -> tuple[Point, ...]:
    """Return the corners of a tie's way from one member to the next."""
    corners = ((tie.x, above.middle), (tie.x, below.middle))
    return ((above.left, above.middle), *corners, (below.left, below.middle))
