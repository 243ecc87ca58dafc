"""Drawing to DOT, the language of Graphviz: the same boxes, panels and edges, to be laid out by others.

There are no links, every colour has six digits, and every label is written out, since some builds of
Graphviz drop the default ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from typing import assert_never

from snnc.backends.diagram import palette
from snnc.backends.diagram.drawing import Box, Drawing, Edge, Item, Kind, Loop, Panel, Route
from snnc.backends.diagram.metrics import notes_text, pill_texts
from snnc.backends.diagram.quote import Value, attributes, quoted

STYLES = {Route.FLOW: "solid", Route.SKIP: "dashed", Route.LOOP: "bold"}


def dot_text(drawing: Drawing) -> str:
    """Return a drawing in the DOT language, one statement a line; ``dot`` lays it out."""
    return "".join(f"{line}\n" for line in _lines(drawing))


def defaults() -> Iterator[str]:
    """Yield the statements on how everything looks that does not say more."""
    font = quoted(palette.FONTS[0])
    yield f"  node [{attributes(fontname=font, fontsize=11, margin='0.14,0.07', height=0.3)}];"
    yield f"  edge [{attributes(fontname=font, fontsize=9, arrowsize=0.7)}];"


def box_look(box: Box) -> dict[str, Value]:
    """Return the attributes of a box: its words, shape and colours."""
    tint = palette.tint_of(box)
    funnel = box.kind in {Kind.POOL, Kind.NARROW}
    look = {"shape": "invtrapezium" if funnel else "box", "style": "filled" if funnel else "rounded,filled"}
    colours = {"fillcolor": tint.fill, "color": tint.line, "fontcolor": palette.INK}
    return {"label": _box_label(box), **look, **colours}


def frame_look(frame: Panel | Loop, *, again: bool = False) -> dict[str, Value]:
    """Return the attributes of a panel's or loop's cluster."""
    if isinstance(frame, Panel):
        tint, label = palette.PANELS[frame.time], f"{frame.title}: {'continued' if again else frame.note}"
    else:
        tint, label = palette.LOOP, frame.note
    words: dict[str, Value] = {
        "label": quoted(label),
        "labeljust": "l",
        "fontsize": 10,
        "fontcolor": palette.QUIET,
    }
    return {**words, "style": "rounded,filled", "fillcolor": tint.fill, "color": tint.line}


def edge_look(route: Route) -> dict[str, Value]:
    """Return the attributes of an edge but for its label."""
    return {"color": palette.ROUTES[route], "fontcolor": palette.ROUTES[route], "style": STYLES[route]}


def ties(drawing: Drawing) -> Iterator[tuple[Box, Box]]:
    """Yield neighbours in a family: boxes that share their weights."""
    last: dict[int, Box] = {}
    for box in drawing.boxes:
        if box.family is not None:
            if box.family in last:
                yield last[box.family], box
            last[box.family] = box


def _lines(drawing: Drawing) -> Iterator[str]:
    title, font = quoted(drawing.title), quoted(palette.FONTS[0])
    place = attributes(label=title, labelloc="t", labeljust="l", fontname=font, fontsize=16)
    yield f"digraph {title} {{"
    yield f"  graph [{place}, {attributes(nodesep=0.35, ranksep=0.25)}];"
    yield from defaults()
    yield from _items(drawing.items, "  ", count(1))
    yield from map(_edge, drawing.edges)
    yield from (_tie(*pair) for pair in ties(drawing))
    yield "}"


def _items(items: Iterable[Item], margin: str, numbers: Iterator[int]) -> Iterator[str]:
    for item in items:
        match item:
            case Box():
                yield f"{margin}{quoted(item.key)} [{attributes(**box_look(item))}];"
            case Panel() | Loop():
                yield f"{margin}subgraph {quoted(f'cluster_{next(numbers)}')} {{"
                yield f"{margin}  graph [{attributes(**frame_look(item))}];"
                yield from _items(item.items, f"{margin}  ", numbers)
                yield f"{margin}}}"
            case _:
                assert_never(item)


def _edge(edge: Edge) -> str:
    # A blank keeps the words off the line.
    words = tuple(f" {line}" for line in (edge.label, edge.note) if line)
    free = {"constraint": "false"} if edge.route is Route.LOOP else {}
    look = attributes(label=quoted(*words), **edge_look(edge.route), **free)
    return f"  {quoted(edge.source)} -> {quoted(edge.target)} [{look}];"


def _tie(above: Box, below: Box) -> str:
    colour = palette.tint_of(above).line
    look = attributes(label='""', color=colour, style="dotted", dir="none", constraint="false")
    return f"  {quoted(above.key)} -> {quoted(below.key)} [{look}];"


def _box_label(box: Box) -> str:
    if box.kind not in {Kind.LAYER, Kind.NEURON}:
        return quoted("  ".join(pill_texts(box)))
    rows = ((box.title, box.neuron), (box.detail, box.count), (notes_text(box),))
    return quoted(*(" · ".join(part for part in row if part) for row in rows))
