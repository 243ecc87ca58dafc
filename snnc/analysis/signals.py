"""What every edge of a timed, unrolled graph carries: an analog value, spikes, or something between.

The kind decides whether a layer multiplies or only accumulates. It is read off the operations, never
off the values: a time-step that happens to be silent is still a spike train. The graph must be
unrolled; a folded one is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from snnc.analysis.users import Users
from snnc.ir.graph import Graph, Node
from snnc.ir.ids import NodeId
from snnc.ir.ops import (
    BatchNorm,
    Capture,
    Carry,
    Classify,
    Conv,
    Dropout,
    Encode,
    Flatten,
    Identity,
    Input,
    Integrate,
    Join,
    Linear,
    Narrow,
    Neuron,
    Pool,
    Relu,
    Repeat,
    Spiking,
    Twin,
    Unit,
)
from snnc.ir.shape import Map


class Kind(StrEnum):
    """What the values of an edge are, from the cheapest to multiply with to the dearest."""

    SPIKE = "spike"  # 0 or 1
    SIGNED = "signed spike"  # -1, 0 or 1: Poisson coding of an image in [-1, 1]
    POOLED = "pooled spike"  # averages of spikes
    SUMMED = "summed spike"  # sums of trains
    ACCUMULATED = "accumulated"  # the mean of a train over time
    ANALOG = "analog"


_ORDER = tuple(Kind)
SPIKES = frozenset({Kind.SPIKE, Kind.SIGNED, Kind.POOLED, Kind.SUMMED})


@dataclass(frozen=True)
class Signal:
    """One edge. ``train``: a value per time-step; ``after_spikes``: it depends on a spike train.

    ``area`` is the number of values that an average pool made one of: a pooled spike of 1 stands for
    that many spikes.
    """

    kind: Kind
    train: bool = False
    after_spikes: bool = False
    area: int = 1

    @property
    def spikes(self) -> bool:
        """Whether the edge carries a train that can be accumulated without a multiplier."""
        return self.train and self.kind in SPIKES


def signals(graph: Graph) -> dict[NodeId, Signal]:
    """Return the signal that each node gives out. Raises `ValueError` for a folded graph."""
    found: dict[NodeId, Signal] = {}
    for node in graph:
        found[node.id] = _signal(graph, node, tuple(found[operand] for operand in node.operands))
    return found


def _signal(graph: Graph, node: Node, inputs: tuple[Signal, ...]) -> Signal:
    match node.op:
        case Input():
            return Signal(Kind.ANALOG)
        case Conv() | Linear() | BatchNorm() | Classify():
            return replace(inputs[0], kind=Kind.ANALOG, area=1)
        case Flatten() | Dropout():
            return inputs[0]
        case Pool(mode="max"):
            return inputs[0]
        case Pool(size=size):
            return _averaged(inputs[0], size**2 or _whole_map(graph, node))
        case Narrow(keep=keep, inputs=given, outputs=kept):
            return _averaged(inputs[0], given // kept) if keep == "mean" else inputs[0]
        case Neuron(unit=unit):
            return _fired(unit, inputs[0])
        case Join(mode=mode):
            return _joined(inputs, added=mode != "concat")
        case Encode(coding="poisson"):
            return Signal(Kind.SIGNED, train=True, after_spikes=True)
        case Encode():
            return replace(inputs[0], train=True)
        case Integrate():
            kind = Kind.ACCUMULATED if inputs[0].spikes else inputs[0].kind
            return replace(inputs[0], kind=kind, train=False, after_spikes=True)
        case Repeat() | Carry() | Capture():
            raise ValueError(f"{node.id}: signals are read off an unrolled graph")
        case _:
            assert_never(node.op)


def _whole_map(graph: Graph, node: Node) -> int:
    shape = graph.operands(node)[0].shape
    return shape.height * shape.width if isinstance(shape, Map) else 1


def _averaged(signal: Signal, area: int) -> Signal:
    if not signal.spikes or area == 1:
        return replace(signal, area=signal.area * area)
    return replace(signal, kind=max(signal.kind, Kind.POOLED, key=_ORDER.index), area=signal.area * area)


def _fired(unit: Unit | Twin, signal: Signal) -> Signal:
    match unit:
        case Spiking():
            return Signal(Kind.SPIKE, train=True, after_spikes=True)
        case Relu():
            return replace(signal, kind=Kind.ANALOG, area=1)
        case Identity():
            return signal
        case Twin():
            raise ValueError("signals are read off a graph whose twin is chosen")
        case _:
            assert_never(unit)


def _joined(inputs: tuple[Signal, ...], *, added: bool) -> Signal:
    """Concatenated trains are as dear as the dearest; added ones are counts."""
    kind = max((one.kind for one in inputs), key=_ORDER.index)
    if added and len(inputs) > 1 and kind in SPIKES:
        kind = Kind.SUMMED
    return Signal(
        kind,
        train=any(one.train for one in inputs),
        after_spikes=any(one.after_spikes for one in inputs),
        area=max(one.area for one in inputs),
    )


def unit_after(edges: Users, node: Node) -> Unit | Twin | None:
    """Return the neuron that a weighted layer feeds; None for an output layer or `identity`."""
    while True:
        users = edges[node.id]
        if len(users) != 1:
            return None
        node = users[0]
        if isinstance(node.op, Neuron):
            return None if isinstance(node.op.unit, Identity) else node.op.unit
        if not isinstance(node.op, BatchNorm | Encode | Dropout):
            return None
