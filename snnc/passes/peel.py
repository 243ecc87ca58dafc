"""Take the first step out of a group that gets a static value and hands on trains.

Its first layer then works on what does not change over time, and can be computed once; the other
steps stay a group.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from snnc.analysis.timing import Time, body_time, times
from snnc.diagnostics import Reporter
from snnc.ir.facts import Fact
from snnc.ir.graph import Graph, Node
from snnc.ir.ids import NodeId
from snnc.ir.ops import Carry, Repeat
from snnc.passes.inline import inlined


@dataclass(frozen=True)
class Peel:
    """Groups whose input and output are of the same time. ``image`` is a train under Poisson coding."""

    image: Time

    name: ClassVar[str] = "peel"
    needs: ClassVar[frozenset[Fact]] = frozenset({Fact.TWIN_CHOSEN, Fact.SHAPED})
    gives: ClassVar[frozenset[Fact]] = frozenset({Fact.PEELED})
    breaks: ClassVar[frozenset[Fact]] = frozenset()
    asks: ClassVar[bool] = False

    def __call__(self, graph: Graph, report: Reporter) -> Graph:
        """Return the graph with the first steps of such groups before them."""
        return _peeled(graph, times(graph, self.image))


def _peeled(graph: Graph, known: dict[NodeId, Time]) -> Graph:
    def rule(node: Node, _operands: tuple[Node, ...]) -> tuple[Node, ...]:
        if not isinstance(node.op, Repeat):
            return (node,)
        outside = tuple(known[operand] for operand in graph[node.id].operands)
        return _peel(node, node.op, outside)

    return graph.rewrite(rule)


def _peel(node: Node, op: Repeat, outside: tuple[Time, ...]) -> tuple[Node, ...]:
    first = _inside(op.body, outside)
    if outside[0] is Time.TRAIN or body_time(node, outside) is Time.STATIC:
        return (replace(node, op=replace(op, body=first)),)
    step = list(inlined(first, node.operands, lambda name: name))
    if op.narrow is not None:
        name, shape = NodeId(f"{node.id}.narrow"), op.body[_carry(op.body)].shape
        step.append(Node(name, op.narrow, (step[-1].id,), origin=node.origin, shape=shape))
    later = replace(op, body=_inside(op.body, (Time.TRAIN, *outside[1:])), times=op.times - 1)
    return (*step, replace(node, op=later, operands=(step[-1].id, *node.operands[1:])))


def _inside(body: Graph, outside: tuple[Time, ...]) -> Graph:
    return _peeled(body, times(body, carry=outside[0], captures=outside[1:]))


def _carry(body: Graph) -> NodeId:
    return next(node.id for node in body if isinstance(node.op, Carry))
