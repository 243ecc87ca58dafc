"""The machine that the numbers are from, described so that a reader can find one like it."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

import torch

CPUINFO, MEMINFO = Path("/proc/cpuinfo"), Path("/proc/meminfo")
FEATURES = ("avx2", "avx512f", "avx512_bf16", "amx_bf16")  # what weighted sums may gain from


def machine(device: str, threads: int) -> dict[str, str]:
    """Return what a number depends on; equal descriptions may be compared."""
    return {
        "processor": _processor() if device == "cpu" else torch.cuda.get_device_name(),
        "cores": str(os.cpu_count()),
        "threads": str(threads),
        "memory": _memory(),
        "features": " ".join(_features()),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "torch": version("torch"),
        "snnc": version("snnc"),
    }


def _processor() -> str:
    return _cpuinfo("model name") or platform.processor() or "unknown"


def _features() -> list[str]:
    flags = _cpuinfo("flags").split()
    return [name for name in FEATURES if name in flags]


def _cpuinfo(field: str) -> str:
    lines = CPUINFO.read_text().splitlines() if CPUINFO.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(field)), "")


def _memory() -> str:
    lines = MEMINFO.read_text().splitlines() if MEMINFO.exists() else []
    total = next((int(line.split()[1]) for line in lines if line.startswith("MemTotal:")), 0)
    return f"{total / 2**20:.0f} GiB" if total else "unknown"
