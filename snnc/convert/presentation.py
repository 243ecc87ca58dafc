"""A batch of images presented to a network, a block of time after another: memory does not grow with T.

What lives from block to block is what neurons carry, the counts of what is gated or narrowed by activity,
and the sums of what is averaged over time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import torch
from torch import Tensor

from snnc.analysis.timing import Time
from snnc.convert.circuit import Circuit
from snnc.convert.firing import Membrane
from snnc.ir.graph import Node
from snnc.ir.ids import NodeId
from snnc.ir.ops import Encode, Input, Integrate, Narrow, Neuron, Pool, Spiking
from snnc.nn.gate import gated_max_pool


class Presentation:
    """Some values of one batch, from the first step to the last.

    ``targets`` are the values that are wanted; what ``known`` names is given with every block, and
    ``fixed`` are values that are known and do not change. An image that is coded as spikes is among the
    known ones, since chance is drawn for whole batches.
    """

    def __init__(
        self,
        circuit: Circuit,
        image: Tensor,
        targets: Iterable[NodeId],
        known: Iterable[NodeId] = (),
        fixed: Mapping[NodeId, Tensor] = MappingProxyType({}),
    ) -> None:
        self.circuit, self.image, self.targets = circuit, image, set(targets)
        self.plan = circuit.plan(self.targets, {*known, *fixed})
        self.early: dict[NodeId, Tensor] = dict(fixed)
        for node in self._static():
            self.early[node.id] = self._early(node)
        self.trains = [node for node in self.plan if self._runs(node)]
        self.late = [node for node in self.plan if node.id in circuit.late]
        self.last = _last_uses(self.trains)
        self.membranes: dict[NodeId, Membrane] = {}
        self.counts: dict[NodeId, Tensor] = {}
        self.sums: dict[NodeId, Tensor] = {}
        self.steps = 0

    def block(self, steps: int, given: Mapping[NodeId, Tensor]) -> dict[NodeId, Tensor]:
        """Go on by some steps; return the trains among the targets, ``[steps, B, ...]``."""
        values = dict(given)
        wanted: dict[NodeId, Tensor] = {}
        for place, node in enumerate(self.trains):
            operands = [self._operand(one, values) for one in node.operands]
            value = self._train(node, operands, steps)
            if isinstance(node.op, Integrate):
                self.sums[node.id] = self._added(node.id, operands[0])
                continue
            values[node.id] = value
            if node.id in self.targets:
                wanted[node.id] = value
            for done in self.last.get(place, ()):
                values.pop(done, None)
        self.steps += steps
        return wanted

    def behind(self, steps: int | None = None) -> dict[NodeId, Tensor]:
        """Return the targets that are computed once, from the means over the steps so far.

        ``steps`` asks for those after an earlier step of the last block.
        """
        after = steps or self.steps
        values = {name: sums[after - self.steps - 1] / after for name, sums in self.sums.items()}
        for node in self.late:
            if node.id not in values:
                operands = [values[one] if one in values else self.early[one] for one in node.operands]
                values[node.id] = self.circuit.apply(node, operands)
        return {name: value for name, value in (self.early | values).items() if name in self.targets}

    def _static(self) -> list[Node]:
        circuit = self.circuit
        return [n for n in self.plan if circuit.times[n.id] is Time.STATIC and n.id not in circuit.late]

    def _early(self, node: Node) -> Tensor:
        if isinstance(node.op, Input):
            return self.image
        return self.circuit.apply(node, [self.early[one] for one in node.operands])

    def _runs(self, node: Node) -> bool:
        return self.circuit.times[node.id] is Time.TRAIN or isinstance(node.op, Integrate)

    def _operand(self, name: NodeId, values: Mapping[NodeId, Tensor]) -> Tensor:
        return values[name] if name in values else self.early[name]

    def _train(self, node: Node, operands: list[Tensor], steps: int) -> Tensor:
        x = operands[0]
        match node.op:
            case Encode(coding="hold"):
                return x.expand(steps, *x.shape)
            case Neuron(state=state, unit=Spiking()):
                if node.id not in self.membranes:
                    self.membranes[node.id] = Membrane.of(self.circuit.neurons(state), x)
                return self.membranes[node.id].fire(x)
            case Narrow():
                return self._narrowed(node, x)
            case Pool(mode="max", size=size, stride=stride):
                return self._counted(node, x, lambda train: gated_max_pool(train, size, stride))
            case Integrate():
                return x
            case _:
                return self.circuit.apply(node, operands)

    def _narrowed(self, node: Node, x: Tensor) -> Tensor:
        return self._counted(node, x, self.circuit.narrow(node))

    def _counted(self, node: Node, x: Tensor, layer) -> Tensor:  # type: ignore[no-untyped-def]  # noqa: ANN001
        """Apply what looks at all spikes so far: those before the block stand in front of it as one step."""
        before = self.counts.get(node.id)
        self.counts[node.id] = x.sum(0) if before is None else before + x.sum(0)
        if before is None:
            return torch.as_tensor(layer(x))
        return torch.as_tensor(layer(torch.cat([before[None], x])))[1:]

    def _added(self, name: NodeId, x: Tensor) -> Tensor:
        """Return the sums over all steps up to each step of a block."""
        sums = x.cumsum(0)
        return sums + self.sums[name][-1] if name in self.sums else sums


def _last_uses(nodes: list[Node]) -> dict[int, list[NodeId]]:
    """Return which values nobody reads any more behind each place."""
    last = {one: place for place, node in enumerate(nodes) for one in node.operands}
    found: dict[int, list[NodeId]] = {}
    for name, place in last.items():
        found.setdefault(place, []).append(name)
    return found
