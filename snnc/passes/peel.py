"""Take the first step out of a group that gets a value of another time than it hands on.

Where it gets a static one, its first layer works on what does not change over time and can be
computed once. The other steps stay a group.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from snnc.analysis.timing import Time, body_demands, body_time, carry_of, demands, misfit, times
from snnc.diagnostics import Reporter
from snnc.ir.facts import Fact
from snnc.ir.graph import Graph, Node
from snnc.ir.ids import NodeId
from snnc.ir.ops import Repeat
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
        return _peeled(graph, times(graph, self.image), demands(graph, Time.STATIC))


def _peeled(graph: Graph, known: dict[NodeId, Time], wanted: dict[NodeId, Time]) -> Graph:
    def rule(node: Node, _operands: tuple[Node, ...]) -> tuple[Node, ...]:
        if not isinstance(node.op, Repeat):
            return (node,)
        outside = tuple(known[operand] for operand in graph[node.id].operands)
        return _peel(node, node.op, outside, wanted[node.id])

    return graph.rewrite(rule)


def _peel(node: Node, op: Repeat, outside: tuple[Time, ...], wanted: Time) -> tuple[Node, ...]:
    first = _inside(op.body, outside, wanted)
    if not misfit(node, outside, wanted):
        return (replace(node, op=replace(op, body=first)),)
    step = list(inlined(first, node.operands, lambda name: name))
    if op.narrow is not None:
        name, shape = NodeId(f"{node.id}.narrow"), op.body[carry_of(op.body)].shape
        step.append(Node(name, op.narrow, (step[-1].id,), origin=node.origin, shape=shape))
    later = _inside(op.body, (body_time(node, outside), *outside[1:]), wanted)
    rest = replace(op, body=later, times=op.times - 1)
    return (*step, replace(node, op=rest, operands=(step[-1].id, *node.operands[1:])))


def _inside(body: Graph, outside: tuple[Time, ...], wanted: Time) -> Graph:
    known = times(body, carry=outside[0], captures=outside[1:])
    return _peeled(body, known, body_demands(body, wanted))
