"""Batches in an order that is given: from memory at once, or decoded ahead by worker processes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.utils.data import DataLoader

from snnc.train.images import Split

Loader = DataLoader[tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class _Indexed:
    """A split as torch's loader wants it."""

    split: Split

    def __len__(self) -> int:
        return len(self.split.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.split.image(index), int(self.split.labels[index])


def batches(split: Split, plan: Sequence[Tensor], workers: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield for each entry of a plan, which is a list of numbers, the images' bytes and the labels."""
    if split.streamed and workers:
        lists = [entry.tolist() for entry in plan]
        loader: Loader = DataLoader(_Indexed(split), batch_sampler=lists, num_workers=workers)  # type: ignore[arg-type]
        yield from loader
        return
    labels = torch.from_numpy(split.labels)
    for entry in plan:
        yield split.images(entry), labels[entry]


def in_order(count: int, batch: int) -> list[Tensor]:
    """Return a plan that takes every image once, in order; the last entry may be short."""
    return list(torch.split(torch.arange(count), batch)) if count else []
