"""How much memory a run needs above what the process held before: its high-water mark."""

import gc
import resource
import sys
from pathlib import Path

import torch

STATUS = Path("/proc/self/status")
CLEAR = Path("/proc/self/clear_refs")


def resident(device: str) -> int:
    """Return the bytes that are held now."""
    gc.collect()
    if device == "cuda":
        return torch.cuda.memory_allocated()
    return _field("VmRSS") or _high_water_ever()


def forget_peak(device: str) -> None:
    """Begin anew: the next peak is that of what runs from here on, where the system can tell."""
    gc.collect()
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    elif CLEAR.exists():
        CLEAR.write_text("5")


def peak(device: str) -> int:
    """Return the most bytes that were held since :func:`forget_peak`."""
    if device == "cuda":
        return torch.cuda.max_memory_allocated()
    return _field("VmHWM") or _high_water_ever()


def _field(name: str) -> int:
    if not STATUS.exists():
        return 0
    found = [line.split() for line in STATUS.read_text().splitlines() if line.startswith(f"{name}:")]
    return int(found[0][1]) * 1024 if found else 0


def _high_water_ever() -> int:
    units = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * units
