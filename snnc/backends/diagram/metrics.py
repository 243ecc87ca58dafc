"""How wide texts and how large boxes are, in pixels, without asking a font.

Widths are those of DejaVu Sans, the widest of the fonts that a reader is likely to have: what fits
there fits in Helvetica. A character that is not in the table counts as an em.
"""

from __future__ import annotations

from collections.abc import Iterable

from snnc.backends.diagram.drawing import Box, Drawing, Edge, Kind
from snnc.backends.diagram.words import visible

TITLE = 12.0  # font sizes
SMALL = 10.0
TINY = 9.0

ROW = 15.0
SIDE = 9.0  # between a box's edge and its text
GLYPH = 18.0
JOIN_STEP = 30.0  # between two skips that end in one join

_EM = {
    0.28: "ijl'",
    0.34: "I |.,:;[]\\/",
    0.40: 'ft!()"-',
    0.45: "r`",
    0.56: "csvxyzJ?*L_",
    0.62: "aeknouT$0123456789FYbdghpq",
    0.70: "ABCEKPRSVXZ&",
    0.84: "DGHNOQU#+<>=~^×→|…@w",
}
_WIDTH = {character: em for em, characters in _EM.items() for character in characters}


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return an upper estimate of a text's width at a font size, both in pixels."""
    ems = sum(_WIDTH.get(character, 1.0) for character in visible(text))
    return ems * size * (1.1 if bold else 1.0)


def neuron_width(box: Box) -> float:
    """Return the width of a neuron's words and its glyph."""
    return text_width(box.neuron, SMALL) + (GLYPH if box.glyph else 0.0)


def rows(box: Box) -> int:
    """Return how many lines of text a layer's box holds."""
    return 1 + bool(box.detail or box.count) + bool(box.notes)


def notes_text(box: Box) -> str:
    """Return a box's notes as one line."""
    return ", ".join(box.notes)


def words_width(edge: Edge) -> float:
    """Return the width of the words beside a skip."""
    return max(text_width(edge.label, TINY), text_width(edge.note, TINY))


def layer_width(drawing: Drawing) -> float:
    """Return the width that all boxes of layers get: the widest one's."""
    return max((_layer_width(box) for box in drawing.boxes), default=0.0)


def box_size(box: Box, layer: float, skips: int) -> tuple[float, float]:
    """Return a box's width and height; ``skips`` end in it."""
    match box.kind:
        case Kind.LAYER | Kind.NEURON:
            return layer, 11.0 + ROW * rows(box)
        case Kind.JOIN:
            return text_width(box.title, SMALL) + 2 * SIDE, 18.0 + JOIN_STEP * max(0, skips - 1)
        case Kind.POOL:
            return 0.8 * layer, 22.0
        case _:
            return max(0.6 * layer, _pill_width(box)), 24.0


def _layer_width(box: Box) -> float:
    if box.kind not in {Kind.LAYER, Kind.NEURON}:
        return 0.8 * _pill_width(box)
    first = text_width(box.title, TITLE, bold=True) + neuron_width(box)
    second = text_width(box.detail, SMALL) + text_width(box.count, SMALL)
    third = text_width(notes_text(box), SMALL)
    return 2 * SIDE + max(_pair(first, box.neuron), _pair(second, box.count), third, 194.0)


def _pair(width: float, right: str) -> float:
    return width + (12.0 if right else 0.0)


def _pill_width(box: Box) -> float:
    return 30.0 + sum(text_width(text, SMALL) + 6.0 for text in pill_texts(box))


def pill_texts(box: Box) -> Iterable[str]:
    """Return the words of a box that has one line."""
    return tuple(text for text in (box.title, box.detail, box.neuron, *box.notes) if text)
