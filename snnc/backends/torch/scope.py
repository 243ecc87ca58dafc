"""A graph while it is being written: the whole network, or a loop's body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from snnc.analysis.timing import Time, times
from snnc.backends.torch.layout import INDENT
from snnc.backends.torch.loops import Loop
from snnc.backends.torch.plan import Plan, plan
from snnc.ir.graph import Graph, Node
from snnc.ir.ids import NodeId, WeightId
from snnc.ir.ops import Capture, Repeat


@dataclass
class Scope:
    """A graph, how it is written down, and the variables of its values as far as they are written.

    ``direct`` says how to get at the modules that a loop runs over; ``loops`` names the variables
    of the loops still to come inside. ``ran`` are the layers that were written here so far.
    """

    graph: Graph
    known: Mapping[NodeId, Time]
    plan: Plan
    indent: str
    variables: dict[NodeId, str]
    direct: Mapping[str, str] = field(default_factory=dict)
    loops: tuple[str, ...] = ()
    body: bool = False
    ran: set[WeightId] = field(default_factory=set)

    @classmethod
    def of(cls, graph: Graph, indent: str) -> Scope:
        """Return the scope of a whole network."""
        known = times(graph)
        return cls(graph, known, plan(graph, known), indent, {})

    def inner(self, node: Node, repeat: Repeat, loop: Loop | None) -> Scope:
        """Return the scope of a group's body; without a loop it is written where it stands."""
        carry, *captures = (self.known[operand] for operand in node.operands)
        known = times(repeat.body, carry=carry, captures=tuple(captures))
        outer = [self.variable(operand) for operand in node.operands[1:]]
        return Scope(
            repeat.body,
            known,
            plan(repeat.body, known),
            self.indent + INDENT if loop else self.indent,
            {one.id: outer[one.op.index] for one in repeat.body if isinstance(one.op, Capture)},
            {**self.direct, **loop.direct} if loop else self.direct,
            loop.inside if loop else self.loops,
            body=True,
        )

    @cached_property
    def result(self) -> NodeId:
        """The node whose value the graph computes, as far as it is written."""
        return self.plan.stands_for[self.graph.output.id]

    def value(self, operand: NodeId) -> Node:
        """Return the node whose value an operand is."""
        return self.graph[self.plan.stands_for[operand]]

    def variable(self, operand: NodeId) -> str:
        """Return the variable that holds an operand's value."""
        return self.variables[self.plan.stands_for[operand]]

    def takes_train(self, node: Node) -> bool:
        """Whether a node is applied to a value that changes over time."""
        return any(self.known[operand] is Time.TRAIN for operand in node.operands)
