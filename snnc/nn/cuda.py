"""Run the neurons of scan.py on CUDA by a kernel written in Triton, where Triton is installed.

The programs of ``device/lif.py`` are compiled on first use for the card, the dtype and the
constants of the neurons, and kept by Triton in its own cache. Where that cannot be, plain torch
does the same: the spikes are equal bit for bit. ``SNNC_KERNEL=torch`` keeps Triton out. A printed
network does not need this file.
"""

import os
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import final

import torch
from torch import Tensor

from snnc.nn.neuron import Neuron
from snnc.nn.scan import Rows

DEVICE_CODE = "snnc.nn.device.lif"  # needs Triton
ON_DEVICE = (torch.float32, torch.float64, torch.bfloat16, torch.float16)
BLOCK = 512  # neurons to a program: four to a thread, which are read as one line of 16 bytes
# No fused multiply-add: it would change spikes.
LAUNCH = {"BLOCK": BLOCK, "num_warps": 4, "enable_fp_fusion": False}


@final
class TritonKernel:
    """The loop of ``device/lif.py``, state in registers; see :class:`snnc.nn.scan.Kernel`.

    ``device`` is the type of device that it runs on: another than "cuda" is of use with Triton's
    interpreter alone.
    """

    name = "triton"

    def __init__(self, device: str = "cuda") -> None:
        self.device = device

    def takes(self, current: Tensor) -> bool:
        """Tell whether the kernel is to be used, after one trial for each device."""
        if type(current) is not Tensor or current.device.type != self.device:
            return False
        asked = os.environ.get("SNNC_KERNEL") != "torch" and current.dtype in ON_DEVICE
        return asked and not why_no_triton(current.device)

    def forward(
        self, current: Tensor, threshold: Tensor, neuron: Neuron, *, keep: bool, state: Rows | None = None
    ) -> tuple[Tensor, Tensor]:
        spikes = torch.empty(current.shape, dtype=current.dtype, device=current.device)
        potentials = spikes.new_empty(current.shape if keep else (0, 0), dtype=threshold.dtype)
        rows = (current, current.stride(0), spikes, potentials, *current.shape)
        constants = {"KEEP": keep, "INITIAL": float(neuron.initial), "CARRY": state is not None}
        _launch("forward", rows, threshold, neuron, state or (threshold, threshold), constants)
        return spikes, potentials

    def backward(
        self,
        gradient: Tensor,
        potentials: Tensor,
        threshold: Tensor,
        neuron: Neuron,
        *,
        carried: Tensor | None = None,
    ) -> Tensor:
        result = torch.empty(gradient.shape, dtype=gradient.dtype, device=gradient.device)
        rows = (gradient[-1], gradient.stride(0), result[-1], potentials[-1], *gradient.shape)
        constants = {"GAMMA": float(neuron.gamma), "CARRY": carried is not None}
        _launch("backward", rows, threshold, neuron, (threshold if carried is None else carried,), constants)
        return result


Launch = tuple[Tensor, int, Tensor, Tensor, int, int]  # in, its stride, out, potentials, T, N


def _launch(
    direction: str,
    rows: Launch,
    threshold: Tensor,
    neuron: Neuron,
    edge: tuple[Tensor, ...],
    constants: dict[str, float | bool],
) -> None:
    source, neurons = rows[0], rows[-1]
    if not neurons:
        return
    with _on(source.device):
        getattr(_programs(), direction)[(-(-neurons // BLOCK),)](
            *rows,
            threshold,
            *edge,
            EACH=threshold.dim(),
            LEAK=float(neuron.leak),
            RESET=neuron.reset,
            REFRACTORY=int(neuron.refractory),
            **constants,
            **LAUNCH,
        )


def _on(device: torch.device) -> AbstractContextManager[object]:
    """Return a context in which Triton launches on this device."""
    return torch.cuda.device(device) if device.type == "cuda" else nullcontext()


def _programs() -> ModuleType:
    return import_module(DEVICE_CODE)


@cache
def why_no_triton(device: torch.device) -> str:
    """Return why this device cannot run the kernel, or nothing where a trial of it went well."""
    kernel, one = TritonKernel(device.type), torch.ones(1, 1, device=device)
    try:
        spikes, potentials = kernel.forward(one, one[0], Neuron(), keep=True)
        kernel.backward(one, potentials, one[0], Neuron())
        return "" if bool(spikes) else "a trial of the kernel gave no spike"
    except Exception as error:  # noqa: BLE001 - whatever a compiler and a driver may raise
        return str(error).strip().partition("\n")[0] or type(error).__name__
