"""In which numbers a network computes: in bfloat16 where the device does so itself, else in float32.

A device that only emulates bfloat16 is several times slower in it than in float32, so ``auto`` looks first.
Membranes and weights are float32 either way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

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


@contextmanager
def whole_float32(device: torch.device) -> Iterator[None]:
    """Let float32 be float32: a GPU would round the factors of convolutions to 11 bits (TF32).

    A threshold is a sum of such products, and a spike one of its comparisons.
    """
    if device.type != "cuda":
        yield
        return
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in _tf32()]
    for owner, name, off in _tf32():
        setattr(owner, name, off)
    try:
        yield
    finally:
        for owner, name, found in before:
            setattr(owner, name, found)


def _tf32() -> list[tuple[Any, str, object]]:
    """Return the settings of torch that allow TF32, each with what forbids it."""
    products, convolutions = torch.backends.cuda.matmul, torch.backends.cudnn
    if hasattr(convolutions, "conv"):  # torch 2.9 on: what went before is not to be mixed with it
        return [(products, "fp32_precision", "ieee"), (convolutions.conv, "fp32_precision", "ieee")]
    return [(products, "allow_tf32", False), (convolutions, "allow_tf32", False)]
