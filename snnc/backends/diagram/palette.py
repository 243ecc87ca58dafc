"""The colours: soft, told apart by people who confuse red and green, and in grey by their lightness.

Six digits each, since older Graphviz paints ``#eef`` black. BackRes is red and skips are blue, as in
the paper's tables.
"""

from __future__ import annotations

from dataclasses import dataclass

from snnc.analysis.timing import Time
from snnc.backends.diagram.drawing import Box, Kind, Route

PAPER = "#ffffff"
INK = "#1f2430"
QUIET = "#4d5565"
FONTS = ("Helvetica", "Arial", "Liberation Sans", "DejaVu Sans", "sans-serif")

ROUTES = {Route.FLOW: "#3b4252", Route.SKIP: "#1c6aa8", Route.LOOP: "#b3302a"}


@dataclass(frozen=True)
class Tint:
    """A fill and the line around it."""

    fill: str
    line: str


PANELS = {Time.STATIC: Tint("#faf4e8", "#d9c59a"), Time.TRAIN: Tint("#edf3f9", "#aac3da")}

LOOP = Tint("#ffffff", "#dda29d")
PLAIN = Tint("#ffffff", "#7b8494")
STEP = Tint("#e6e8ec", "#8b93a1")
BORDER = Tint("#f7f7f8", "#7b8494")

# Neighbours differ in lightness, so that they can be told apart in grey.
FAMILIES = (
    Tint("#f8d2a4", "#b8701a"),
    Tint("#9accbe", "#22806a"),
    Tint("#e6def5", "#6f55a8"),
    Tint("#f0bcc6", "#a83f58"),
    Tint("#bbdbf2", "#2c6ea4"),
    Tint("#d8c765", "#857210"),
    Tint("#d6e4b0", "#5f7d1d"),
    Tint("#d0b094", "#805a3a"),
)


def tint_of(box: Box) -> Tint:
    """Return a box's colours: a family's where its weights are shared, else its kind's."""
    if box.family is not None:
        return FAMILIES[box.family % len(FAMILIES)]
    match box.kind:
        case Kind.LAYER | Kind.NEURON | Kind.JOIN:
            return PLAIN
        case Kind.POOL | Kind.NARROW:
            return STEP
        case _:
            return BORDER
