"""A saved spiking network tried in blocks of time: what `evaluate` answers, whatever T is."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from snnc.convert.circuit import Circuit
from snnc.convert.stage import Stage
from snnc.ir.ops import Encode
from snnc.train.artifact import Saved
from snnc.train.evaluate import Manner, Score, prepare
from snnc.train.feed import batches, in_order
from snnc.train.images import Split
from snnc.train.seeds import seed_for

ROOM = 1 << 28  # values of one train that may be in memory at once, 1 GiB


def is_long(saved: Saved, batch: int) -> bool:
    """Tell whether a network's trains would fill the memory, and can be had block by block."""
    if not saved.spikes:
        return False
    circuit = circuit_of(saved)
    return circuit.largest() * saved.timesteps * batch > ROOM and not interleaved(circuit)


def circuit_of(saved: Saved) -> Circuit:
    """Return the circuit of a saved spiking network."""
    return Circuit(saved.network.net.snn_twin.unrolled.graph, saved.module.eval())


def interleaved(circuit: Circuit) -> bool:
    """Tell whether spikes wait for the mean of other spikes, so that one course is not enough."""
    return any(
        isinstance(node.op, Encode) and bool(circuit.late & set(node.operands)) for node in circuit.graph
    )


def evaluate(saved: Saved, split: Split, *, classes: int, manner: Manner, steps: bool = False) -> Score:
    """Return what `snnc.train.evaluate` returns: from the same spikes, but for rounding."""
    circuit = circuit_of(saved)
    first = five = 0
    by_class = torch.zeros(2, classes, dtype=torch.long)
    timed = torch.zeros(saved.timesteps, dtype=torch.long, device=manner.world.device)
    for number, numbers in enumerate(in_order(len(split.labels), manner.batch)):
        ((pixels, labels),) = batches(split, [numbers], 0)
        images = prepare(pixels, manner.numbers, manner.world.device)
        labels = labels.to(images.device)
        chance = seed_for(manner.seed, "evaluate", number)
        stage = Stage(circuit, images, {circuit.graph.output.id}, chance=chance)
        with torch.inference_mode():
            for step, count in _course(stage, labels, saved.timesteps, steps=steps):
                timed[step - 1] += count
            scores = stage.behind()[circuit.graph.output.id]
        right = scores.argmax(-1) == labels
        first += int(right.sum())
        five += int((scores.topk(min(5, scores.shape[-1]), -1).indices == labels[:, None]).sum())
        counts = [torch.bincount(one, minlength=classes) for one in (labels[right], labels)]
        by_class += torch.stack(counts).cpu()
    pairs = tuple((int(some), int(whole)) for some, whole in by_class.T.tolist())
    return Score(len(split.labels), first, five, pairs, tuple(timed.tolist()) if steps else ())


def _course(stage: Stage, labels: Tensor, timesteps: int, *, steps: bool) -> Iterator[tuple[int, Tensor]]:
    """Go through time; yield steps with how many of some images are right after them."""
    for block in stage.blocks(timesteps):
        for step in range(block.start + 1, block.start + block.steps + 1) if steps else ():
            scores = block.part.behind(step)[stage.circuit.graph.output.id]
            yield step, (scores.argmax(-1) == labels[block.images]).sum()
