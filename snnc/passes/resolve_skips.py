"""Settle how each skip joins, and lead it through the pools that it jumps over.

The mode is inferred where the widths decide it: channels that add up to what the layer takes are
concatenated, equal ones are added. Otherwise it must be said. Where what the layer takes fits neither,
the nearer one is taken: the layer's own number is then what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import ClassVar

from snnc.analysis.shapes import shape_if_fits
from snnc.diagnostics import Reporter
from snnc.ir.facts import Fact
from snnc.ir.graph import Graph, Node
from snnc.ir.ids import NodeId
from snnc.ir.ops import Capture, Carry, Conv, Flatten, Join, JoinMode, Linear, Pool, Repeat
from snnc.ir.shape import Map, Shape, Vector
from snnc.passes import errors


@dataclass(frozen=True)
class ResolveSkips:
    """Joins with a mode, whose operands have the main path's size."""

    name: ClassVar[str] = "resolve-skips"
    needs: ClassVar[frozenset[Fact]] = frozenset()
    gives: ClassVar[frozenset[Fact]] = frozenset({Fact.SKIPS_RESOLVED})
    breaks: ClassVar[frozenset[Fact]] = frozenset({Fact.SHAPED})
    asks: ClassVar[bool] = True

    def __call__(self, graph: Graph, report: Reporter) -> Graph:
        """Return the graph with every join resolved; one that cannot be is reported."""
        return graph.rewrite(_Walk(graph, report))


@dataclass(frozen=True)
class _Walk:
    """The rule for one graph. ``shapes`` holds what is known so far of the new nodes' shapes."""

    graph: Graph
    report: Reporter
    shapes: dict[NodeId, Shape | None] = field(default_factory=dict)
    made: dict[NodeId, Node] = field(default_factory=dict)
    carry: Shape | None = None
    captures: tuple[Shape | None, ...] = ()

    def __call__(self, node: Node, operands: tuple[Node, ...]) -> tuple[Node, ...]:
        """Resolve a join; follow the shapes through everything else."""
        match node.op:
            case Join():
                new = self._join(node, node.op, operands)
            case Repeat():
                new = (self._repeat(node, node.op),)
            case _:
                new = (node,)
        for one in new:
            self._note(one)
        return new

    def _note(self, node: Node) -> None:
        self.made[node.id] = node
        match node.op:
            case Carry():
                self.shapes[node.id] = self.carry
            case Capture(index=index):
                self.shapes[node.id] = self.captures[index]
            case Repeat():
                self.shapes[node.id] = _group_shape(node.op, self.shapes[node.operands[0]])
            case _:
                operands = tuple(self.shapes[operand] for operand in node.operands)
                self.shapes[node.id] = shape_if_fits(node.op, operands)

    def _repeat(self, node: Node, op: Repeat) -> Node:
        outside = tuple(self.shapes[operand] for operand in node.operands)
        walk = _Walk(op.body, self.report, carry=outside[0], captures=outside[1:])
        return replace(node, op=replace(op, body=op.body.rewrite(walk)))

    def _join(self, node: Node, op: Join, operands: tuple[Node, ...]) -> tuple[Node, ...]:
        main, *skipped = operands
        branches = [self._led(node, main, skip) for skip in skipped]
        for branch in branches:
            for one in branch[1:]:
                self._note(one)
        ends = tuple(branch[-1].id for branch in branches)
        shapes = (self.shapes[main.id], *(self.shapes[end] for end in ends))
        mode = self._mode(node, op.mode, shapes)
        joined = replace(node, op=Join(mode), operands=(main.id, *ends))
        return (*(one for branch in branches for one in branch[1:]), joined)

    def _led(self, join: Node, main: Node, skip: Node) -> list[Node]:
        """Return the skipped value and the copies of the main path's pools that it has to pass."""
        path = [skip]
        for pool in self._pools_between(skip.id, main):
            name = NodeId(f"{join.id}.{skip.id}.{pool.id}")
            path.append(Node(name, pool.op, (path[-1].id,), origin=join.origin))
        return path

    def _pools_between(self, start: NodeId, end: Node) -> list[Node]:
        """Return the pools (and flattenings) of the main path after ``start``, in its order."""
        found: list[Node] = []
        while end.id != start and end.operands:
            if isinstance(end.op, Pool | Flatten):
                found.append(end)
            end = self.made[end.operands[0]]
        return found[::-1]

    def _mode(self, node: Node, mode: JoinMode, shapes: tuple[Shape | None, ...]) -> JoinMode:
        known = tuple(shape for shape in shapes if shape is not None)
        if len(known) < len(shapes):
            return "add" if mode == "infer" else mode
        if mode == "infer":
            mode = self._inferred(node, known)
        for skipped in known[1:]:
            if not _fits(mode, known[0], skipped):
                self.report(errors.SkipMisfit(node.span, str(skipped), str(known[0]), mode))
        return mode

    def _inferred(self, node: Node, shapes: tuple[Shape, ...]) -> JoinMode:
        """Return the mode whose width is nearest to what the layer takes; that it fits is asked later."""
        widths = [shape.channels for shape in shapes]
        taken = self._taken(node, shapes[0])
        if len(set(widths)) == 1:
            return "add" if abs(taken - widths[0]) < abs(taken - sum(widths)) else "concat"
        if abs(taken - widths[0]) < abs(taken - sum(widths)):
            target = node.id.name.removesuffix(".join")
            self.report(_undecided(node, target, shapes, round(taken)))
            return "tile"
        return "concat"

    def _taken(self, join: Node, main: Shape) -> float:
        """Return how many channels the layer behind the join takes; after a flattening, per position."""
        user = next(iter(self.graph.users(self.graph[join.id])), None)
        while user is not None:
            match user.op:
                case Conv():
                    return user.op.inputs
                case Linear():
                    positions = main.height * main.width if isinstance(main, Map) else 1
                    return user.op.inputs / positions
                case Repeat():
                    return next(_taken_by(user.op))
                case _:
                    user = next(iter(self.graph.users(user)), None)
        return main.channels


def _taken_by(op: Repeat) -> Iterator[int]:
    """Yield what the weighted layers of a group take, the first one first."""
    for node in op.body.walk():
        if isinstance(node.op, Conv | Linear):
            yield node.op.inputs


def _group_shape(op: Repeat, before: Shape | None) -> Shape | None:
    """A group keeps the map's size; its last layer says the channels."""
    channels = [node.op.outputs for node in op.body.walk() if isinstance(node.op, Conv | Linear)]
    if before is None or not channels:
        return before
    return replace(before, channels=channels[-1]) if isinstance(before, Map) else Vector(channels[-1])


def _fits(mode: JoinMode, main: Shape, skipped: Shape) -> bool:
    if _side(main) != _side(skipped):
        return False
    if mode == "concat":
        return True
    return skipped.channels <= main.channels if mode == "tile" else skipped.channels == main.channels


def _side(shape: Shape) -> tuple[int, int] | None:
    return (shape.height, shape.width) if isinstance(shape, Map) else None


def _undecided(node: Node, target: str, shapes: tuple[Shape, ...], taken: int) -> errors.SkipUndecided:
    main, skipped = shapes[0].channels, shapes[1].channels
    if main == taken and skipped < main:
        advice = f"`tile` repeats the {skipped} channels up to {main} and adds them"
        return errors.SkipUndecided(node.span, target, skipped, main, taken, advice, f"{node.span.text} tile")
    advice = f"neither fits: {target} takes {taken}; make them equal to add, or {main + skipped} to concat"
    return errors.SkipUndecided(node.span, target, skipped, main, taken, advice, "")
