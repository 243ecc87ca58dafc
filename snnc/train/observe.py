"""A network and a data set, both as files, to the activity that was measured on some of the images."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources.abc import Traversable
from pathlib import Path

import torch
from torch import Tensor, nn

from snnc.analysis.activity import Activity
from snnc.ir.program import Target
from snnc.source import Source
from snnc.train import artifact
from snnc.train.activity import measure
from snnc.train.data import open_data
from snnc.train.feed import batches, in_order
from snnc.train.images import Split, normalise
from snnc.train.network import Network, Options, network
from snnc.train.seeds import seed_for


def saved(path: Path, timesteps: int | None = None) -> tuple[Network, nn.Module]:
    """Return a saved network and its module, over another T where one is given.

    Raises what `artifact.load` raises; `ValueError` for an ANN.
    """
    found = artifact.load(path, timesteps)
    if found.network.options.target is not Target.SNN:
        raise ValueError(f"{path.name} is an artificial network; spikes are counted in a spiking one")
    return found.network, found.module


def fresh(
    source: Source, folder: Traversable | None, timesteps: int | None, seed: int
) -> tuple[Network, nn.Module]:
    """Return a spec's spiking twin with weights as they are drawn. Raises `CompileError`."""
    found = network(source, folder, Options(Target.SNN, timesteps))
    return found, found.module(seed)


def observe(
    net: Network,
    module: nn.Module,
    data: Path | None,
    *,
    part: str = "test",
    limit: int = 128,
    batch: int = 16,
    seed: int = 1,
) -> Activity:
    """Return the activity on the first ``limit`` images of a data set's part, ``test`` or ``train``.

    Without data on the digits that ship with snnc. The images go where the module is. Raises
    `DataError`, `OSError`.
    """
    dataset = open_data(data, net.size)
    split = dataset.test if part == "test" else dataset.train
    count = min(limit, len(split.labels))
    words = f"{dataset.name}, the first {count:,} {part} images"
    device = next(module.parameters()).device
    images = (pixels.to(device) for pixels in _images(split, count, batch, seed))
    return measure(module, net.net.snn_twin.unrolled, images, words)


def _images(split: Split, count: int, batch: int, seed: int) -> Iterator[Tensor]:
    """Yield normalised images; the spikes that code them follow from the seed and the batch."""
    plan = in_order(count, batch)
    for number, (pixels, _) in enumerate(batches(split, plan, workers=0)):
        torch.manual_seed(seed_for(seed, "evaluate", number))
        yield normalise(pixels)
