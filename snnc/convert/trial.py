"""A converted network tried on images: right answers against T, in one run, beside the artificial twin's.

Of some images a ledger is kept: each layer's rates beside the activations that they stand for, and the
answers that the artificial twin gives when it goes on from a layer's rates. All of it is sums over batches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Tensor

from snnc.convert.presentation import Presentation
from snnc.convert.scales import Spread
from snnc.convert.seen import Seen
from snnc.convert.stage import Stage
from snnc.convert.twins import Twins
from snnc.ir.graph import Node
from snnc.ir.ids import NodeId, StateId
from snnc.ir.ops import Conv, Encode, Flatten, Integrate, Linear
from snnc.train.evaluate import Manner, prepare
from snnc.train.feed import batches, spread_out
from snnc.train.images import Split
from snnc.train.seeds import seed_for

POINTS = 250  # of the curve of accuracy against T

Sums = dict[str, Tensor]


def points(timesteps: int) -> tuple[int, ...]:
    """Return the numbers of steps after which a network is asked: every one, or 250 of them, evenly."""
    stride = -(-timesteps // POINTS)
    return (*range(stride, timesteps, stride), timesteps)


@dataclass
class Trial:
    """Sums over the batches so far, by name; see the methods that add to them."""

    twins: Twins
    spread: Spread
    split: Split
    classes: int
    images: int
    ledger: int
    manner: Manner
    done: int = 0
    sums: Sums = field(default_factory=dict)
    fresh: Sums = field(default_factory=dict)  # of the batch at work, on its device

    @property
    def plan(self) -> list[Tensor]:
        """The numbers of the images, batch by batch."""
        return list(torch.split(spread_out(self.images, len(self.split.labels)), self.manner.batch))

    @property
    def curve(self) -> tuple[int, ...]:
        """The numbers of steps after which it is asked."""
        return points(self.twins.network.timesteps)

    def run(self, note: Callable[[Trial], None] = lambda _trial: None) -> None:
        """Try the batches that were not tried yet."""
        for number in range(self.done, len(self.plan)):
            ((pixels, labels),) = batches(self.split, [self.plan[number]], 0)
            images = prepare(pixels, self.manner.numbers, self.manner.world.device)
            kept = max(0, min(len(labels), self.ledger - number * self.manner.batch))
            with torch.inference_mode():
                self._batch(images, labels.to(images.device), number, kept)
            for name, numbers in self.fresh.items():
                self.sums[name] = numbers.cpu() + self.sums.get(name, 0)
            self.fresh = {}
            self.done = number + 1
            note(self)

    def _batch(self, images: Tensor, labels: Tensor, number: int, kept: int) -> None:
        artificial, spiking = self.twins.artificial, self.twins.spiking
        output, neurons = spiking.graph.output.id, set(self.twins.counterparts.values())
        found = self.twins.activations(images, {artificial.graph.output.id} | (neurons if kept else set()))
        wanted = found[artificial.graph.output.id]
        stage = Stage(
            spiking,
            images,
            {output, *self._watched(kept)},
            chance=seed_for(self.manner.seed, "evaluate", number),
        )
        seen = Seen(spiking, kept, images)
        self.go_through(stage, seen, wanted, labels)
        self._answers(stage.behind()[output], wanted, labels)
        if kept:
            self._read(seen, stage.behind())
            self._add("ann/kept", (wanted[:kept].argmax(-1) == labels[:kept]).sum())
            self._compare(seen.counts, found, labels[:kept], images[:kept])

    def go_through(self, stage: Stage, seen: Seen, wanted: Tensor, labels: Tensor) -> None:
        """Go through time, which nothing in here halts to look at a value."""
        output = self.twins.spiking.graph.output.id
        for block in stage.blocks(self.twins.network.timesteps):
            seen.watch(block)
            for place, step in enumerate(self.curve):
                if block.start < step <= block.start + block.steps:
                    scores = block.part.behind(step)[output]
                    self._point(place, scores, wanted[block.images], labels[block.images])

    def _watched(self, kept: int) -> frozenset[NodeId]:
        """Return the trains that the ledger is kept of: what neurons give and what layers read."""
        if not kept:
            return frozenset()
        spiking = self.twins.spiking
        fired = {node.id for node in spiking.spiking.values()}
        coded = {node.id for node in spiking.graph if node.op == Encode("poisson")}
        return frozenset(fired | coded | set(self.read.values()))

    @cached_property
    def read(self) -> dict[NodeId, NodeId]:
        """What each layer reads: a train, the train whose mean it is, or a value without time."""
        graph = self.twins.spiking.graph
        layers = (node for node in graph if isinstance(node.op, Conv | Linear))
        found = {node.id: self._behind(node.operands[0]) for node in layers}
        return {layer: source for layer, source in found.items() if source not in self.twins.spiking.late}

    def _behind(self, name: NodeId) -> NodeId:
        node = self.twins.spiking.graph[name]
        while name in self.twins.spiking.late and isinstance(node.op, Flatten | Integrate):
            node = self.twins.spiking.graph[node.operands[0]]
        return node.id

    def _read(self, seen: Seen, behind: Mapping[NodeId, Tensor]) -> None:
        """Note what layers have read: the sum of the magnitudes, and how many values there were."""
        steps = self.twins.network.timesteps
        for layer, source in self.read.items():
            if source in seen.counts:
                found = seen.magnitude(source)
                self._add(f"read/{layer}", found.double().sum(), found.numel() * steps)
            elif source in behind:
                found = behind[source][: seen.kept]
                self._add(f"read/{layer}", (found != 0).sum(), found.numel())

    def _point(self, place: int, scores: Tensor, wanted: Tensor, labels: Tensor) -> None:
        right = scores.argmax(-1) == labels
        alike = scores.argmax(-1) == wanted.argmax(-1)
        error = (scores - wanted).double().square().sum()
        shape = 3, len(self.curve)
        sums = self.fresh.setdefault("curve", error.new_zeros(shape))
        sums[:, place] += torch.stack([right.sum().double(), alike.sum().double(), error])

    def _answers(self, scores: Tensor, wanted: Tensor, labels: Tensor) -> None:
        """Count what both twins got right, and each class."""
        spiking, artificial = scores.argmax(-1) == labels, wanted.argmax(-1) == labels
        best = scores.topk(min(5, scores.shape[-1]), -1).indices
        self._add("asked", len(labels))
        self._add("right", spiking.sum(), artificial.sum(), (spiking & ~artificial).sum())
        self._add("five", (best == labels[:, None]).any(-1).sum())
        self._add("size", wanted.double().square().sum())
        per_class = [torch.bincount(one, minlength=self.classes) for one in (labels[spiking], labels)]
        self._sum("classes", torch.stack(per_class).double())

    def _compare(
        self,
        counts: Mapping[NodeId, Tensor],
        found: Mapping[NodeId, Tensor],
        labels: Tensor,
        images: Tensor,
    ) -> None:
        """Compare rates with activations, layer by layer, and ask the artificial twin to go on from each."""
        steps, kept = self.twins.network.timesteps, len(labels)
        known: dict[NodeId, Tensor] = {}
        for state, rates in self._estimates(counts):
            counterpart = self.twins.counterparts[state]
            activation, node = found[counterpart][:kept], self.twins.spiking.spiking[state]
            known[counterpart] = rates
            self._moments(state, rates, activation, counts[node.id], self._scale(node, activation))
            self._add(f"right/{state}", (self._gone_on(images, known).argmax(-1) == labels).sum())
        for node in self.twins.spiking.graph:
            if node.op == Encode("poisson"):
                self._coded(counts[node.id] / steps, labels)
        self._add("kept", kept)

    def _coded(self, mean: Tensor, labels: Tensor) -> None:
        """Ask the artificial twin about the image as its spikes show it."""
        output = self.twins.artificial.graph.output.id
        scores = self.twins.activations(mean, {output})[output]
        self._add("right/Input", (scores.argmax(-1) == labels).sum())

    def _gone_on(self, images: Tensor, known: Mapping[NodeId, Tensor]) -> Tensor:
        circuit = self.twins.artificial
        output = circuit.graph.output.id
        return Presentation(circuit, images, {output}, fixed=known).behind()[output]

    def _estimates(self, counts: Mapping[NodeId, Tensor]) -> Iterator[tuple[StateId, Tensor]]:
        """Yield each layer's estimates of the artificial activations: rates times their scale."""
        for state, node in self.twins.spiking.spiking.items():
            if state in self.twins.counterparts:
                rate = counts[node.id] / self.twins.network.timesteps
                yield state, rate * self._scale(node, rate)

    def _scale(self, node: Node, like: Tensor) -> Tensor:
        """Return what a rate of 1 stands for, channel by channel."""
        profile = self.spread.scales.profiles.get(node.id, torch.ones(1))
        around = (-1, *[1] * (like.dim() - 2))
        return (self.spread.at(node.id) or 1.0) * profile.view(around).to(like)

    def _moments(self, state: StateId, rates: Tensor, wanted: Tensor, counts: Tensor, scale: Tensor) -> None:
        x, y = wanted.double(), rates.double()
        self._add(
            f"moments/{state}",
            x.numel(),
            x.sum(),
            y.sum(),
            x.square().sum(),
            y.square().sum(),
            (x * y).sum(),
            (x > scale).sum(),
            counts.double().sum(),
        )
        self._sum(f"each/{state}", torch.stack([counts.double().sum(0), wanted.double().sum(0)]).flatten(1))

    def _add(self, name: str, *numbers: Tensor | float) -> None:
        self._sum(name, torch.tensor([float(number) for number in numbers], dtype=torch.float64))

    def _sum(self, name: str, numbers: Tensor) -> None:
        self.fresh[name] = self.fresh[name] + numbers if name in self.fresh else numbers
