"""Run the neurons of scan.py in C++, several times faster on a CPU, where a compiler is at hand.

Where there is none, plain torch does the same: the spikes are equal bit for bit. A printed network does
not need this file.
"""

import os
from typing import final

import torch
from torch import Tensor

from snnc.nn.heap import empty
from snnc.nn.native import SUFFIX, is_in_memory, native_library, wants_native
from snnc.nn.neuron import Neuron
from snnc.nn.scan import Kernel, Rows, kernel_for

RESET_CODE = {"subtract": 0, "zero": 1, "none": 2}  # as in lif.cpp


@final
class CompiledKernel:
    """The loop of lif.cpp: float32, float64 and bfloat16 on the CPU; see :class:`Kernel`.

    Potentials are float32 or wider; those that are kept of currents in bfloat16 are rounded to it.
    """

    name = "cpp"

    def takes(self, current: Tensor) -> bool:
        """Tell whether the kernel is to be used, building it if need be.

        Raises ``ValueError`` for an unknown SNNC_KERNEL, and ``RuntimeError`` where it asks for
        this kernel and there is none.
        """
        return is_in_memory(current) and wants_native()

    def forward(
        self, current: Tensor, threshold: Tensor, neuron: Neuron, *, keep: bool, state: Rows | None = None
    ) -> tuple[Tensor, Tensor]:
        spikes = empty(current.shape, current.dtype)
        potentials = empty(current.shape if keep else (0, 0), current.dtype)
        _call("forward", (current, spikes, potentials), threshold, neuron, state or ())
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
        result = empty(gradient.shape, gradient.dtype)
        edge = () if carried is None else (carried,)
        _call("backward", (gradient, result, potentials), threshold, neuron, edge)
        return result


def kernel_in_use() -> str:
    """Return the name of the kernel that runs float32 on this CPU, and where it is or why not."""
    kernel: Kernel = kernel_for(torch.empty(1, 1))
    asked = os.environ.get("SNNC_KERNEL") == "torch"
    return f"{kernel.name} ({'SNNC_KERNEL' if asked else native_library()[1]})"


def _call(
    direction: str,
    rows: tuple[Tensor, Tensor, Tensor],
    threshold: Tensor,
    neuron: Neuron,
    edge: tuple[Tensor, ...],
) -> None:
    source, target, potentials = rows
    library, reason = native_library()
    if library is None:
        raise RuntimeError(reason)
    getattr(library, f"{direction}_{SUFFIX[source.dtype]}")(
        source.data_ptr(),
        source.stride(0),
        target.data_ptr(),
        potentials.data_ptr() if potentials.numel() else None,
        *source.shape,
        threshold.data_ptr(),
        threshold.stride(0) if threshold.dim() else 0,
        neuron.leak,
        neuron.initial,
        neuron.gamma,
        RESET_CODE[neuron.reset],
        neuron.refractory,
        *(one.data_ptr() for one in edge),
        *(None for _ in range(2 - len(edge))),
        torch.get_num_threads(),
    )
