"""Make more of a batch of images: mirrored and shifted, each image by its own draw."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

Augmentation = Literal["flip", "crop"]
PADDING = 4  # pixels on each side


def augment(pixels: Tensor, kinds: tuple[Augmentation, ...]) -> Tensor:
    """Return bytes [B, C, H, W] changed at random, in the order given; torch's generator draws."""
    for kind in kinds:
        pixels = flip(pixels) if kind == "flip" else crop(pixels)
    return pixels


def flip(pixels: Tensor) -> Tensor:
    """Return the images, each mirrored left to right with a chance of one half."""
    mirrored = torch.rand(len(pixels)) < 0.5
    return torch.where(mirrored[:, None, None, None], pixels.flip(-1), pixels)


def crop(pixels: Tensor) -> Tensor:
    """Return the images, each shifted by up to four pixels either way, with black at the borders."""
    _, channels, height, width = pixels.shape
    padded = functional.pad(pixels, [PADDING] * 4)
    down, right = torch.randint(2 * PADDING + 1, (2, len(pixels), 1))
    rows = (down + torch.arange(height))[:, None, :, None]
    columns = (right + torch.arange(width))[:, None, None, :]
    images = torch.arange(len(pixels))[:, None, None, None]
    return padded[images, torch.arange(channels)[None, :, None, None], rows, columns]
