"""What the classifier reads of every image: spikes, counted once and kept on the disk.

A file of whole numbers [N, C, H, W] that is read page by page, and beside it how many images of it are done
and their SHA-256. What was counted before an interruption is counted no more; a file that was changed is not
believed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.lib.format import open_memmap
from numpy.typing import NDArray
from torch import Tensor, nn

from snnc.train.evaluate import prepare
from snnc.train.feed import batches, in_order
from snnc.train.images import Labels, Split
from snnc.train.recipe import Numbers
from snnc.train.sealed import write_atomically
from snnc.train.seeds import Purpose, seed_for

BATCH = 100  # images; that of `snnc evaluate`, so that test images get the same spikes
SAVED = 20  # batches after which the work done is noted
FEW = 2**13  # spikes in a value that surely fit into 16 bits, sums of several trains included


@dataclass(frozen=True)
class Counted:
    """A split whose images are spike counts [N, C, H, W], given out divided by ``whole``: T · area."""

    counts: NDArray[Any]
    labels: Labels
    whole: int
    streamed: bool = False

    def image(self, index: int) -> Tensor:
        return self.images(torch.tensor([index]))[0]

    def images(self, indices: Tensor) -> Tensor:
        return torch.from_numpy(self.counts[indices.numpy()]).to(torch.float32).div_(self.whole)


@dataclass(frozen=True)
class Counter:
    """Counts the spikes of a ``module``, image -> mean over T of ``shape``, for a seed.

    ``whole``, T · area, makes whole numbers of the means. ``key`` names what is counted: counts of another
    key are no use.
    """

    module: nn.Module
    shape: tuple[int, int, int]
    whole: int
    seed: int
    key: str
    device: torch.device

    def count(self, split: Split, file: Path, purpose: Purpose, tick: Callable[[int], None]) -> Counted:
        """Return the counts of all images of a split, those from ``file`` that are there already.

        ``tick`` is called with the images done after every batch; what it raises leaves a file to go on from.
        """
        counts, done, digest = self._begun(split, file)
        plan = list(enumerate(in_order(len(split.labels), BATCH)))[-(-done // BATCH) :]
        noted = done
        try:
            for (place, _), (pixels, _) in zip(
                plan, batches(split, [entry for _, entry in plan], workers=0), strict=True
            ):
                rows = self._spikes(pixels, seed_for(self.seed, purpose, place), counts.dtype)
                counts[done : done + len(rows)] = rows
                digest.update(rows.tobytes())
                done += len(rows)
                if place % SAVED == 0:
                    noted = self._note(file, counts, done, digest.hexdigest())
                tick(done)
        finally:
            if done != noted:
                self._note(file, counts, done, digest.hexdigest())
        return Counted(counts, split.labels, self.whole)

    def _spikes(self, pixels: Tensor, seed: int, dtype: np.dtype[Any]) -> NDArray[Any]:
        torch.manual_seed(seed)
        with torch.inference_mode():
            means = self.module(prepare(pixels, Numbers(), self.device)).double().cpu() * self.whole
        if not torch.allclose(means, means.round(), atol=0.05):
            raise ValueError(f"spikes are no multiples of 1/{self.whole}")
        return np.asarray(means.round().contiguous().numpy().astype(dtype))

    def _begun(self, split: Split, file: Path) -> tuple[NDArray[Any], int, Any]:
        """Return the file's array, the images in it that can be relied on, and their digest so far."""
        shape = (len(split.labels), *self.shape)
        try:
            note = json.loads(_note_of(file).read_bytes())
            counts = open_memmap(file, mode="r+")
            digest = _digest(counts, note["images"])
            if (note["key"], note["sha256"], counts.shape) == (self.key, digest.hexdigest(), shape):
                return counts, note["images"], digest
        except (OSError, ValueError, KeyError, TypeError):
            pass  # there is none, or it is none of ours
        file.parent.mkdir(exist_ok=True)
        dtype = np.dtype(np.int16 if self.whole <= FEW else np.int32)
        return open_memmap(file, mode="w+", dtype=dtype, shape=shape), 0, sha256()

    def _note(self, file: Path, counts: NDArray[Any], images: int, digest: str) -> int:
        counts.flush()  # type: ignore[attr-defined]  # it is a memmap
        note = {"key": self.key, "images": images, "sha256": digest}
        write_atomically(_note_of(file), json.dumps(note).encode())
        return images


def _digest(counts: NDArray[Any], images: int) -> Any:  # noqa: ANN401 - hashlib names no type
    found = sha256()
    for start in range(0, images, BATCH):
        found.update(counts[start : min(start + BATCH, images)].tobytes())
    return found


def _note_of(file: Path) -> Path:
    return file.with_suffix(".json")
