"""Layout to DOT in which everything has its place already: ``neato -n2`` only paints it, in any format.

PNG and PDF then look like the SVG of our own. Words outside boxes are nodes without a form. A pixel of
the layout is a point of Graphviz, whose y grows upwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import Literal

from snnc.backends.diagram import curve, metrics, palette
from snnc.backends.diagram.dot import box_look, defaults, edge_look, frame_look
from snnc.backends.diagram.drawing import Drawing, Panel, Route
from snnc.backends.diagram.layout import Frame, Label, Layout, Place, Point, Tie, Wire, tie_points
from snnc.backends.diagram.legend import legend, lines
from snnc.backends.diagram.place import MARGIN, lay_out
from snnc.backends.diagram.quote import Value, attributes, quoted

POINTS = 72  # an inch
SHARPEST = 192  # pixels an inch
LARGEST = 24e6  # pixels
HEAD = 7.0  # the length of an arrow's head, in points
SIDES: dict[str, Literal["", "l", "r"]] = {"start": "l", "end": "r", "middle": ""}
LINE = 16.0  # between two lines of the legend


def placed_text(drawing: Drawing, *, bitmap: bool = False) -> str:
    """Return a drawing in the DOT language with the places that `lay_out` gives it.

    A ``bitmap`` is asked for as sharp as print needs it, where it does not get too large.
    """
    layout = lay_out(drawing)
    painter = _Painter(layout.height, _dpi(layout) if bitmap else POINTS)
    return "".join(f"{line}\n" for line in painter.lines(drawing, layout))


@dataclass(frozen=True)
class _Words:
    """One line of text; ``anchor`` is what of it stands at ``x``, the baseline is at ``y``."""

    text: str
    x: float
    y: float
    anchor: str = "start"
    size: float = metrics.TINY
    colour: str = palette.QUIET
    font: str = palette.FONTS[0]


@dataclass(frozen=True)
class _Painter:
    """Writes statements for a page of this height, the legend not counted."""

    height: float
    dpi: int

    def lines(self, drawing: Drawing, layout: Layout) -> Iterator[str]:
        """Yield all statements; what comes first is painted first."""
        yield f"digraph {quoted(drawing.title)} {{"
        yield f"  graph [{attributes(label=quoted(), dpi=self.dpi, pad=0.15)}];"
        yield from defaults()
        for number, frame in enumerate(layout.frames):
            yield from self._frame(number, frame)
        yield from map(self._box, layout.places)
        for tie in layout.ties:
            yield from self._tie(tie)
        yield from map(self._wire, layout.wires)
        for number, label in enumerate(one for one in layout.labels if one.route is Route.LOOP):
            yield self._badge(number, label)
        for number, words in enumerate(_words(drawing, layout)):
            yield self._text(number, words)
        yield "}"

    def _frame(self, number: int, frame: Frame) -> Iterator[str]:
        """Yield a frame as a cluster without members: what lies in it is painted over it."""
        lower, upper = self._up(frame.y + frame.height), self._up(frame.y)
        look = frame_look(frame.frame) | {"label": quoted()}
        yield f"  subgraph {quoted(f'cluster_{number}')} {{"
        yield f"    graph [{attributes(**look, bb=_numbers(frame.x, lower, frame.x + frame.width, upper))}];"
        yield "  }"

    def _box(self, place: Place) -> str:
        spot = self._spot((place.x, place.middle), place.width, place.height)
        return f"  {quoted(place.box.key)} [{attributes(**box_look(place.box))}, {spot}];"

    def _wire(self, wire: Wire) -> str:
        edge, end = wire.edge, wire.points[-1]
        way = curve.bezier((*wire.points[:-1], curve.short_of_end(wire.points, HEAD)))
        pos = f"e,{_numbers(end[0], self._up(end[1]))} {self._way(way)}"
        look = attributes(label=quoted(), **edge_look(edge.route), pos=pos)
        return f"  {quoted(edge.source)} -> {quoted(edge.target)} [{look}];"

    def _tie(self, tie: Tie) -> Iterator[str]:
        colour = palette.tint_of(tie.members[0].box).line
        for above, below in pairwise(tie.members):
            way = self._way(curve.bezier(tie_points(tie, above, below)))
            look = attributes(label=quoted(), color=colour, penwidth=1.6, dir="none", pos=way)
            yield f"  {quoted(above.box.key)} -> {quoted(below.box.key)} [{look}];"

    def _badge(self, number: int, label: Label) -> str:
        """Return how often a loop goes round, in a box on its way back."""
        colour = palette.ROUTES[Route.LOOP]
        width = max(22.0, metrics.text_width(label.text, metrics.SMALL) + 6.0)
        words: dict[str, Value] = {
            "label": quoted(label.text),
            "fontsize": metrics.SMALL,
            "fontcolor": colour,
            "margin": 0,
        }
        look = {"shape": "box", "style": "rounded,filled", "fillcolor": palette.PAPER, "color": colour}
        spot = self._spot((label.x, label.y), width, 16.0)
        return f"  {quoted(f'times {number}')} [{attributes(**words, **look)}, {spot}];"

    def _text(self, number: int, words: _Words) -> str:
        """Return a node that is nothing but a line of text."""
        width = metrics.text_width(words.text, words.size, bold=True)
        x = words.x + {"start": width / 2, "end": -width / 2, "middle": 0.0}[words.anchor]
        spot = self._spot((x, words.y - 0.35 * words.size), width, 2 * words.size)
        font: dict[str, Value] = {
            "fontname": quoted(words.font),
            "fontsize": words.size,
            "fontcolor": words.colour,
        }
        label = quoted(words.text, side=SIDES[words.anchor])
        look = attributes(label=label, shape="plaintext", margin=0, **font)
        return f"  {quoted(f'words {number}')} [{look}, {spot}];"

    def _spot(self, middle: Point, width: float, height: float) -> str:
        pos = _numbers(middle[0], self._up(middle[1]))
        return attributes(pos=pos, width=width / POINTS, height=height / POINTS, fixedsize="true")

    def _way(self, points: Sequence[Point]) -> str:
        return " ".join(_numbers(x, self._up(y)) for x, y in points)

    def _up(self, y: float) -> float:
        return self.height - y


def _dpi(layout: Layout) -> int:
    fitting = POINTS * sqrt(LARGEST / (layout.width * layout.height))
    return max(POINTS, min(SHARPEST, int(fitting)))


def _words(drawing: Drawing, layout: Layout) -> Iterator[_Words]:
    """Yield all words outside boxes: the title, the captions of frames, what is beside edges, the legend."""
    yield _Words(drawing.title, MARGIN, 25.0, size=13.0, colour=palette.INK, font=f"{palette.FONTS[0]} Bold")
    for frame in layout.frames:
        yield from _caption(frame)
    for label in layout.labels:
        if label.route is not Route.LOOP:
            colour = palette.QUIET if label.route is Route.FLOW else palette.ROUTES[label.route]
            yield _Words(label.text, label.x, label.y, label.anchor, colour=colour)
    entries = [entry for entry in legend(drawing) if entry.words]
    widths = [metrics.text_width(entry.words, metrics.TINY) + MARGIN for entry in entries]
    for number, line in enumerate(lines(entries, widths, layout.width - 2 * MARGIN)):
        for x, entry in line:
            yield _Words(entry.words, MARGIN + x, layout.height + LINE * (number + 1))


def _caption(frame: Frame) -> Iterator[_Words]:
    line = frame.y + 14.0
    if isinstance(frame.frame, Panel):
        yield _Words(frame.frame.title, frame.x + 9.0, line, size=metrics.SMALL)
        yield _Words("continued" if frame.again else frame.frame.note, frame.side, line, "end")
    elif frame.frame.note:
        yield _Words(frame.frame.note, frame.side, line - 3.0, "end")


def _numbers(*values: float) -> str:
    """Return coordinates with at most two decimals."""
    return ",".join(f"{value:.2f}".rstrip("0").rstrip(".") for value in values)
