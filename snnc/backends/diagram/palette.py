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
QUIET = "#5d6675"
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

FAMILIES = (
    Tint("#f8d2a4", "#b8701a"),
    Tint("#b9ddd3", "#22806a"),
    Tint("#d9cdee", "#6f55a8"),
    Tint("#f3c0c8", "#b04860"),
    Tint("#a9cdea", "#2c6ea4"),
    Tint("#f2e7a0", "#978212"),
    Tint("#c5d69b", "#5f7d1d"),
    Tint("#e2cdbb", "#8a6443"),
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
