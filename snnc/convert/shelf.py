"""Spike trains put aside, a bit for each neuron and step, so that the next layer need not make them again.

They lie in files in the order in which they are worked off. They are never needed: what is not there is
simulated again from the seed.
"""

from __future__ import annotations

from pathlib import Path
from shutil import rmtree
from typing import BinaryIO

import numpy as np
import torch
from torch import Tensor

from snnc.ir.ids import NodeId
from snnc.ir.shape import Map, Shape


class Shelf:
    """Trains of every batch by the node that gives them, at most ``limit`` bytes of them."""

    def __init__(self, folder: Path, limit: int) -> None:
        self.folder, self.limit = folder, limit
        self.used = 0
        self.kept: dict[NodeId, int] = {}
        rmtree(folder, ignore_errors=True)

    def has_room(self, size: int) -> bool:
        """Tell whether a train of so many bits can be kept."""
        return self.used + size // 8 <= self.limit

    def keep(self, name: NodeId, size: int) -> None:
        """Note that a train of so many bits is whole."""
        self.kept[name] = size // 8
        self.used += size // 8

    def drop(self, name: NodeId) -> None:
        """Make room."""
        self.used -= self.kept.pop(name)
        for file in self.folder.glob(f"{_stem(name)}-*"):
            file.unlink()

    def writer(self, name: NodeId, batch: int) -> BinaryIO:
        """Open the file of a train of one batch for writing."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self._path(name, batch).open("wb")

    def reader(self, name: NodeId, batch: int) -> BinaryIO:
        """Open the file of a train of one batch for reading."""
        return self._path(name, batch).open("rb")

    def close(self) -> None:
        """Remove everything."""
        rmtree(self.folder, ignore_errors=True)

    def _path(self, name: NodeId, batch: int) -> Path:
        return self.folder / f"{_stem(name)}-{batch}"


def put(file: BinaryIO, spikes: Tensor) -> None:
    """Write a block of spikes ``[t, B, ...]``."""
    inner = spikes.permute(0, 1, 3, 4, 2) if spikes.dim() == 5 else spikes
    file.write(np.packbits(inner.contiguous().bool().cpu().numpy().reshape(-1)).tobytes())


def take(file: BinaryIO, steps: int, images: int, shape: Shape | None) -> Tensor:
    """Read the next block of spikes ``[steps, images, ...]``."""
    if shape is None:
        raise ValueError("a train is read by its shape")
    count = steps * images * shape.size
    packed = np.frombuffer(file.read(-(-count // 8)), dtype=np.uint8)
    flat = torch.from_numpy(np.unpackbits(packed, count=count)).float()
    if not isinstance(shape, Map):
        return flat.view(steps, images, shape.size)
    return flat.view(steps, images, shape.height, shape.width, shape.channels).permute(0, 1, 4, 2, 3)


def _stem(name: NodeId) -> str:
    return f"{name.name}@{name.application}"
