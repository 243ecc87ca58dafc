"""Threshold balancing: layer by layer and step by step, each from the spike trains that really reach it.

Secs. III.B.1 and IV, Fig. 4: in execution order, the greatest instantaneous weighted sum over images,
positions and time, the earlier thresholds fixed, becomes the threshold of this layer's unrolled step. A
pass goes over all images and starts from the trains that the pass before has put aside, so it costs two
layers, not all that come before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import BinaryIO

import torch
from torch import Tensor

from snnc.convert.circuit import Circuit
from snnc.convert.equip import Tensors, equip
from snnc.convert.peaks import Peak, peak_of
from snnc.convert.scales import Scales, Spread
from snnc.convert.search import Search
from snnc.convert.settings import Calibration
from snnc.convert.shelf import Shelf, put, take
from snnc.convert.stage import Block, Stage
from snnc.ir.graph import Node
from snnc.ir.ids import NodeId, StateId

Batches = Sequence[Callable[[], Tensor]]
DEAD = 1.0  # the threshold of a layer that no positive sum reaches: it does not matter


@dataclass
class Progress:
    """How far balancing has come: thresholds found, and what was seen of the next one in ``batches``."""

    found: dict[StateId, float] = field(default_factory=dict)
    phase: str = "peak"
    peak: float = 0.0
    seen: Tensor | None = None
    batches: int = 0
    simulated: int = 0


@dataclass
class Balancing:
    """The work of finding thresholds. ``targets`` are the artificial activations that rates stand for.

    ``chances`` gives the seed of each batch's spikes, ``note`` is called after every batch with what is
    done of all there is to do.
    """

    scales: Scales
    tensors: Tensors
    batches: Batches
    sizes: Sequence[int]
    settings: Calibration
    steps: int
    chances: Sequence[int]
    shelf: Shelf
    activations: Callable[[int, NodeId], Tensor]
    greatest: Callable[[StateId], float]
    note: Callable[[Progress], None] = lambda _progress: None
    progress: Progress = field(default_factory=Progress)

    def run(self) -> Spread:
        """Return the scales of the whole network, every threshold found."""
        for state, node in self.circuit.spiking.items():
            if state not in self.progress.found:
                self._settle(state, node)
        return self.scales.spread(self._deployed())

    @property
    def circuit(self) -> Circuit:
        """The spiking twin."""
        return self.scales.circuit

    def _settle(self, state: StateId, node: Node) -> None:
        spread = self.scales.spread(self.progress.found)
        equip(self.circuit, self.tensors, spread)
        if spread.forced(node):
            spread.settles(node, None)
            self._found(state, spread.thresholds[state])
            return
        progress = self.progress
        if progress.phase == "peak":
            progress.peak = self._peak(node, spread)
            progress.phase, progress.batches, progress.seen = "search", 0, None
        threshold = progress.peak
        if self.settings.search and len(self.scales.tied(node)) == 1 and threshold != DEAD:
            threshold = self._search(node, spread, threshold)
        self._found(state, threshold)

    def _found(self, state: StateId, threshold: float) -> None:
        progress = self.progress
        progress.found[state] = threshold
        progress.phase, progress.batches, progress.seen, progress.peak = "peak", 0, None, 0.0
        self.note(progress)

    def _peak(self, node: Node, spread: Spread) -> float:
        peak = peak_of(self.settings.balance, self.settings.percent, sum(self.sizes))
        self._over(node, peak)
        before = spread.at(node.operands[0]) or 1.0
        others = [one for one in self.scales.tied(node) if one is not node]
        floor = max((self.greatest(one.op.state) / before for one in others), default=0.0)  # type: ignore[union-attr]
        return max(peak.value(), floor) or DEAD

    def _search(self, node: Node, spread: Spread, peak: float) -> float:
        profile = self._profile(node)
        before = spread.at(node.operands[0]) or 1.0
        search = Search(self.circuit.neurons(node.op.state), peak, before, profile)  # type: ignore[union-attr]
        self._over(node, search, at_end=lambda number: search.compare(self.activations(number, node.id)))
        return search.value()

    def _profile(self, node: Node) -> Tensor:
        return self.scales.profiles.get(node.id, torch.ones(1))

    def _over(
        self, node: Node, seen: Peak | Search, at_end: Callable[[int], None] = lambda _number: None
    ) -> None:
        """Show a layer's weighted sums, all batches that were not yet, to what wants to see them."""
        progress = self.progress
        if progress.seen is not None:
            seen.state = progress.seen
        passing = self._passing(node)
        for number in range(progress.batches, len(self.batches)):
            offset = sum(self.sizes[:number])
            for block in self._blocks(node, number, passing):
                images = slice(block.images.start + offset, block.images.stop + offset)
                seen.add(self._sums(node, block), images)
            at_end(number)
            progress.seen, progress.batches = seen.state, number + 1
            self.note(progress)
        for name in passing:
            self.shelf.keep(name, self._bits(name))
        self._tidy(node)

    def _sums(self, node: Node, block: Block) -> Tensor:
        """Return the weighted sums with their drift, in units of the profile."""
        sums = block.trains[node.operands[0]]
        part = self.circuit.neurons(node.op.state)  # type: ignore[union-attr]
        around = (-1, *[1] * (sums.dim() - 3))
        if part.drift is not None:
            sums = sums + part.drift.view(around)
        profile = self.scales.profiles.get(node.id)
        return sums if profile is None else sums / profile.view(around).to(sums)

    def _blocks(self, node: Node, number: int, passing: list[NodeId]) -> Iterator[Block]:
        """Yield the blocks of a layer's sums of one batch, writing down the trains that come by."""
        known = self._known(node)
        current = node.operands[0]
        with ExitStack() as files, torch.inference_mode():
            readers = {one: files.enter_context(self.shelf.reader(one, number)) for one in known}
            writers = {one: files.enter_context(self.shelf.writer(one, number)) for one in passing}
            stage = Stage(
                self.circuit,
                self.batches[number](),
                {current, *passing},
                chance=self.chances[number],
                known=known,
            )
            for block in stage.blocks(self.steps, self._given(readers)):
                for name, file in writers.items():
                    put(file, block.trains[name])
                yield block
        self.progress.simulated += self._macs(node, known) * self.sizes[number] * self.steps

    def _given(self, readers: dict[NodeId, BinaryIO]) -> Callable[[NodeId, int, slice], Tensor]:
        def given(name: NodeId, steps: int, images: slice) -> Tensor:
            return take(readers[name], steps, images.stop - images.start, self.circuit.graph[name].shape)

        return given

    def _known(self, node: Node) -> frozenset[NodeId]:
        """Return the kept trains that a layer's sums are made of."""
        kept = frozenset(self.shelf.kept)
        plan = self.circuit.plan([node.operands[0]], kept)
        return frozenset(one for step in plan for one in step.operands) & kept

    def _passing(self, node: Node) -> list[NodeId]:
        """Return the trains that are made on the way and for which there is room."""
        found: list[NodeId] = []
        room = self.shelf.limit - self.shelf.used
        for step in self.circuit.plan([node.operands[0]], self.shelf.kept):
            spikes = step.id in {one.id for one in self.circuit.spiking.values()}
            if spikes and self.progress.batches == 0 and self._bits(step.id) // 8 <= room:
                found.append(step.id)
                room -= self._bits(step.id) // 8
        return found

    def _bits(self, name: NodeId) -> int:
        shape = self.circuit.graph[name].shape
        return sum(self.sizes) * self.steps * (shape.size if shape else 0)

    def _tidy(self, node: Node) -> None:
        """Drop the trains that no later layer is made of."""
        kept = frozenset(self.shelf.kept)
        nodes = list(self.circuit.spiking.values())
        targets = [one.operands[0] for one in nodes[nodes.index(node) :]]
        needed = {one for step in self.circuit.plan(targets, kept) for one in step.operands}
        for name in kept - needed:
            self.shelf.drop(name)

    def _macs(self, node: Node, known: frozenset[NodeId]) -> int:
        return sum(map(self.circuit.macs, self.circuit.plan([node.operands[0]], known)))

    def _deployed(self) -> dict[StateId, float]:
        return {state: value * self.settings.factor for state, value in self.progress.found.items()}
