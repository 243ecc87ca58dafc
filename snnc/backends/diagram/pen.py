"""The strokes of which the SVG is made: paths, arrow heads, texts and the small pictures of neurons.

ElementTree does the escaping; attributes are numbers and colours of ours, only text is foreign.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from snnc.backends.diagram import curve, metrics, palette
from snnc.backends.diagram.drawing import Glyph
from snnc.backends.diagram.layout import Point
from snnc.backends.diagram.palette import Tint
from snnc.backends.diagram.words import visible

HEAD = 6.5  # the length of an arrow's head, in pixels


def number(value: float) -> str:
    """Return a coordinate with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")


@dataclass(frozen=True)
class Face:
    """How words look."""

    size: float = metrics.SMALL
    fill: str = palette.INK
    bold: bool = False


PLAIN = Face()


def text(page: Element, words: str, at: Point, anchor: str = "start", face: Face = PLAIN) -> None:
    """Write words; ``anchor`` is what of them stands at the point, whose y is the baseline."""
    look = {"font-size": number(face.size), "fill": face.fill}
    if face.bold:
        look["font-weight"] = "bold"
    if anchor != "start":
        look["text-anchor"] = anchor
    SubElement(page, "text", {"x": number(at[0]), "y": number(at[1]), **look}).text = visible(words)


def rectangle(page: Element, corner: Point, size: Point, tint: Tint, radius: float, **more: str) -> None:
    """Draw a rounded rectangle."""
    (x, y), (width, height) = corner, size
    place = {"x": number(x), "y": number(y), "width": number(width), "height": number(height)}
    look = {"rx": number(radius), "fill": tint.fill, "stroke": tint.line}
    SubElement(page, "rect", {**place, **look, **more})


def polygon(page: Element, points: Sequence[Point], fill: str, line: str = "none") -> None:
    """Draw a filled polygon."""
    corners = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    SubElement(page, "polygon", {"points": corners, "fill": fill, "stroke": line, "stroke-linejoin": "round"})


def stroke(page: Element, path: str, colour: str, width: float, dash: str = "") -> None:
    """Draw an open path."""
    look = {"fill": "none", "stroke": colour, "stroke-width": number(width)}
    SubElement(page, "path", {"d": path, **look, **({"stroke-dasharray": dash} if dash else {})})


def arrow(page: Element, points: Sequence[Point], colour: str, width: float, dash: str = "") -> None:
    """Draw a way from corner to corner, its corners rounded, with an arrow's head at its end."""
    end, along = points[-1], curve.short_of_end(points, HEAD)
    stroke(page, rounded((*points[:-1], along)), colour, width, dash)
    (x, y), (dx, dy) = along, ((end[1] - along[1]) / 2.2, (along[0] - end[0]) / 2.2)
    polygon(page, (end, (x + dx, y + dy), (x - dx, y - dy)), colour)


def rounded(points: Sequence[Point]) -> str:
    """Return the path along points whose corners are rounded."""
    bends = "".join(
        f"L{_pair(one.start)}Q{_pair(one.corner)} {_pair(one.end)}" for one in curve.bends(points)
    )
    return f"M{_pair(points[0])}{bends}L{_pair(points[-1])}"


def glyph(page: Element, which: Glyph, at: Point, colour: str) -> None:
    """Draw a neuron's small picture: a ramp or spikes, 12 by 8 pixels, up from its lower left corner."""
    x, y = (number(value) for value in at)
    if which == "ramp":
        stroke(page, f"M{x},{y}h6l6,-8", colour, 1.4)
    elif which == "spikes":
        stroke(page, f"M{x},{y}h12m-10,0v-8m4.5,8v-8m3,8v-8", colour, 1.2)


def _pair(point: Point) -> str:
    return f"{number(point[0])},{number(point[1])}"
