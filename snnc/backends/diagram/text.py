"""Drawing to text for a terminal: a line a box, frames as brackets at the left, skips where they end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from snnc.backends.diagram.drawing import Box, Drawing, Edge, Item, Panel, Route
from snnc.backends.diagram.words import visible

Row = tuple[str, ...]


def text_of(drawing: Drawing) -> str:
    """Return a drawing as lines of text: name, what it does, neuron, the shape where it changes."""
    rows = list(_Writer.of(drawing).rows(drawing.items, ""))
    widths = [max((len(row[column]) for row in rows if len(row) > 1), default=0) for column in range(4)]
    lines = [visible(drawing.title), *(_line(row, widths) for row in rows)]
    return "".join(f"{line}\n" for line in lines)


def _line(row: Row, widths: list[int]) -> str:
    if len(row) == 1:
        return row[0]
    return "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


@dataclass(frozen=True)
class _Writer:
    """What is said at a box of the edges there: the skips that end in it, the shape that leaves it."""

    titles: Mapping[str, str]
    skips: Mapping[str, list[Edge]]
    shapes: Mapping[str, str]

    @classmethod
    def of(cls, drawing: Drawing) -> _Writer:
        skips: dict[str, list[Edge]] = defaultdict(list)
        for edge in drawing.edges:
            if edge.route is Route.SKIP:
                skips[edge.target].append(edge)
        shapes = {edge.source: edge.label for edge in drawing.edges if edge.route is Route.FLOW}
        return cls({box.key: box.title for box in drawing.boxes}, skips, shapes)

    def rows(self, items: Iterable[Item], margin: str) -> Iterator[Row]:
        for item in items:
            if isinstance(item, Box):
                yield self._row(item, margin)
                continue
            label = f"{item.title}: {item.note}" if isinstance(item, Panel) else f"×{item.times} {item.note}"
            yield (f"{margin}┌ {visible(label).strip()}",)
            yield from self.rows(item.items, f"{margin}│ ")
            yield (f"{margin}└",)

    def _row(self, box: Box, margin: str) -> Row:
        with_ = (f"with {self._source(edge)}" for edge in self.skips.get(box.key, ()))
        detail = ", ".join((*filter(None, [box.detail]), *with_))
        neuron = ", ".join(filter(None, (box.neuron, *box.notes)))
        cells = (box.title, detail, neuron, self.shapes.get(box.key, ""))
        name, *others = (visible(cell) for cell in cells)
        return (f"{margin}{name}", *others)

    def _source(self, edge: Edge) -> str:
        return self.titles[edge.source] + (f" ({edge.note})" if edge.note else "")
