"""The graph: nodes in execution order, and as a frozen networkx DiGraph for whoever asks about edges.

A graph never changes. `rewrite` is the only way to get a different one from it. Order is part of
the value: operands stand before their users, so walking a graph is executing it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from snnc.ir.ids import NodeId
from snnc.ir.ops import Op, Repeat
from snnc.ir.shape import Shape
from snnc.source import Span

if TYPE_CHECKING:
    from networkx import DiGraph


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
        found: dict[NodeId, Node] = {}
        for node in nodes:
            if node.id in found:
                raise ValueError(f"two nodes are named {node.id}")
            for operand in node.operands:
                if operand not in found:
                    raise ValueError(f"{node.id} uses {operand} before it is defined")
            found[node.id] = node
        if not found:
            raise ValueError("a graph needs a node")
        self._nodes = MappingProxyType(found)
        self._last = node

    def __iter__(self) -> Iterator[Node]:
        return iter(self._nodes.values())

    def __len__(self) -> int:
        return len(self._nodes)

    def __getitem__(self, node: NodeId) -> Node:
        return self._nodes[node]

    def __contains__(self, node: NodeId) -> bool:
        return node in self._nodes

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Graph) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self._nodes))

    @cached_property
    def digraph(self) -> DiGraph[NodeId]:
        """The graph for networkx, frozen: an edge from every operand to its user."""
        # NOTE: networkx takes a tenth of a second to import, which a spec without skips does not need.
        import networkx as nx

        made: nx.DiGraph[NodeId] = nx.DiGraph()
        for node in self:
            made.add_node(node.id, node=node)
            made.add_edges_from((operand, node.id) for operand in node.operands)
        nx.freeze(made)
        return made

    @property
    def output(self) -> Node:
        """The node whose value the graph computes."""
        return self._last

    def operands(self, node: Node) -> tuple[Node, ...]:
        """The nodes whose values a node takes, in order."""
        return tuple(self[operand] for operand in node.operands)

    def users(self, node: Node) -> tuple[Node, ...]:
        """The nodes that take a node's value, in execution order."""
        return tuple(self[user] for user in self.digraph.successors(node.id))

    def walk(self) -> Iterator[Node]:
        """Every node, those of the bodies of groups included, a body's before its group."""
        for node in self:
            if isinstance(node.op, Repeat):
                yield from node.op.body.walk()
            yield node

    def up_to(self, node: Node) -> Graph:
        """Return the graph of a node's value: what it needs, and nothing else."""
        return Graph(_needed(dict(self._nodes), node.id))

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
