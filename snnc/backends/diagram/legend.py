"""What the marks mean: only those that the drawing holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from snnc.backends.diagram.drawing import Drawing, Route
from snnc.backends.diagram.palette import FAMILIES


class Mark(StrEnum):
    """A mark that a reader may have to look up."""

    SHARED = "shared"
    LOOP = "loop"
    SKIP = "skip"
    RAMP = "ramp"
    SPIKES = "spikes"


@dataclass(frozen=True)
class Entry:
    """One mark and its meaning.

    ``words`` say both where the mark cannot be drawn; empty for one that is not needed then.
    """

    mark: Mark
    text: str
    words: str = ""


def legend(drawing: Drawing) -> tuple[Entry, ...]:
    """Return the entries for the marks of a drawing, in a fixed order."""
    return tuple(_entries(drawing))


def lines(entries: Sequence[Entry], widths: Sequence[float], width: float) -> list[list[tuple[float, Entry]]]:
    """Return the entries line by line, each with its x; ``widths`` are theirs, ``width`` is the page's."""
    found: list[list[tuple[float, Entry]]] = []
    x = width
    for entry, wide in zip(entries, widths, strict=True):
        if x + wide > width:
            found.append([])
            x = 0.0
        found[-1].append((x, entry))
        x += wide
    return found


def _entries(drawing: Drawing) -> Iterator[Entry]:
    routes = {edge.route for edge in drawing.edges}
    families = Counter(box.family for box in drawing.boxes if box.family is not None)
    glyphs = {box.glyph for box in drawing.boxes}
    if any(count > 1 for count in families.values()):
        # There are not more colours than that, and then a tie alone can tell.
        mark = "one colour" if len(families) <= len(FAMILIES) else "tied at the left"
        yield Entry(Mark.SHARED, f"{mark}: the same weights", f"{mark}: the same weights")
    if Route.LOOP in routes:
        yield Entry(Mark.LOOP, "BackRes: runs on its own output", "red: BackRes, runs again")
    if Route.SKIP in routes:
        yield Entry(Mark.SKIP, "skip", "dashed: skip")
    if "ramp" in glyphs:
        yield Entry(Mark.RAMP, "ReLU")
    if "spikes" in glyphs:
        leaky = any(box.neuron.startswith("LIF") for box in drawing.boxes)
        yield Entry(Mark.SPIKES, "spiking neuron, leak per step" if leaky else "spiking neuron")
