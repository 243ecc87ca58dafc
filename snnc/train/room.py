"""Stop where the memory does not suffice, and say which layer was at work and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

import torch
from torch import nn


class OutOfMemory(RuntimeError):  # noqa: N818 - it is a stop, exit 3
    """A step of the training takes more memory than there is. ``layer`` and ``step`` say where."""

    def __init__(self, layer: str, step: int) -> None:
        super().__init__(
            f"{layer}: step {step} takes more memory than there is; "
            "cut the batch into more parts (--set parts=4), or take a smaller one"
        )
        self.layer, self.step = layer, step


@contextmanager
def enough_memory(module: nn.Module, step: int) -> Iterator[None]:
    """Raise `OutOfMemory` where what is done inside lacks memory, on the CPU or on another device."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not _is_lack(error):
            raise
        raise OutOfMemory(_at_work(module, error.__traceback__), step) from error


def _is_lack(error: BaseException) -> bool:
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return "DefaultCPUAllocator" in str(error)  # torch has no class of its own for this


def _at_work(module: nn.Module, trace: TracebackType | None) -> str:
    """Return the layer inside whose ``forward`` an error arose."""
    names = {id(part): name for name, part in module.named_modules() if name}
    found = "the backward pass or the optimiser"
    while trace is not None:
        found = names.get(id(trace.tb_frame.f_locals.get("self")), found)
        trace = trace.tb_next
    return found
