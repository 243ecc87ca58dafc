"""Chance, as a function of a seed and of what is being drawn: there is no generator to save.

Every step starts torch's generator anew from (seed, step, part), every epoch's order comes from (seed,
epoch). So a run that is taken up again draws what it would have drawn, whoever used the generator meanwhile.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Literal

import torch
from torch import Tensor

Purpose = Literal["weights", "order", "step", "holdout", "evaluate", "calibrate", "stdp", "counts"]


def seed_for(seed: int, purpose: Purpose, *numbers: int) -> int:
    """Return the seed of one purpose: 63 bits of a SHA-256, so that neighbours have nothing in common."""
    text = "/".join([purpose, *map(str, (seed, *numbers))])
    return int.from_bytes(sha256(text.encode()).digest()[:8], "little") >> 1


def order(count: int, seed: int, epoch: int) -> Tensor:
    """Return the order in which an epoch takes its images: a permutation of 0..count-1."""
    generator = torch.Generator().manual_seed(seed_for(seed, "order", epoch))
    return torch.randperm(count, generator=generator)


def held_out(count: int, share: float, seed: int) -> tuple[Tensor, Tensor]:
    """Return the numbers of the images to learn from and of those held out, both rising."""
    generator = torch.Generator().manual_seed(seed_for(seed, "holdout"))
    mixed = torch.randperm(count, generator=generator)
    cut = round(count * share)
    return mixed[cut:].sort().values, mixed[:cut].sort().values
