"""An unrolled program with the module it was printed as: what each node makes of its operands.

Balancing goes through a network layer by layer and stops in its midst, on trains too long to be held in
memory, which a printed ``forward`` cannot do. So here a node is applied by itself, to a static value
``[B, ...]`` or to a block ``[t, B, ...]`` of a train, with the printed module's own parts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from snnc.analysis.timing import Time, times
from snnc.backends.torch.names import layer_attribute
from snnc.ir.graph import Graph, Node
from snnc.ir.ids import NodeId, StateId
from snnc.ir.ops import (
    BatchNorm,
    Classify,
    Conv,
    Dropout,
    Encode,
    Flatten,
    Join,
    Linear,
    Neuron,
    Pool,
    Relu,
    Spiking,
)
from snnc.ir.ops import Narrow as NarrowOp
from snnc.ir.shape import Map
from snnc.nn import Narrow, SpikingNeurons, Stochmax, tile_channels
from snnc.train.parts import spiking


@dataclass(frozen=True)
class Circuit:
    """A twin's unrolled graph and its module, in evaluation."""

    graph: Graph
    module: nn.Module

    @cached_property
    def times(self) -> dict[NodeId, Time]:
        """Which values change over time."""
        return times(self.graph)

    @cached_property
    def late(self) -> frozenset[NodeId]:
        """The static values that come of a train: what is computed once, behind the spikes."""
        found: set[NodeId] = set()
        for node in self.graph:
            behind = any(one in found or self.times[one] is Time.TRAIN for one in node.operands)
            if behind and self.times[node.id] is Time.STATIC:
                found.add(node.id)
        return frozenset(found)

    @cached_property
    def spiking(self) -> dict[StateId, Node]:
        """The spiking neurons in order of execution."""
        return {node.op.state: node for node in self.graph if is_spiking(node)}  # type: ignore[union-attr]

    @cached_property
    def parts(self) -> dict[str, SpikingNeurons]:
        """The modules of the spiking neurons, by the text of their states."""
        return spiking(self.module)

    def neurons(self, state: StateId) -> SpikingNeurons:
        """Return the module of a state's neurons."""
        return self.parts[str(state)]

    def plan(self, targets: Iterable[NodeId], known: Iterable[NodeId] = ()) -> tuple[Node, ...]:
        """Return the nodes to compute for some values where others are known, in order of execution."""
        given = set(known)
        needed = set(targets) - given
        for node in reversed(tuple(self.graph)):
            if node.id in needed:
                needed.update(set(node.operands) - given)
        return tuple(node for node in self.graph if node.id in needed)

    def largest(self) -> int:
        """Return the values per image and step of the largest train (of any value in an ANN)."""
        trains = [node for node in self.graph if self.times[node.id] is Time.TRAIN] or list(self.graph)
        return max(node.shape.size for node in trains if node.shape is not None)

    def macs(self, node: Node) -> int:
        """Return the multiplications of a node's application, per image and step."""
        match node.op:
            case Conv(inputs=inputs, groups=groups, kernel=kernel) if node.shape is not None:
                return node.shape.size * inputs // groups * kernel**2
            case Linear(inputs=inputs, outputs=outputs):
                return inputs * outputs
            case _:
                return 0

    def apply(self, node: Node, operands: list[Tensor]) -> Tensor:
        """Return what a node without memory makes of static values, or of trains step by step."""
        if self.times[node.id] is Time.STATIC or isinstance(node.op, Encode):
            return self._apply(node, operands)
        steps = operands[0].shape[:2]
        result = self._apply(node, [one.flatten(0, 1) for one in operands])
        return result.view(*steps, *result.shape[1:])

    def _apply(self, node: Node, operands: list[Tensor]) -> Tensor:
        x, op = operands[0], node.op
        match op:
            case Conv() | Linear():
                return cast("Tensor", self.module.get_submodule(layer_attribute(op.weight))(x))
            case BatchNorm():
                return cast("Tensor", self.module.get_submodule(norm_attribute(op))(x))
            case Pool():
                return _pooled(op, x)
            case Flatten():
                return x.flatten(1)
            case Neuron(unit=Relu()):
                return functional.relu(x)
            case NarrowOp():
                return cast("Tensor", self.narrow(node)(x))
            case Join(mode=mode):
                return _joined(mode, node, operands)
            case Dropout() | Neuron() | Classify(head="softmax"):
                return x
            case Classify(head="stochmax"):
                head = next(part for part in self.module.modules() if isinstance(part, Stochmax))
                return cast("Tensor", head(*operands))
            case _:
                raise ValueError(f"{node.id} is not applied by itself")

    def narrow(self, node: Node) -> Narrow:
        """Return the module that narrows between the steps of a block."""
        return cast("Narrow", self.module.get_submodule(node.id.name.replace(".", "_")))


def is_spiking(node: Node) -> bool:
    """Tell whether a node is a spiking neuron."""
    return isinstance(node.op, Neuron) and isinstance(node.op.unit, Spiking)


def norm_attribute(op: BatchNorm) -> str:
    """Return where a batch norm stands in the module: ``Conv2_bn@2`` is ``Conv2_bn.1``."""
    name, _, application = op.weight.partition("@")
    return f"{name}.{int(application) - 1}" if application else name


def _pooled(op: Pool, x: Tensor) -> Tensor:
    if op.mode == "average":
        return functional.avg_pool2d(x, op.size, op.stride) if op.size else x.mean((-1, -2), keepdim=True)
    return functional.max_pool2d(x, op.size, op.stride) if op.size else x.amax((-1, -2), keepdim=True)


def _joined(mode: str, node: Node, operands: list[Tensor]) -> Tensor:
    if mode == "concat":
        return torch.cat(operands, 1)
    if mode == "tile" and isinstance(node.shape, Map):
        operands = [operands[0], *(tile_channels(one, node.shape.channels) for one in operands[1:])]
    return torch.stack(operands).sum(0) if len(operands) > 2 else operands[0] + operands[1]
