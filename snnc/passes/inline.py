"""Put a group's body in the place of one of its steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from snnc.ir.graph import Graph, Node
from snnc.ir.ids import NodeId
from snnc.ir.ops import Capture, Carry

Rename = Callable[[NodeId], NodeId]


def inlined(body: Graph, operands: tuple[NodeId, ...], rename: Rename) -> Iterator[Node]:
    """Yield a body's nodes with its carry and captures replaced by ``operands``, its names by ``rename``.

    The last one yielded is the step's output.
    """
    stands_for: dict[NodeId, NodeId] = {}
    for node in body:
        match node.op:
            case Carry():
                stands_for[node.id] = operands[0]
            case Capture(index=index):
                stands_for[node.id] = operands[index + 1]
            case _:
                stands_for[node.id] = rename(node.id)
                taken = tuple(stands_for[operand] for operand in node.operands)
                yield replace(node, id=stands_for[node.id], operands=taken)
