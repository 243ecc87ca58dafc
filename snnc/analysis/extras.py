"""What Eqns (8)-(9) leave out, item by item, for those who want it counted.

    bias    an addition for each output, at every run of the layer
    pool    an addition for each value of an average pool's windows
    norm    a multiplication with an addition for each normalised value
    neuron  an update of each spiking neuron at every step: a profile's own figure where it has one,
            else a MAC where the potential leaks and an AC where it does not
    heads   the head of stochmax that inference runs, once

Off by default, as in the paper; a report says which are on. Their rows have no MACs of Eqn (8).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from snnc.analysis.layers import LayerRow
from snnc.analysis.operations import Booking, Operation
from snnc.analysis.timing import Time, times
from snnc.ir.graph import Graph, Node
from snnc.ir.ids import NodeId
from snnc.ir.ops import BatchNorm, Classify, Conv, Linear, Neuron, Pool, Spiking
from snnc.ir.shape import Map

ITEMS = ("bias", "pool", "norm", "neuron", "heads")


class ItemError(ValueError):
    """An item that cannot be counted was asked for."""


@dataclass(frozen=True)
class Extra:
    """One item behind the node ``after``, with its operations in the spiking and the artificial twin."""

    after: NodeId
    row: LayerRow
    spiking: Booking
    artificial: Booking


def read_items(text: str) -> frozenset[str]:
    """Read ``bias,neuron`` or ``all``. Raises `ItemError`."""
    chosen = frozenset(part.strip() for part in text.split(",") if part.strip())
    if chosen == {"all"}:
        return frozenset(ITEMS)
    if unknown := chosen - set(ITEMS):
        raise ItemError(f"{', '.join(sorted(unknown))}: what can be counted is {', '.join(ITEMS)} or all")
    return chosen


def extras(graph: Graph, items: frozenset[str]) -> Iterator[Extra]:
    """Yield the items of an unrolled, timed graph, in execution order."""
    if not items:
        return
    known = times(graph)
    for node in graph:
        for item, operation, count, why in _counted(graph, node):
            if item in items:
                train = known[node.id] is Time.TRAIN
                yield _extra(node, item, Booking(operation, count, train, per_spike=False, why=why))


def _counted(graph: Graph, node: Node) -> Iterator[tuple[str, Operation, int, str]]:
    """Yield item, operation, count and reason."""
    size = node.shape.size if node.shape is not None else 0
    match node.op:
        case Conv(bias=True) | Linear(bias=True):
            yield "bias", Operation.AC, size, "biases"
        case Pool(mode="average", size=side):
            yield "pool", Operation.AC, size * (side**2 or _area(graph, node)), "values of windows"
        case BatchNorm():
            yield "norm", Operation.MAC, size, "normalised values"
        case Neuron(unit=Spiking(leak=leak)):
            yield "neuron", Operation.MAC if leak < 1 else Operation.AC, size, "neuron updates"
        case Classify(head="stochmax", features=features, classes=classes):
            yield "heads", Operation.MAC, features * classes, "the head that inference runs"
        case _:
            return


def _area(graph: Graph, node: Node) -> int:
    shape = graph.operands(node)[0].shape
    return shape.height * shape.width if isinstance(shape, Map) else 1


def _extra(node: Node, item: str, booking: Booking) -> Extra:
    """The artificial twin runs everything once, and has no spiking neurons to update."""
    updates = item == "neuron"
    row = LayerRow(
        node=node.id,
        layer=f"{node.id.name.removesuffix('.bn').removesuffix('.neuron')}.{item}",
        application=max(node.id.application, 1),
        kind="extra",
        shape=node.shape if node.shape is not None else Map(0, 0, 0),
        inputs=0,
        parameters=0,
        unshared=0,
        macs=0,
        contacts=0,
    )
    artificial = replace(booking, count=0 if updates else booking.count, per_step=False)
    return Extra(node.id, row, replace(booking, updates=updates), artificial)
