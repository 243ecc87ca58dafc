"""Layout to SVG, with nothing but the standard library: a newcomer who has only pip gets a picture.

No script, no link, no style sheet, no id and no foreign object: a drawing can stand inline in a page
beside others and change nothing there.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from snnc.backends.diagram import metrics, palette, pen
from snnc.backends.diagram.drawing import Drawing, Kind, Panel, Route
from snnc.backends.diagram.layout import Frame, Label, Layout, Place, Tie, Wire, tie_points
from snnc.backends.diagram.legend import Entry, Mark, legend
from snnc.backends.diagram.legend import lines as legend_lines
from snnc.backends.diagram.palette import INK, QUIET, Tint
from snnc.backends.diagram.pen import Face
from snnc.backends.diagram.place import MARGIN, lay_out
from snnc.backends.diagram.sketch import draw
from snnc.backends.diagram.words import visible
from snnc.ir.program import Program

LINE = 18.0  # between two lines of the legend, in pixels
DASH = "5 3"

HEADLINE = Face(13.0, bold=True)
NAME = Face(metrics.TITLE, bold=True)
CAPTION = Face(fill=QUIET, bold=True)
ASIDE = Face(fill=QUIET)
TINY = Face(metrics.TINY, QUIET)


def svg_text(drawing: Drawing) -> str:
    """Return a drawing as a complete SVG document."""
    layout = lay_out(drawing)
    width = max(layout.width, 2 * MARGIN + metrics.text_width(drawing.title, 13.0, bold=True))
    entries = legend(drawing)
    lines = legend_lines(entries, [_entry_width(entry) for entry in entries], width - 2 * MARGIN)
    height = layout.height + MARGIN + LINE * len(lines)
    page = _page(drawing.title, width, height)
    pen.text(page, drawing.title, (MARGIN, 25.0), face=HEADLINE)
    _paint(page, layout)
    for number, line in enumerate(lines):
        _legend_line(page, line, layout.height + LINE * (number + 1))
    indent(page, " ")
    return f"{tostring(page, encoding='unicode')}\n"


def svg_of(program: Program) -> str:
    """Return a program's diagram as SVG; needs no other program and takes some milliseconds."""
    return svg_text(draw(program))


def _page(title: str, width: float, height: float) -> Element:
    across, down = pen.number(width), pen.number(height)
    size = {"width": across, "height": down, "viewBox": f"0 0 {across} {down}"}
    fonts = ", ".join(f"'{font}'" if " " in font else font for font in palette.FONTS)
    page = Element(
        "svg", {"xmlns": "http://www.w3.org/2000/svg", **size, "role": "img", "font-family": fonts}
    )
    SubElement(page, "title").text = visible(title)
    SubElement(page, "rect", {"width": across, "height": down, "fill": palette.PAPER})
    return page


def _paint(page: Element, layout: Layout) -> None:
    """Paint from the back to the front."""
    for frame in layout.frames:
        _frame(page, frame)
    for tie in layout.ties:
        _tie(page, tie)
    for wire in layout.wires:
        _wire(page, wire)
    for frame in layout.frames:
        _caption(page, frame)
    for place in layout.places:
        _box(page, place)
    for label in layout.labels:
        _label(page, label)


def _frame(page: Element, frame: Frame) -> None:
    corner, size = (frame.x, frame.y), (frame.width, frame.height)
    if isinstance(frame.frame, Panel):
        pen.rectangle(page, corner, size, palette.PANELS[frame.frame.time], 8.0)
    else:
        pen.rectangle(page, corner, size, palette.LOOP, 8.0, opacity="0.6")


def _caption(page: Element, frame: Frame) -> None:
    """Write a frame's words."""
    line = frame.y + 14.0
    if isinstance(frame.frame, Panel):
        pen.text(page, frame.frame.title, (frame.x + 9.0, line), face=CAPTION)
        note = "continued" if frame.again else frame.frame.note
        pen.text(page, note, (frame.side, line), "end", TINY)
    elif frame.frame.note:
        pen.text(page, frame.frame.note, (frame.side, line - 3.0), "end", TINY)


def _tie(page: Element, tie: Tie) -> None:
    colour = palette.tint_of(tie.members[0].box).line
    for above, below in pairwise(tie.members):
        pen.stroke(page, pen.rounded(tie_points(tie, above, below)), colour, 1.6)


def _wire(page: Element, wire: Wire) -> None:
    dash = DASH if wire.route is Route.SKIP else ""
    pen.arrow(page, wire.points, palette.ROUTES[wire.route], 1.8 if wire.route is Route.LOOP else 1.3, dash)


def _label(page: Element, label: Label) -> None:
    if label.route is not Route.LOOP:
        fill = QUIET if label.route is Route.FLOW else palette.ROUTES[label.route]
        pen.text(page, label.text, (label.x, label.y), label.anchor, replace(TINY, fill=fill))
        return
    colour = palette.ROUTES[Route.LOOP]
    width = max(22.0, metrics.text_width(label.text, metrics.SMALL, bold=True) + 6.0)
    pen.rectangle(page, (label.x - width / 2, label.y - 8.0), (width, 16.0), Tint("#ffffff", colour), 8.0)
    pen.text(page, label.text, (label.x, label.y + 3.6), "middle", Face(fill=colour, bold=True))


def _box(page: Element, place: Place) -> None:
    match place.box.kind:
        case Kind.LAYER | Kind.NEURON:
            _layer(page, place)
        case Kind.POOL | Kind.NARROW:
            _funnel(page, place)
        case _:
            radius = 9.0 if place.box.kind is Kind.JOIN else place.height / 2
            _rounded(page, place, radius)
            _words(page, place)


def _layer(page: Element, place: Place) -> None:
    box, left, right = place.box, place.left + metrics.SIDE, place.right - metrics.SIDE
    _rounded(page, place, 5.0)
    line = place.y + 16.5
    pen.text(page, box.title, (left, line), face=NAME)
    pen.glyph(page, box.glyph, (right - 12.0, line), INK)
    pen.text(page, box.neuron, (right - (metrics.GLYPH if box.glyph else 0.0), line), "end")
    if box.detail or box.count:
        line += metrics.ROW
        pen.text(page, box.detail, (left, line))
        pen.text(page, box.count, (right, line), "end", ASIDE)
    if box.notes:
        pen.text(page, metrics.notes_text(box), (left, line + metrics.ROW), face=ASIDE)


def _funnel(page: Element, place: Place) -> None:
    """Draw what makes a map smaller: a box whose lower side is shorter."""
    tint, slope = palette.tint_of(place.box), 12.0
    lower = ((place.right - slope, place.bottom), (place.left + slope, place.bottom))
    corners = ((place.left, place.y), (place.right, place.y), *lower)
    pen.polygon(page, corners, tint.fill, tint.line)
    _words(page, place)


def _rounded(page: Element, place: Place, radius: float) -> None:
    tint = palette.tint_of(place.box)
    pen.rectangle(page, (place.left, place.y), (place.width, place.height), tint, radius)


def _words(page: Element, place: Place) -> None:
    words = "  ".join(metrics.pill_texts(place.box))
    pen.text(page, words, (place.x, place.middle + 3.5), "middle")


def _entry_width(entry: Entry) -> float:
    return 40.0 + metrics.text_width(entry.text, metrics.TINY)


def _legend_line(page: Element, entries: list[tuple[float, Entry]], y: float) -> None:
    for x, entry in entries:
        _mark(page, entry.mark, MARGIN + x, y - 3.0)
        pen.text(page, entry.text, (MARGIN + x + 26.0, y), face=TINY)


def _mark(page: Element, mark: Mark, x: float, y: float) -> None:
    """Draw a mark, 20 pixels wide, its middle at the height ``y``."""
    match mark:
        case Mark.SHARED:
            for number, tint in enumerate(palette.FAMILIES[:2]):
                pen.rectangle(page, (x + 10.0 * number, y - 5.0), (8.0, 10.0), tint, 2.0)
        case Mark.LOOP:
            pen.arrow(page, ((x, y), (x + 20.0, y)), palette.ROUTES[Route.LOOP], 1.8)
        case Mark.SKIP:
            pen.arrow(page, ((x, y), (x + 20.0, y)), palette.ROUTES[Route.SKIP], 1.3, DASH)
        case Mark.RAMP:
            pen.glyph(page, "ramp", (x + 6.0, y + 4.0), INK)
        case Mark.SPIKES:
            pen.glyph(page, "spikes", (x + 6.0, y + 4.0), INK)
