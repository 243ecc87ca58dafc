"""What was learnt, as pictures: kernels, and the spikes of one image in every map."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from snnc.ir.program import Program
from snnc.train.images import normalise
from snnc.train.network import spiking as neurons_of
from snnc.train.seeds import seed_for
from snnc.train.stdp.png import Picture, tiles
from snnc.train.stdp.stages import filled


def kernels(weight: Tensor, low: float, high: float) -> Picture:
    """Return kernels [O, I, k, k] as tiles from black (``low``) to white (``high``).

    Those of an image of three colours are in colour; else a row is a map, a column what it reads.
    """
    values = ((weight - low) / (high - low)).clamp(0, 1).mul(255).round().to(torch.uint8).cpu().numpy()
    if weight.shape[1] == 3:
        return tiles(np.moveaxis(values, 1, -1))
    return tiles(values.reshape(-1, *weight.shape[2:]), columns=weight.shape[1])


def maps(spiking: Program, state: Mapping[str, Tensor], image: Tensor, timesteps: int) -> dict[str, Picture]:
    """Return the spikes of an image of bytes [C, H, W] in every map, by unrolled step: white fires most."""
    module = filled(spiking, state, timesteps)
    fired: dict[str, Tensor] = {}
    for name, part in neurons_of(module).items():
        part.register_forward_hook(partial(_note, fired, name))
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(seed_for(1, "stdp"))
        module(normalise(image)[None])
    return {name: _bright(spikes[:, 0].sum(0)) for name, spikes in fired.items()}


def _note(into: dict[str, Tensor], name: str, _part: nn.Module, _arguments: object, spikes: Tensor) -> None:
    into[name] = spikes


def _bright(counts: Tensor) -> Picture:
    """Return counts [O, H, W] as tiles; the square root, so that a single spike is seen beside many."""
    scaled = (counts / counts.max().clamp(min=1)).sqrt().mul(255).round().to(torch.uint8)
    return tiles(scaled.numpy())
