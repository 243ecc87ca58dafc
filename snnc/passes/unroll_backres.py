"""Write every group out step by step, and number the applications of what runs more than once.

Steps share weights and never state (Sec. IV): each application of a layer keeps its `WeightId` and
gets `StateId`, `NodeId` and batch norm of its own. Applications count from 1 in execution order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from snnc.diagnostics import Reporter
from snnc.ir.facts import Fact
from snnc.ir.graph import Graph, Node
from snnc.ir.ids import NodeId, StateId, WeightId
from snnc.ir.ops import BatchNorm, Capture, Carry, Neuron, Op, Repeat


@dataclass(frozen=True)
class UnrollBackRes:
    """The graph without groups; Fig. 1."""

    name: ClassVar[str] = "unroll-backres"
    needs: ClassVar[frozenset[Fact]] = frozenset({Fact.SHAPED})
    gives: ClassVar[frozenset[Fact]] = frozenset({Fact.UNROLLED})
    breaks: ClassVar[frozenset[Fact]] = frozenset()
    asks: ClassVar[bool] = False

    def __call__(self, graph: Graph, report: Reporter) -> Graph:
        """Return the unrolled graph."""
        return Graph(_numbered(tuple(_written_out(graph, (), Counter()))))


def _written_out(graph: Graph, outside: tuple[NodeId, ...], used: Counter[str]) -> Iterator[Node]:
    """Yield a graph's nodes with its groups written out and its names counted up as they recur.

    ``outside`` is what a body takes: the carry, then the captures.
    """
    stands_for: dict[NodeId, NodeId] = {}
    for node in graph:
        taken = tuple(stands_for[operand] for operand in node.operands)
        match node.op:
            case Carry():
                stands_for[node.id] = outside[0]
            case Capture(index=index):
                stands_for[node.id] = outside[index + 1]
            case Repeat():
                steps = tuple(_steps(node, node.op, taken, used))
                yield from steps
                stands_for[node.id] = steps[-1].id
            case _:
                stands_for[node.id] = _next(node.id.name, used)
                yield replace(node, id=stands_for[node.id], operands=taken)


def _steps(node: Node, op: Repeat, taken: tuple[NodeId, ...], used: Counter[str]) -> Iterator[Node]:
    """Yield the steps of a group, with what narrows the channels between them."""
    carry, *captures = taken
    before = next(one.shape for one in op.body if isinstance(one.op, Carry))
    for step in range(op.times):
        if step and op.narrow is not None:
            name = _next(f"{node.id.name}.narrow", used)
            yield Node(name, op.narrow, (carry,), origin=node.origin, shape=before)
            carry = name
        nodes = tuple(_written_out(op.body, (carry, *captures), used))
        yield from nodes
        carry = nodes[-1].id


def _next(name: str, used: Counter[str]) -> NodeId:
    used[name] += 1
    return NodeId(name, used[name])


def _numbered(nodes: tuple[Node, ...]) -> Iterator[Node]:
    """Yield the nodes with the number taken off whatever is applied only once."""
    total = Counter(node.id.name for node in nodes)

    def final(name: NodeId) -> NodeId:
        return name if total[name.name] > 1 else NodeId(name.name)

    for node in nodes:
        number = final(node.id).application
        operands = tuple(final(operand) for operand in node.operands)
        yield replace(node, id=final(node.id), operands=operands, op=_applied(node.op, number))


def _applied(op: Op, application: int) -> Op:
    match op:
        case Neuron(state=state):
            return replace(op, state=StateId(state.name, application))
        case BatchNorm(weight=weight) if application:
            return replace(op, weight=WeightId(f"{weight}@{application}"))
        case _:
            return op
