"""In which numbers a network computes: in bfloat16 where the device does so itself, else in float32.

A device that only emulates bfloat16 is several times slower in it than in float32, so ``auto`` looks first.
Membranes and weights are float32 either way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import torch

from snnc.train.recipe import Precision

Chosen = Literal["float32", "bfloat16"]

UNITS = ("avx512_bf16", "amx_bf16", "bf16", "sve_bf16")  # of processors, x86 and Arm, by torch's names


def native_bfloat16(device: torch.device) -> bool:
    """Tell whether a device multiplies bfloat16 itself."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type != "cpu":
        return False
    # NOTE: releases of torch before this query have no other public one; they get float32.
    ask: Callable[[], Mapping[str, object]] = getattr(torch.cpu, "get_capabilities", dict)
    found = ask()
    return any(bool(found.get(unit)) for unit in UNITS)


def settled(precision: Precision, device: torch.device) -> Chosen:
    """Return what ``auto`` stands for on a device; what is said stays as it is."""
    if precision == "auto":
        return "bfloat16" if native_bfloat16(device) else "float32"
    return precision
