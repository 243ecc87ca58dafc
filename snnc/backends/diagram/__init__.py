"""Program to diagram: a drawing first, then Graphviz's language, SVG of our own, text, or a rendered file."""

from __future__ import annotations

from snnc.backends.diagram.dot import dot_text
from snnc.backends.diagram.drawing import Drawing
from snnc.backends.diagram.render import EngineError, Format, Picture, render
from snnc.backends.diagram.sketch import draw
from snnc.backends.diagram.svg import svg_of, svg_text
from snnc.backends.diagram.text import text_of

__all__ = [
    "Drawing",
    "EngineError",
    "Format",
    "Picture",
    "dot_text",
    "draw",
    "render",
    "svg_of",
    "svg_text",
    "text_of",
]
