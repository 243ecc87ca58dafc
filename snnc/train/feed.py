"""Batches in an order that is given: from memory at once, or decoded ahead by worker processes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import gcd

import torch
from torch import Tensor
from torch.utils.data import DataLoader

from snnc.train.images import DataError, Split

Batch = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class _Batches:
    """A split as torch's loader wants it: whole batches, by the numbers of their images.

    What is wrong with a file comes back as a value: an exception would bring a worker's traceback along.
    """

    split: Split
    plan: Sequence[Tensor]

    def __len__(self) -> int:
        return len(self.plan)

    def __getitem__(self, place: int) -> Batch | DataError | OSError:
        entry = self.plan[place]
        try:
            return self.split.images(entry), torch.from_numpy(self.split.labels)[entry]
        except (DataError, OSError) as error:
            return error


def batches(split: Split, plan: Sequence[Tensor], workers: int) -> Iterator[Batch]:
    """Yield for each entry of a plan, which is a list of numbers, the images' bytes and the labels.

    At most as many ``workers`` decode as there are cores. Raises `DataError` and `OSError` for a file that
    cannot be decoded or read.
    """
    source = _Batches(split, plan)
    if split.streamed and workers:
        loader: DataLoader[Batch] = DataLoader(
            source,  # type: ignore[arg-type]  # any object with a length and items is one
            batch_size=None,
            num_workers=min(workers, _cores()),
            collate_fn=_as_it_is,  # type: ignore[arg-type]  # nothing is collated
            worker_init_fn=_deaf,
        )
        yield from map(_whole, loader)
        return
    yield from (_whole(source[place]) for place in range(len(plan)))


def in_order(count: int, batch: int) -> list[Tensor]:
    """Return a plan that takes every image once, in order; the last entry may be short."""
    return list(torch.split(torch.arange(count), batch)) if count else []


def spread_out(count: int, whole: int) -> Tensor:
    """Return the numbers of ``count`` images of ``whole``, so that every beginning is spread over all.

    Test images often lie class by class. These go round in strides of the golden section.
    """
    stride = round(whole * 0.618034)
    while gcd(stride, whole) != 1:
        stride += 1
    return torch.arange(count) * stride % whole


def _cores() -> int:
    """Those that this process may use; not every system can tell them from those that there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _whole(found: Batch | DataError | OSError) -> Batch:
    if isinstance(found, DataError | OSError):
        raise found
    return found


def _as_it_is(found: Batch) -> Batch:
    return found


def _deaf(_number: int) -> None:
    """Leave Ctrl-C, which reaches every process of a terminal, to the one that trains."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
