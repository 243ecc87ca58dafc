"""Who takes which value: the edges of a graph the other way round, in one walk and without networkx."""

from __future__ import annotations

from collections.abc import Mapping

from snnc.ir.graph import Graph, Node
from snnc.ir.ids import NodeId

Users = Mapping[NodeId, tuple[Node, ...]]


def users_of(graph: Graph) -> Users:
    """Return for every node those that take its value, each once, in execution order."""
    found: dict[NodeId, list[Node]] = {node.id: [] for node in graph}
    for node in graph:
        for operand in dict.fromkeys(node.operands):
            found[operand].append(node)
    return {name: tuple(nodes) for name, nodes in found.items()}
