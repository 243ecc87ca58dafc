"""Give every node its shape, and ask whether each layer fits on what arrives.

A mistake is reported once: after it, the layer's own numbers are believed, and where a shape is no
longer known nothing is asked until it is known again. A flattening that meets a vector goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from snnc.analysis.shapes import shape_if_fits
from snnc.diagnostics import Reporter
from snnc.ir.facts import Fact
from snnc.ir.graph import Graph, Node
from snnc.ir.ids import NodeId
from snnc.ir.ops import Capture, Carry, Classify, Conv, Flatten, Input, Join, Linear, Pool, Repeat
from snnc.ir.shape import Map, Shape, Vector
from snnc.passes import errors
from snnc.passes.fit_group import fit_group
from snnc.source import Span


@dataclass(frozen=True)
class BlockEntry:
    """What a block's spec says of its input: the shape, where it says so, and where it is used."""

    block: str
    shape: Map
    written: Span
    used: Span


@dataclass(frozen=True)
class InferShapes:
    """Shapes for every node, those inside groups included. ``entries``: blocks by their first node."""

    entries: Mapping[NodeId, BlockEntry] = field(default_factory=dict)

    name: ClassVar[str] = "infer-shapes"
    needs: ClassVar[frozenset[Fact]] = frozenset({Fact.SKIPS_RESOLVED})
    gives: ClassVar[frozenset[Fact]] = frozenset({Fact.SHAPED})
    breaks: ClassVar[frozenset[Fact]] = frozenset()
    asks: ClassVar[bool] = True

    def __call__(self, graph: Graph, report: Reporter) -> Graph:
        """Return the graph with shapes; unknown ones stay None where something was reported."""
        return graph.rewrite(_Walk(report, self.entries))


@dataclass(frozen=True)
class _Value:
    """Where a value comes from: its channels, its size, and how its shape reads."""

    channels: Span
    size: Span
    text: str


@dataclass(frozen=True)
class _Walk:
    """The rule for one graph. ``carry`` and ``captures`` are what a body takes from outside."""

    report: Reporter
    entries: Mapping[NodeId, BlockEntry]
    values: dict[NodeId, _Value] = field(default_factory=dict)
    carry: tuple[Shape | None, _Value] | None = None
    captures: tuple[tuple[Shape | None, _Value], ...] = ()

    def __call__(self, node: Node, operands: tuple[Node, ...]) -> tuple[Node, ...]:
        """Check one node against its operands and give it its shape."""
        match node.op:
            case Carry() if self.carry is not None:
                return (self._from_outside(node, *self.carry),)
            case Capture(index=index):
                return (self._from_outside(node, *self.captures[index]),)
            case Repeat():
                return (self._repeat(node, node.op, operands),)
            case Flatten() if isinstance(operands[0].shape, Vector):
                return ()
            case _:
                return (self._plain(node, operands),)

    def _plain(self, node: Node, operands: tuple[Node, ...]) -> Node:
        arriving = operands[0].shape if operands else None
        enters = arriving is None or self._enters(node, arriving)
        if arriving is not None and enters:
            self._check(node, operands[0], arriving)
        shape = shape_if_fits(node.op, tuple(operand.shape for operand in operands)) if enters else None
        self.values[node.id] = self._value(node, shape)
        return replace(node, shape=shape)

    def _from_outside(self, node: Node, shape: Shape | None, value: _Value) -> Node:
        self.values[node.id] = value
        return replace(node, shape=shape)

    def _repeat(self, node: Node, op: Repeat, operands: tuple[Node, ...]) -> Node:
        outside = tuple((operand.shape, self.values[operand.id]) for operand in operands)
        walk = _Walk(self.report, self.entries, carry=outside[0], captures=outside[1:])
        body = op.body.rewrite(walk)
        self.values[node.id] = walk.values[body.output.id]
        return fit_group(replace(node, op=replace(op, body=body)), operands[0].shape, self.report)

    def _enters(self, node: Node, arriving: Shape) -> bool:
        """Whether what arrives at a block is what its spec was written for; true of all other nodes."""
        entry = self.entries.get(node.id)
        if entry is None or entry.shape == arriving:
            return True
        found = (str(entry.shape), str(arriving))
        self.report(errors.BlockInput(entry.used, entry.block, *found, entry.written))
        return False

    def _value(self, node: Node, shape: Shape | None) -> _Value:
        """Layers make channels, windows make sizes; everything else hands on what it takes."""
        before = self.values[node.operands[0]] if node.operands else _Value(node.span, node.span, "")
        text = before.text if isinstance(node.op, Flatten) else str(shape)
        match node.op:
            case Conv() | Linear():
                made = node.origin.outputs or node.span
                return _Value(made, made if isinstance(node.op, Linear) else node.span, text)
            case Input() | Join():
                return _Value(node.span, node.span, text)
            case Pool():
                return _Value(before.channels, node.span, text)
            case _:
                return replace(before, text=text)

    def _check(self, node: Node, operand: Node, arriving: Shape) -> None:
        match node.op:
            case Conv():
                self._check_conv(node, node.op, operand.id, arriving)
            case Linear():
                self._check_linear(node, node.op, operand.id, arriving)
            case Pool():
                self._check_map(node, "a pool", node.op.size, node.op.size, arriving)
            case Classify(head="stochmax") if not isinstance(operand.op, Linear):
                self.report(errors.StochmaxNeedsLinear(node.span, node.span.text))
            case _:
                pass

    def _check_conv(self, node: Node, op: Conv, operand: NodeId, arriving: Shape) -> None:
        reach = op.dilation * (op.kernel - 1) + 1 - 2 * op.padding
        self._check_map(node, op.weight, reach, op.kernel, arriving)
        if isinstance(arriving, Map) and op.inputs != arriving.channels:
            span, made = node.origin.inputs or node.span, self.values[operand].channels
            self.report(errors.ChannelMismatch(span, op.weight, arriving.channels, op.inputs, made))

    def _check_map(self, node: Node, layer: str, reach: int, size: int, arriving: Shape) -> None:
        """Ask for a map at least as large as a window's reach, which is its size less the padding."""
        if not isinstance(arriving, Map):
            self.report(errors.NeedsMap(node.span, layer, arriving.size))
        elif reach > min(arriving.height, arriving.width):
            span = node.origin.window or node.span
            self.report(errors.MapTooSmall(span, size, arriving.height, arriving.width))

    def _check_linear(self, node: Node, op: Linear, operand: NodeId, arriving: Shape) -> None:
        if op.inputs != arriving.size:
            span, value = node.origin.inputs or node.span, self.values[operand]
            written = f"{op.weight}({op.inputs},{op.outputs})"
            self.report(
                errors.FanIn(span, op.weight, arriving.size, op.inputs, value.text, written, value.size)
            )
