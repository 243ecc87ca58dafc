"""Spikes as events: how many spikes stand behind every value that a layer reads.

From the trains that neurons gave out, along the unrolled graph, to the inputs of the weighted layers. An
average pool adds up the spikes of its window, a join those of its branches; a +1 and a -1 that cancel in
a sum are two events still. What a layer reads is never recomputed: only what was fired is followed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional

from snnc.ir.graph import Graph, Node
from snnc.ir.ids import NodeId
from snnc.ir.ops import Dropout, Flatten, Integrate, Join, Narrow, Pool
from snnc.ir.shape import Map
from snnc.nn import tile_channels


@dataclass(frozen=True)
class Train:
    """A train [T, B, ...] as its ``values`` and as the ``events`` behind each, whole numbers of spikes."""

    values: Tensor
    events: Tensor


@dataclass
class Trains:
    """The trains of one presentation. ``fired`` are those of the sources: neurons and the coded image.

    ``narrowed`` are the outputs of what narrows channels, which only the module itself knows.
    """

    graph: Graph
    fired: Mapping[NodeId, Tensor]
    narrowed: Mapping[NodeId, Tensor]
    known: dict[NodeId, Train] = field(default_factory=dict)

    def at(self, node: NodeId) -> Train:
        """Return the train that a node gives out; for the mean over time that which it is the mean of.

        Raises `LookupError` where it does not come from spikes alone.
        """
        waiting = [node]
        while waiting:  # NOTE: a loop, since a thousand layers may lie between
            last = waiting[-1]
            missing = [one for one in self._needs(last) if one not in self.known]
            if missing:
                waiting.extend(missing)
            else:
                self.known.setdefault(last, self._train(last))
                waiting.pop()
        return self.known[node]

    def _needs(self, node: NodeId) -> tuple[NodeId, ...]:
        return () if node in self.fired else self.graph[node].operands

    def _train(self, name: NodeId) -> Train:
        if name in self.fired:
            spikes = self.fired[name]
            return Train(spikes, spikes.abs())
        node = self.graph[name]
        operands = [self.known[operand] for operand in node.operands]
        match node.op:
            case Pool():
                return _pooled(node.op, operands[0])
            case Flatten():
                return Train(operands[0].values.flatten(2), operands[0].events.flatten(2))
            case Dropout() | Integrate():
                return operands[0]
            case Join():
                return _joined(node, node.op, operands)
            case Narrow():
                return self._narrow(node, node.op, operands[0])
            case _:
                raise LookupError(f"{name} does not come from spikes alone")

    def _narrow(self, node: Node, op: Narrow, train: Train) -> Train:
        if op.keep == "mean":
            group = op.inputs // op.outputs
            shape = (*train.events.shape[:2], op.outputs, group, *train.events.shape[3:])
            values, events = train.values.reshape(shape), train.events.reshape(shape)
            return Train(values.mean(3), events.sum(3))
        kept = self.narrowed[node.id]
        return Train(kept, kept.abs())


def _pooled(op: Pool, train: Train) -> Train:
    """Average windows add their events up; the largest value of a window keeps its own."""
    steps = train.values.shape[:2]
    values, events = train.values.flatten(0, 1), train.events.flatten(0, 1)
    size, stride = (op.size, op.stride) if op.size else (values.shape[-2:], values.shape[-2:])
    if op.mode == "average":
        pooled = functional.avg_pool2d(values, size, stride)
        area = op.size**2 or values.shape[-1] * values.shape[-2]
        counted = functional.avg_pool2d(events.double(), size, stride).mul(area).round()
    else:
        pooled, places = functional.max_pool2d(values, size, stride, return_indices=True)
        counted = events.flatten(2).gather(2, places.flatten(2)).view_as(pooled)
    shape = (*steps, *pooled.shape[1:])
    return Train(pooled.view(shape), counted.view(shape))


def _joined(node: Node, op: Join, trains: list[Train]) -> Train:
    values, events = [one.values for one in trains], [one.events.double() for one in trains]
    if op.mode == "concat":
        return Train(torch.cat(values, 2), torch.cat(events, 2))
    if op.mode == "tile" and isinstance(node.shape, Map):
        channels = node.shape.channels
        values = [tile_channels(one, channels) for one in values]
        events = [tile_channels(one, channels) for one in events]
    return Train(torch.stack(values).sum(0), torch.stack(events).sum(0))
