"""Labelled images in memory and the one normalisation that both twins share.

Pixels stay bytes until a batch is made of them. Every other file of data ends in a `Dataset`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Pixels = NDArray[np.uint8]
Labels = NDArray[np.int64]


class DataError(ValueError):
    """The data is not what it should be; the message names the file and what is wrong."""


class Split(Protocol):
    """A part of a data set: so many labelled images, any of which can be had by its number."""

    @property
    def labels(self) -> Labels:
        """The classes [N], from 0."""

    @property
    def streamed(self) -> bool:
        """Whether images are decoded when they are asked for, so that worker processes help."""

    def image(self, index: int) -> Tensor:
        """Return one image: bytes [C, H, W]."""

    def images(self, indices: Tensor) -> Tensor:
        """Return several: bytes [n, C, H, W]."""


@dataclass(frozen=True)
class Stored:
    """Images that are in memory: ``pixels`` [N, C, H, W] of bytes, ``labels`` [N]."""

    pixels: Pixels
    labels: Labels
    streamed: bool = False

    def image(self, index: int) -> Tensor:
        return torch.from_numpy(self.pixels[index])

    def images(self, indices: Tensor) -> Tensor:
        return torch.from_numpy(self.pixels[indices.numpy()])


@dataclass(frozen=True)
class Dataset:
    """Images to learn from and images to be tested on, of the same classes and size."""

    name: str
    classes: tuple[str, ...]
    train: Split
    test: Split

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height and width of an image."""
        channels, height, width = self.train.image(0).shape
        return channels, height, width


@dataclass(frozen=True)
class Part:
    """Some images of a split, by their numbers [n]."""

    whole: Split
    members: Labels

    @property
    def labels(self) -> Labels:
        return np.asarray(self.whole.labels[self.members])

    @property
    def streamed(self) -> bool:
        return self.whole.streamed

    def image(self, index: int) -> Tensor:
        return self.whole.image(int(self.members[index]))

    def images(self, indices: Tensor) -> Tensor:
        return self.whole.images(torch.from_numpy(self.members)[indices])


def normalise(pixels: Tensor) -> Tensor:
    """Return bytes [.., C, H, W] as values in [-1, 1]: mean 0.5 and deviation 0.5 of every channel.

    Signed Poisson spikes need |x| <= 1, and a converted network the images of its ANN.
    """
    return pixels.to(torch.float32).div_(127.5).sub_(1).clamp_(-1, 1)


def checked(name: str, pixels: Pixels, labels: Labels, classes: int) -> Stored:
    """Return a split whose arrays fit together. Raises `DataError`."""
    if pixels.dtype != np.uint8 or pixels.ndim != 4 or 0 in pixels.shape:
        raise DataError(f"{name}: images are bytes [N, C, H, W]; got {pixels.dtype} {list(pixels.shape)}")
    if labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer) or len(labels) != len(pixels):
        raise DataError(f"{name}: {len(pixels)} images need as many whole labels; got {list(labels.shape)}")
    labels = labels.astype(np.int64)
    if labels.min() < 0 or labels.max() >= classes:
        raise DataError(f"{name}: labels lie in 0..{classes - 1}; got {labels.min()} to {labels.max()}")
    return Stored(pixels, labels)
