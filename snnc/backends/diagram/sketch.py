"""Program to drawing.

Boxes stand in order of execution. The main path, from the output back through every first operand,
runs down the page. What a skip passes on its way (a pool, a spike encoder) has no box but is a note
on its edge; a layer's batch norm, dropout and neuron are words in the layer's box. Folded and
unrolled graphs are drawn alike; shapes are shown where they are known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import assert_never

from snnc.analysis.timing import Time, times
from snnc.backends.diagram import boxes, words
from snnc.backends.diagram.drawing import Box, Drawing, Edge, Loop, Route
from snnc.backends.diagram.panels import panelled
from snnc.ir.graph import Graph, Node
from snnc.ir.ids import NodeId
from snnc.ir.ops import (
    BatchNorm,
    Capture,
    Carry,
    Classify,
    Conv,
    Dropout,
    Encode,
    Flatten,
    Input,
    Integrate,
    Join,
    Linear,
    Narrow,
    Neuron,
    Pool,
    Repeat,
)
from snnc.ir.program import Program
from snnc.ir.shape import Map, Shape


def draw(program: Program, thresholds: boxes.Thresholds | None = None) -> Drawing:
    """Return the drawing of a program, folded or unrolled.

    ``thresholds`` are words to print with the neurons, such as those that a conversion found. A
    layer inside a folded group shows those of all its applications.
    """
    sketch = _Sketch(thresholds or {})
    items, _ = sketch.graph(program.graph, (), ())
    sketch.colour(items)
    return Drawing(words.title_text(program), panelled(sketch.resolved(items)), tuple(sketch.edges))


@dataclass(frozen=True)
class _Value:
    """What an edge would carry: where it comes from, and what it passed on the way."""

    box: str
    shape: Shape | None
    time: Time
    passed: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Ring:
    """A loop whose boxes may still be added to."""

    items: tuple[_Spot, ...]
    times: int
    note: str


_Spot = str | _Ring


@dataclass(frozen=True)
class _Frame:
    """The graph that is being drawn: times, main path, what comes from outside, what is done."""

    times: Mapping[NodeId, Time]
    spine: frozenset[NodeId]
    carry: tuple[_Value, ...]
    captures: tuple[_Value, ...]
    spots: list[_Spot] = field(default_factory=list)
    values: dict[NodeId, _Value] = field(default_factory=dict)


@dataclass
class _Sketch:
    """The boxes and edges so far, and the shape that enters each box."""

    thresholds: boxes.Thresholds
    drawn: dict[str, Box] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    entering: dict[str, Shape | None] = field(default_factory=dict)

    def graph(
        self, graph: Graph, carry: tuple[_Value, ...], captures: tuple[_Value, ...]
    ) -> tuple[tuple[_Spot, ...], _Value]:
        """Draw a graph or a body; return its boxes in order and the value that it computes."""
        carried = carry[0].time if carry else Time.STATIC
        known = times(graph, carry=carried, captures=tuple(value.time for value in captures))
        frame = _Frame(known, _spine(graph), carry, captures)
        for node in graph:
            frame.values[node.id] = self._value(frame, node)
        return tuple(frame.spots), frame.values[graph.output.id]

    def colour(self, spots: tuple[_Spot, ...]) -> None:
        """Number the weights that are used more than once: by several boxes, or inside a loop."""
        looped = [key for spot in spots if isinstance(spot, _Ring) for key in _keys(spot.items)]
        uses = Counter(box.weight for box in self.drawn.values() if box.weight)
        uses.update(self.drawn[key].weight for key in looped)
        shared = (weight for weight, count in uses.items() if weight and count > 1)
        families = {weight: number for number, weight in enumerate(shared)}
        seen: set[str] = set()
        for key, box in self.drawn.items():
            count = "same weights" if box.weight in seen else box.count
            self.drawn[key] = replace(box, family=families.get(box.weight), count=count)
            seen |= {box.weight} - {""}

    def resolved(self, spots: tuple[_Spot, ...]) -> tuple[Box | Loop, ...]:
        """Return the boxes and loops that the spots stand for."""
        return tuple(
            Loop(self.resolved(spot.items), spot.times, spot.note)
            if isinstance(spot, _Ring)
            else self.drawn[spot]
            for spot in spots
        )

    def _value(self, frame: _Frame, node: Node) -> _Value:
        """Draw a node; return its value."""
        operands = tuple(frame.values[operand] for operand in node.operands)
        op, time = node.op, frame.times[node.id]
        match op:
            case Carry():
                return frame.carry[0]
            case Capture():
                return frame.captures[op.index]
            case Flatten():
                return operands[0]
            case Repeat():
                return self._repeat(frame, node, op, operands)
            case BatchNorm() | Dropout() | Neuron():
                return self._modifier(frame, node, op, operands)
            case Pool() | Narrow() | Encode() | Integrate() if node.id not in frame.spine:
                return _past(operands[0], node, time, boxes.step_text(op))
            case (
                Input() | Conv() | Linear() | Join() | Classify() | Pool() | Narrow() | Encode() | Integrate()
            ):
                return self._box(frame, node, boxes.box_of(node, op, time), operands)
            case _:
                assert_never(op)

    def _box(self, frame: _Frame, node: Node, box: Box, operands: tuple[_Value, ...]) -> _Value:
        """Add a box and the edges that enter it; the first is the main path's."""
        self.drawn[box.key] = box
        frame.spots.append(box.key)
        self.entering[box.key] = operands[0].shape if operands else node.shape
        self.edges += [
            self._skip(value, node) if number else self._flow(value, box)
            for number, value in enumerate(operands)
        ]
        return _Value(box.key, node.shape, box.time)

    def _flow(self, value: _Value, box: Box) -> Edge:
        """Return the main path's edge, with the map's shape where the box before has changed it."""
        news = isinstance(value.shape, Map) and value.shape != self.entering[value.box]
        return Edge(value.box, box.key, Route.FLOW, words.shape_text(value.shape) if news else "")

    def _skip(self, value: _Value, node: Node) -> Edge:
        note = words.passed_text(value.passed)
        if isinstance(node.op, Classify):
            return Edge(value.box, str(node.id), Route.SKIP, "features", note)
        return Edge(value.box, str(node.id), Route.SKIP, words.shape_text(value.shape), note)

    def _modifier(
        self, frame: _Frame, node: Node, op: boxes.Modifier, operands: tuple[_Value, ...]
    ) -> _Value:
        """Write a modifier into its layer's box; give it a box of its own where it stands apart."""
        value = operands[0]
        time = frame.times[node.id]
        if node.id not in frame.spine and value.passed:
            return _past(value, node, time, boxes.modifier_text(op))
        if value.passed or self.drawn[value.box].kind not in boxes.CAN_BE_MODIFIED:
            return self._box(frame, node, boxes.neuron_box(node, op, time, self.thresholds), operands)
        self.drawn[value.box] = boxes.modified(self.drawn[value.box], op, self.thresholds)
        return replace(value, shape=node.shape, time=time)

    def _repeat(self, frame: _Frame, node: Node, op: Repeat, operands: tuple[_Value, ...]) -> _Value:
        """Draw a body inside a ring, and the edge back from its last box to its first."""
        spots, value = self.graph(op.body, operands[:1], operands[1:])
        frame.spots.append(_Ring(spots, op.times, words.narrow_text(op.narrow) if op.narrow else ""))
        self.edges.append(Edge(value.box, next(_keys(spots)), Route.LOOP, f"×{op.times}"))
        return value


def _spine(graph: Graph) -> frozenset[NodeId]:
    """Return the main path: the output, and first operands all the way back."""
    node, found = graph.output, [graph.output.id]
    while node.operands:
        node = graph[node.operands[0]]
        found.append(node.id)
    return frozenset(found)


def _past(value: _Value, node: Node, time: Time, text: str) -> _Value:
    """Return the value of a skip after what it passed."""
    return _Value(value.box, node.shape, time, (*value.passed, text))


def _keys(spots: tuple[_Spot, ...]) -> Iterator[str]:
    """Yield the boxes among spots and inside them, in order."""
    for spot in spots:
        if isinstance(spot, _Ring):
            yield from _keys(spot.items)
        else:
            yield spot
