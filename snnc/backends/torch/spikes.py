"""Which convolutions read spikes: values of which most are 0, and all others 1."""

from __future__ import annotations

from collections.abc import Iterator

from snnc.ir.graph import Graph, Node
from snnc.ir.ids import NodeId, WeightId
from snnc.ir.ops import Capture, Carry, Conv, Dropout, Join, Neuron, Pool, Repeat, Spiking


def convolved(graph: Graph) -> frozenset[WeightId]:
    """Return the weights that some convolution applies to what neurons fired.

    An average pool passes averages on, and an encoder of signed images spikes of both signs.
    """
    return frozenset(_convolved(graph, carry=False, captures=()))


def _convolved(graph: Graph, *, carry: bool, captures: tuple[bool, ...]) -> Iterator[WeightId]:
    known = _spikes(graph, carry=carry, captures=captures)
    for node in graph:
        taken = tuple(known[one] for one in node.operands)
        if isinstance(node.op, Repeat):
            body = node.op.body
            again = _spikes(body, carry=taken[0], captures=taken[1:])[body.output.id]
            yield from _convolved(body, carry=taken[0] or again, captures=taken[1:])
        elif isinstance(node.op, Conv) and taken[0]:
            yield node.op.weight


def _spikes(graph: Graph, *, carry: bool, captures: tuple[bool, ...]) -> dict[NodeId, bool]:
    """Tell of each node of a graph whether its values are spikes."""
    known: dict[NodeId, bool] = {}
    for node in graph:
        taken = tuple(known[one] for one in node.operands)
        known[node.id] = _is_spikes(node, taken, carry=carry, captures=captures)
    return known


def _is_spikes(node: Node, taken: tuple[bool, ...], *, carry: bool, captures: tuple[bool, ...]) -> bool:
    match node.op:
        case Neuron(unit=unit):
            return isinstance(unit, Spiking)
        case Carry():
            return carry
        case Capture(index=index):
            return captures[index]
        case Dropout() | Pool(mode="max"):
            return taken[0]
        case Join(mode="concat"):
            return all(taken)
        case Repeat(body=body):
            return _spikes(body, carry=taken[0], captures=taken[1:])[body.output.id]
        case _:
            return False
