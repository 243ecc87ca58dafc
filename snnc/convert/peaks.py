"""The greatest weighted sums of a layer, seen tile by tile: what a threshold is balanced to.

Each is a tensor of counts or maxima that does not depend on the order in which tiles come, so a
calibration can be broken off, taken up again and shared out.
"""

from __future__ import annotations

import math
from typing import Literal, Protocol

import torch
from torch import Tensor

Statistic = Literal["maximum", "percentile", "robust"]

KEPT_BITS = 18  # of a positive float32 without its sign: 8 of exponent, 10 of mantissa, so within 0.1 %
SHIFT = 31 - KEPT_BITS


class Peak(Protocol):
    """Something that has seen weighted sums."""

    state: Tensor  # where the sums are

    def add(self, sums: Tensor, images: slice) -> None:
        """Look at sums ``[t, B, ...]`` of some images, by their place among all of the calibration's."""

    def value(self) -> float:
        """Return what the threshold is to be; 0 where no sum was above 0."""


class Maximum:
    """The greatest sum over images, positions and steps; Sec. III.B.1."""

    def __init__(self) -> None:
        self.state = torch.zeros(1)

    def add(self, sums: Tensor, images: slice) -> None:
        self.state = torch.maximum(self.state.to(sums.device), sums.max())

    def value(self) -> float:
        return float(self.state)


class Percentile:
    """The sum below which a share of all positive sums lies, from a histogram of floating-point numbers.

    A bin is as wide as a thousandth of its values; the answer is a bin's upper end.
    """

    def __init__(self, percent: float) -> None:
        self.percent = percent
        self.state = torch.zeros(1 << KEPT_BITS, dtype=torch.int64)

    def add(self, sums: Tensor, images: slice) -> None:
        positive = sums[sums > 0].float()
        bins = positive.view(torch.int32) >> SHIFT
        self.state = self.state.to(sums.device) + torch.bincount(bins, minlength=len(self.state))

    def value(self) -> float:
        total = int(self.state.sum())
        if not total:
            return 0.0
        rank = math.ceil(self.percent / 100 * total)
        place = int((self.state.cumsum(0) < rank).sum())
        return float((torch.tensor([place + 1], dtype=torch.int32) << SHIFT).view(torch.float32))


class Robust:
    """The median over the images of the greatest sum of each: a few odd images do not count."""

    def __init__(self, images: int) -> None:
        self.state = torch.zeros(images)

    def add(self, sums: Tensor, images: slice) -> None:
        greatest = sums.transpose(0, 1).flatten(1).amax(1)
        self.state = self.state.to(sums.device)
        self.state[images] = torch.maximum(self.state[images], greatest)

    def value(self) -> float:
        return float(self.state.quantile(0.5))


def peak_of(statistic: Statistic, percent: float, images: int) -> Peak:
    """Return a statistic that has seen nothing yet."""
    match statistic:
        case "maximum":
            return Maximum()
        case "percentile":
            return Percentile(percent)
        case "robust":
            return Robust(images)
