"""The processes that train together: as `torchrun` starts them, or this one alone."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from importlib import import_module
from typing import cast

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel


@dataclass(frozen=True)
class World:
    """``rank`` of ``size`` processes, each with its ``device``. The first one writes and speaks."""

    rank: int = 0
    size: int = 1
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    @property
    def leads(self) -> bool:
        """Whether this is the process that writes files and shows progress."""
        return self.rank == 0

    def share_out(self, module: nn.Module) -> nn.Module:
        """Return a module whose backward pass averages the gradients of all processes."""
        if self.size == 1:
            return module
        places = [self.device] if self.device.type == "cuda" else None
        return cast("nn.Module", DistributedDataParallel(module, device_ids=places))

    def alone(self, module: nn.Module, *, last: bool) -> AbstractContextManager[None]:
        """Leave gradients unshared for now, until the last part of a step."""
        if isinstance(module, DistributedDataParallel) and not last:
            return cast("AbstractContextManager[None]", module.no_sync())
        return nullcontext()

    def total(self, numbers: Tensor) -> Tensor:
        """Return the sum over the processes."""
        if self.size > 1:
            numbers = numbers.to(self.device)
            distributed.all_reduce(numbers)
        return numbers

    def agree(self, number: int) -> bool:
        """Return whether all processes have the same number."""
        total, squares = self.total(torch.tensor([number, number**2])).tolist()
        return bool(self.size * squares == total**2)

    def led(self, flag: bool) -> bool:  # noqa: FBT001 - it is the value
        """Return whether it holds in the process that leads."""
        return self.any(flag and self.leads)

    def any(self, flag: bool) -> bool:  # noqa: FBT001 - it is the value
        """Return whether it holds in any process."""
        return bool(self.total(torch.tensor(int(flag))) > 0) if self.size > 1 else flag


class DeviceError(ValueError):
    """There is no such device here. The message names it."""


@contextmanager
def joined(device: str = "auto") -> Iterator[World]:
    """Join the processes that `torchrun` started, or work alone. ``auto`` takes a GPU where there is one.

    Raises `DeviceError` for a device that is not there.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    chosen = device_of(device)
    if size == 1:
        yield World(device=chosen)
        return
    # DistributedDataParallel loads this, whose functions take the group of that moment as their default and
    # keep it for good; the threads of a group that is left may abort the process when Python ends.
    import_module("torch.distributed.nn.functional")
    distributed.init_process_group("nccl" if chosen.type == "cuda" else "gloo")
    try:
        yield World(distributed.get_rank(), size, chosen)
    finally:
        gc.collect()  # modules that were shared out hold the group, too
        distributed.destroy_process_group()


def device_of(wanted: str) -> torch.device:
    """Return the device of a name, ``auto`` being a GPU where there is one. Raises `DeviceError`."""
    if wanted == "auto":
        wanted = "cuda" if torch.cuda.is_available() else "cpu"
    name, _, number = wanted.partition(":")
    if wanted == "cpu":
        return torch.device("cpu")
    if name != "cuda" or not (number or "0").isdecimal():
        raise DeviceError(f"{wanted!r} is no device to train on; there are cpu, cuda, cuda:1 and auto")
    index = int(number or os.environ.get("LOCAL_RANK", "0"))
    if index >= torch.cuda.device_count():
        raise DeviceError(
            f"there is no device cuda:{index}; torch sees {torch.cuda.device_count()} of the kind"
        )
    torch.cuda.set_device(index)
    return torch.device("cuda", index)
