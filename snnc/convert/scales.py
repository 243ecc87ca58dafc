"""What a rate stands for: the factor between a spiking twin's values and its artificial twin's.

A neuron with threshold v that sees 1/k of the artificial current fires at 1/(k v) of the artificial
activation, so scales multiply along the network: k <- k v (Sec. IV: with a v for every unrolled step). What
is not linear in the input, a bias or a batch norm's shift, has to be divided by the k of the step that it
is added in; trains that are added up need one k. With a threshold per channel the k of a channel is k u,
and the next layer's weights take u up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Tensor

from snnc.convert.circuit import Circuit, is_spiking
from snnc.ir.graph import Node
from snnc.ir.ids import NodeId, StateId
from snnc.ir.ops import Conv, Dropout, Flatten, Input, Integrate, Join, Linear, Narrow, Pool

FIXED = NodeId("1")  # stands for all that has a scale of 1: the image, and what is computed once


class Unions:
    """Sets that grow together: the classes of an equivalence."""

    def __init__(self) -> None:
        self._above: dict[NodeId, NodeId] = {}

    def of(self, one: NodeId) -> NodeId:
        """Return the member that stands for a class."""
        while self._above.get(one, one) != one:
            one = self._above[one]
        return one

    def join(self, members: frozenset[NodeId]) -> None:
        """Put everything into one class; what stands for a fixed one is `FIXED`."""
        heads = sorted({self.of(one) for one in members}, key=lambda one: (one != FIXED, str(one)))
        for head in heads[1:]:
            self._above[head] = heads[0]


@dataclass(frozen=True)
class Scales:
    """How scales spread in a spiking circuit. ``profiles`` are the u of the neurons, by node: [C]."""

    circuit: Circuit
    profiles: Mapping[NodeId, Tensor] = field(default_factory=dict)

    @cached_property
    def sources(self) -> dict[NodeId, frozenset[NodeId]]:
        """The neurons whose scale a value has; `FIXED` where it is 1."""
        found: dict[NodeId, frozenset[NodeId]] = {}
        for node in self.circuit.graph:
            if is_spiking(node):
                found[node.id] = frozenset({node.id})
            elif isinstance(node.op, Input) or self.takes_up(node):
                found[node.id] = frozenset({FIXED})
            else:
                found[node.id] = frozenset().union(*(found[one] for one in node.operands))
        return found

    @cached_property
    def ties(self) -> Unions:
        """The neurons that must have one scale since their trains are joined."""
        unions = Unions()
        for node in self.circuit.graph:
            if isinstance(node.op, Join):
                unions.join(self.sources[node.id])
        return unions

    @cached_property
    def applications(self) -> dict[str, list[Node]]:
        """Where each weight is applied."""
        found: dict[str, list[Node]] = {}
        for node in self.circuit.graph:
            if isinstance(node.op, Conv | Linear):
                found.setdefault(node.op.weight, []).append(node)
        return found

    def takes_up(self, node: Node) -> bool:
        """Tell whether a layer takes its input's scale into its weights, so that the rest is the ANN's."""
        return (
            isinstance(node.op, Conv | Linear)
            and node.id in self.circuit.late
            and len(self.applications[node.op.weight]) == 1
        )

    def tied(self, node: Node) -> list[Node]:
        """Return the neurons of a neuron's class, itself included."""
        head = self.ties.of(node.id)
        return [one for one in self.circuit.spiking.values() if self.ties.of(one.id) == head]

    def spread(self, found: Mapping[StateId, float]) -> Spread:
        """Return the scale of every value as far as thresholds are known, in order of execution."""
        spread = Spread(self, {FIXED: 1.0})
        for node in self.circuit.graph:
            if not is_spiking(node):
                continue
            state = node.op.state  # type: ignore[union-attr]
            if not spread.settles(node, found.get(state)):
                break
        return spread

    def carrier(self, name: NodeId) -> NodeId:
        """Return the neuron whose channels a value's are; `FIXED` where a layer has mixed them."""
        node = self.circuit.graph[name]
        while isinstance(node.op, Pool | Flatten | Dropout | Integrate):
            node = self.circuit.graph[node.operands[0]]
        return node.id if is_spiking(node) else FIXED

    def profile(self, name: NodeId, channels: int) -> Tensor:
        """Return the u of a value's channels; 1 unless they are a neuron's."""
        return self.profiles.get(self.carrier(name), torch.ones(channels))


@dataclass(frozen=True)
class Spread:
    """The scales k that follow from some thresholds, by class; the thresholds that follow, by state."""

    scales: Scales
    known: dict[NodeId, float]
    thresholds: dict[StateId, float] = field(default_factory=dict)

    def settles(self, node: Node, threshold: float | None) -> bool:
        """Take a neuron's threshold in, or find it from its class. False where neither is known."""
        head, before = self.scales.ties.of(node.id), self.at(node.operands[0])
        if before is None:
            return False
        if head in self.known:
            threshold = self.known[head] / before
        elif threshold is not None:
            self.known[head] = before * threshold
        else:
            return False
        self.thresholds[node.op.state] = threshold  # type: ignore[union-attr]
        return True

    def at(self, name: NodeId) -> float | None:
        """Return the scale of a value; None where it is not known yet."""
        found = {self.known.get(self.scales.ties.of(one)) for one in self.scales.sources[name]}
        return None if None in found else max(one for one in found if one is not None)

    def forced(self, node: Node) -> bool:
        """Tell whether a neuron's threshold follows from its class."""
        return self.scales.ties.of(node.id) in self.known


def profiled(circuit: Circuit, largest: Mapping[StateId, Tensor], floor: float) -> dict[NodeId, Tensor]:
    """Return the profile u of each neuron's channels: the largest activations over that of the layer.

    ``largest`` are the greatest artificial activations [C]. Neurons that feed one weight share a profile,
    and where trains are joined or narrowed it is 1. A channel counts at least ``floor``.
    """
    scales, unions = Scales(circuit), Unions()
    for nodes in scales.applications.values():
        if not all(scales.takes_up(node) for node in nodes):
            unions.join(frozenset(scales.carrier(node.operands[0]) for node in nodes))
    for node in circuit.graph:
        if isinstance(node.op, Join | Narrow):
            unions.join(frozenset({FIXED, *map(scales.carrier, node.operands)}))
    found: dict[NodeId, Tensor] = {}
    for state, node in circuit.spiking.items():
        found[node.id] = torch.ones_like(largest[state])
        peers = [s for s, one in circuit.spiking.items() if unions.of(one.id) == unions.of(node.id)]
        peak = torch.stack([largest[one] for one in peers]).amax(0) if _alike(peers, largest) else None
        if peak is not None and unions.of(node.id) != FIXED and float(peak.max()) > 0:
            found[node.id] = (peak / peak.max()).clamp(min=floor)
    return found


def _alike(peers: list[StateId], largest: Mapping[StateId, Tensor]) -> bool:
    return len({largest[one].shape for one in peers}) == 1
