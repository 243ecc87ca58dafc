"""What a stage is judged by: how much its weights move, how they are spread, what its maps answer to."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from snnc.train.recipe import Settle

BINS = 32  # of the histogram of weights


def entropy(weight: Tensor, low: float, high: float) -> float:
    """Return the entropy in bits of the histogram of weights between their bounds.

    5 bits where they are spread evenly over 32 bins, 1 where half of them lie at each bound.
    """
    counts = torch.histc(weight.detach().float(), BINS, low, high)
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * shares.log2()).sum()) + 0.0


def change(before: Tensor, after: Tensor, low: float, high: float) -> float:
    """Return the mean distance that weights moved, as a share of their range."""
    return float((after - before).abs().mean()) / (high - low)


def selectivity(counts: Tensor) -> float:
    """Return how selective maps [B, O, H, W] of spike counts are on average: lifetime sparseness.

    s = (1 - (Σ r / n)² / (Σ r² / n)) / (1 - 1/n) over the n places of all images: 0 for a map that answers
    to everything alike, 1 for one that answers to a single place. Maps that never fire are left out.
    """
    rates = counts.transpose(0, 1).flatten(1).double()
    rates = rates[rates.sum(1) > 0]
    if not len(rates) or rates.shape[1] < 2:
        return 0.0
    even = rates.mean(1) ** 2 / (rates**2).mean(1)
    return float(((1 - even) / (1 - 1 / rates.shape[1])).mean())


def has_settled(changes: list[float], entropies: list[float], settle: Settle) -> bool:
    """Tell whether weights have come to rest: over a window they neither moved nor spread any more."""
    window = settle.window
    if len(changes) < window or len(entropies) <= window:
        return False
    still = math.fsum(changes[-window:]) / window < settle.change
    return still and abs(entropies[-1] - entropies[-1 - window]) < settle.entropy
