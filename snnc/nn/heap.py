"""Keep the memory of one tile for the next, where the C library is GNU's.

glibc gives large pieces back to the system as soon as they are free, and takes them again page by page: for
a tile's tensors that lasts longer than their neurons. The limits set here are those of the whole process.
Limits of the environment (``MALLOC_...``, ``GLIBC_TUNABLES``) stay as they are, and ``SNNC_HEAP=system``
leaves the C library alone.
"""

import ctypes
import math
import os
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import torch
from torch import Tensor

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # of malloc.h
KEPT = 1 << 30  # bytes that stay with the process at most, and no more than an eighth of the machine's
LARGEST = (1 << 30, 32 << 20)  # bytes of a piece that may stay; glibc before 2.33 takes the latter alone
SLIVERS = 1 << 16  # bytes from which a piece is spared them
LINE = 64  # bytes of a line of the cache
SLACK = 1024  # bytes that a piece has beside its own: its hole is enough for an aligned one of torch's, too
BOUNDED = 1 << 20  # from so many bytes on, memory goes back at once where it is bounded


def keep_memory(*, bounded: bool) -> None:
    """Let freed memory stay with the process, or go back to the system where there is a bound on it."""
    set_limit = _mallopt()
    if set_limit is None:
        return
    if bounded:
        set_limit(MMAP_THRESHOLD, BOUNDED)
        return
    set_limit(TRIM_THRESHOLD, min(KEPT, _memory() // 8))
    any(set_limit(MMAP_THRESHOLD, largest) for largest in LARGEST)


def empty(shape: Sequence[int], dtype: torch.dtype) -> Tensor:
    """Return a tensor with nothing in it yet, as ``torch.empty``, whose place is of use again afterwards.

    torch asks glibc for aligned memory, of which it cuts slivers off. When small pieces have taken these,
    the hole that a freed tensor leaves is too small for another of its size, and the heap grows to twice
    what is used. This asks for some more and aligns by itself; torch's memory profiler does not see it.
    """
    size = math.prod(shape) * dtype.itemsize
    if size < SLIVERS:
        return torch.empty(shape, dtype=dtype)
    memory = np.empty(size + SLACK, np.uint8)
    first = -memory.ctypes.data % LINE
    storage = torch.from_numpy(memory[first : first + size]).untyped_storage()
    strides = [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
    return torch.empty(0, dtype=dtype).set_(storage, 0, shape, strides)


@cache
def _mallopt() -> Callable[[int, int], int] | None:
    """Return glibc's function, or None where there is none or somebody else has a say."""
    named = any(name.startswith("MALLOC_") or name == "GLIBC_TUNABLES" for name in os.environ)
    if named or os.environ.get("SNNC_HEAP") == "system" or os.name != "posix":
        return None
    library = ctypes.CDLL(None)
    if not hasattr(library, "gnu_get_libc_version"):
        return None
    function: Callable[[int, int], int] = library.mallopt
    return function


@cache
def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
