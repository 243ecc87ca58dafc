"""What a spiking twin has that was made of an artificial one, beside its spec."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import nn

from snnc.analysis.timing import Time, times
from snnc.backends.torch.names import pool_attribute
from snnc.ir.graph import Graph, Node
from snnc.ir.ids import StateId
from snnc.ir.ops import BatchNorm, Conv, Dropout, Encode, Linear, Neuron, Pool, Spiking
from snnc.nn import GatedMaxPool
from snnc.spec import model
from snnc.train.parts import spiking

Items = TypeVar("Items", bound=tuple[object, ...])


@dataclass(frozen=True)
class Converted:
    """Neurons without leak, whatever the spec says; ``initial`` is V before the first step, as a share of v.

    With ``per_channel`` there is a threshold for each channel. Max pools follow the counts of spikes.
    """

    initial: float = 0.0
    per_channel: bool = False

    @classmethod
    def of(cls, found: Mapping[str, object]) -> Converted:
        """Return what a file says of it. Raises `ValueError`, `TypeError` or `KeyError` for what is none."""
        initial, per_channel = found["initial"], found["per_channel"]
        if type(initial) not in (int, float) or not 0 <= float(str(initial)) < 1:
            raise ValueError(f"initial is {initial!r}")
        if type(per_channel) is not bool:
            raise TypeError(f"per_channel is {per_channel!r}")
        return cls(float(str(initial)), per_channel)


def without_leak(items: Items) -> Items:
    """Return the layers of a model with IF neurons in their spiking twin."""
    return tuple(_without_leak(one) for one in items)  # type: ignore[return-value]


def _without_leak(item: object) -> object:
    match item:
        case model.Group():
            return item.model_copy(update={"items": without_leak(item.items)})
        case model.Activation(snn=model.Unit(kind="lif") as unit):
            return item.model_copy(update={"snn": unit.model_copy(update={"kind": "if", "leak": 1.0})})
        case _:
            return item


def receive(module: nn.Module, graph: Graph, converted: Converted) -> None:
    """Make a fresh spiking twin ready for what a conversion has to store; ``graph`` is the unrolled one."""
    parts, shared = spiking(module), drifting(graph)
    for node in graph:
        if isinstance(node.op, Neuron) and isinstance(node.op.unit, Spiking) and node.shape is not None:
            part = parts[str(node.op.state)]
            part.initial = converted.initial
            if converted.per_channel:
                part.threshold = part.threshold.expand(node.shape.channels).clone()
            if node.op.state.name in shared:
                part.drift = torch.zeros(node.shape.channels)
    for name, pool in _gated(graph).items():
        timesteps = int(module.timesteps)  # type: ignore[arg-type]
        setattr(module, name, GatedMaxPool(pool.size, pool.stride, timesteps))


def drifting(graph: Graph) -> frozenset[str]:
    """Return the layers whose bias several unrolled steps share: each step needs its own share of it."""
    found: dict[str, list[StateId | None]] = {}
    for node in graph:
        if isinstance(node.op, Conv | Linear) and node.op.bias:
            found.setdefault(node.op.weight, []).append(_neurons_of(graph, node))
    return frozenset(name for name, states in found.items() if len(states) > 1 and None not in states)


def _neurons_of(graph: Graph, node: Node) -> StateId | None:
    """Return the spiking neurons that a layer feeds, unless a batch norm comes between."""
    users = graph.users(node)
    if len(users) != 1:
        return None
    match users[0].op:
        case Neuron(state=state, unit=Spiking()):
            return state
        case Dropout() | Encode():
            return _neurons_of(graph, users[0])
        case BatchNorm() | _:
            return None


def _gated(graph: Graph) -> dict[str, Pool]:
    """Return the max pools of spike trains by their attributes."""
    known = times(graph)
    return {
        pool_attribute(node.id.name): node.op
        for node in graph
        if isinstance(node.op, Pool) and node.op.mode == "max" and known[node.id] is Time.TRAIN
    }
