"""Keep the memory of one tile for the next, where the C library is GNU's.

glibc gives large pieces back to the system as soon as they are free, and takes them again page by page: for
a tile's tensors that lasts longer than their neurons. The limits set here are those of the whole process.
Limits of the environment (``MALLOC_...``, ``GLIBC_TUNABLES``) stay as they are, and ``SNNC_HEAP=system``
leaves the C library alone.
"""

import ctypes
import os
from collections.abc import Callable
from functools import cache

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # of malloc.h
KEPT = 1 << 30  # bytes that stay with the process at most, and no more than an eighth of the machine's
LARGEST = (1 << 30, 32 << 20)  # bytes of a piece that may stay; glibc before 2.33 takes the latter alone
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
