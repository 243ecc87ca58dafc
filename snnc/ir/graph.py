"""The graph: nodes in execution order over a frozen networkx DiGraph.

A graph never changes. `rewrite` is the only way to get a different one from it. Order is part of
the value: operands stand before their users, so walking a graph is executing it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

import networkx as nx

from snnc.ir.ids import NodeId
from snnc.ir.ops import Op, Repeat
from snnc.ir.shape import Shape
from snnc.source import Span


@dataclass(frozen=True)
class Origin:
    """Where a node was written, and where the numbers that can be wrong about it stand."""

    span: Span
    inputs: Span | None = None
    outputs: Span | None = None
    window: Span | None = None
    stride: Span | None = None


@dataclass(frozen=True)
class Node:
    """One operation on earlier nodes' values. ``shape`` is known once shapes are inferred."""

    id: NodeId
    op: Op
    operands: tuple[NodeId, ...] = ()
    origin: Origin = field(compare=False, repr=False, kw_only=True)
    shape: Shape | None = None

    @property
    def span(self) -> Span:
        """Where the layer was written."""
        return self.origin.span


Rule = Callable[[Node, tuple[Node, ...]], tuple[Node, ...]]
"""From a node, its operands renamed, and those operands as they are now, to the nodes that replace it.

The last of them stands for the old one; none at all means that the first operand does.
"""


class Graph:
    """Nodes in execution order; the last one is the output.

    Raises `ValueError` when an id is taken twice or an operand is not defined before its user:
    a compiler fault, never a user's.
    """

    def __init__(self, nodes: Iterable[Node]) -> None:
        graph: nx.DiGraph[NodeId] = nx.DiGraph()
        for node in nodes:
            if node.id in graph:
                raise ValueError(f"two nodes are named {node.id}")
            for operand in node.operands:
                if operand not in graph:
                    raise ValueError(f"{node.id} uses {operand} before it is defined")
            graph.add_node(node.id, node=node)
            graph.add_edges_from((operand, node.id) for operand in node.operands)
        if not graph:
            raise ValueError("a graph needs a node")
        self._graph = nx.freeze(graph)

    def __iter__(self) -> Iterator[Node]:
        return (node for _, node in self._graph.nodes(data="node"))

    def __len__(self) -> int:
        return len(self._graph)

    def __getitem__(self, node: NodeId) -> Node:
        found: Node = self._graph.nodes[node]["node"]
        return found

    def __contains__(self, node: NodeId) -> bool:
        return node in self._graph

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Graph) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(node.id for node in self))

    @property
    def output(self) -> Node:
        """The node whose value the graph computes."""
        return self[list(self._graph)[-1]]

    def operands(self, node: Node) -> tuple[Node, ...]:
        """The nodes whose values a node takes, in order."""
        return tuple(self[operand] for operand in node.operands)

    def users(self, node: Node) -> tuple[Node, ...]:
        """The nodes that take a node's value, in order of execution of the edges."""
        return tuple(self[user] for user in self._graph.successors(node.id))

    def walk(self) -> Iterator[Node]:
        """Every node, those of the bodies of groups included, a body's before its group."""
        for node in self:
            if isinstance(node.op, Repeat):
                yield from node.op.body.walk()
            yield node

    def rewrite(self, rule: Rule) -> Graph:
        """Return the graph that a rule makes of this one, node by node in execution order.

        Nodes that the output no longer needs are left out.
        """
        made: dict[NodeId, Node] = {}
        stands_for: dict[NodeId, NodeId] = {}
        for node in self:
            renamed = replace(node, operands=tuple(stands_for[operand] for operand in node.operands))
            new = rule(renamed, tuple(made[operand] for operand in renamed.operands))
            made.update((one.id, one) for one in new)
            stands_for[node.id] = new[-1].id if new else renamed.operands[0]
        return Graph(_needed(made, stands_for[self.output.id]))


def _needed(nodes: dict[NodeId, Node], output: NodeId) -> Iterator[Node]:
    """Yield the nodes that the output depends on, in their order."""
    needed = {output}
    for node in reversed(nodes.values()):
        if node.id in needed:
            needed.update(node.operands)
    return (node for node in nodes.values() if node.id in needed)
