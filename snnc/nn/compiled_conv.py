"""Convolve spikes in C++: the kernel of spike_conv.py, where a compiler is at hand.

A printed network does not need this file.
"""

import ctypes
from collections.abc import Callable
from typing import final

import torch
from torch import Tensor

from snnc.nn.heap import LINE, empty
from snnc.nn.native import SUFFIX, is_in_memory, native_library, wants_native

WORD = 64  # channels to a word, as in conv.cpp


@final
class CompiledConvolution:
    """The loops of conv.cpp and conv_learn.cpp: float32, float64 and bfloat16 on the CPU."""

    def takes(self, x: Tensor, weight: Tensor) -> bool:
        """Tell whether the kernel is to be used."""
        cast = torch.is_autocast_enabled("cpu") and (x.dtype, weight.dtype) == (torch.bfloat16, torch.float32)
        if not is_in_memory(x) or not (cast or x.dtype == weight.dtype):
            return False
        return wants_native()

    def pack(self, x: Tensor) -> Tensor | None:
        """Return 64 channels to a word."""
        maps = x.detach().permute(0, 2, 3, 1).contiguous()
        channels = maps.shape[-1]
        bits = empty((*maps.shape[:3], -(-channels // WORD)), torch.int64)
        count = maps.shape[:3].numel()
        binary = _function("pack", x.dtype)(
            maps.data_ptr(), bits.data_ptr(), count, channels, torch.get_num_threads()
        )
        return bits if binary else None

    def forward(
        self,
        bits: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        shape: torch.Size,
        geometry: tuple[int, int],
        dtype: torch.dtype,
    ) -> Tensor:
        """Add up the weights of what fired, tap by tap and channel by channel, in float32 or wider."""
        sizes = _sizes(shape, weight, geometry)
        rows, columns = ((shape[i] + 2 * geometry[1] - weight.shape[i]) // geometry[0] + 1 for i in (2, 3))
        out = empty((shape[0], rows, columns, weight.shape[0]), dtype)
        taps = _padded(weight.detach().to(dtype).permute(2, 3, 1, 0), LINE // dtype.itemsize)
        added = None if bias is None else bias.detach().to(dtype).contiguous()
        _function("convolve", dtype)(
            bits.data_ptr(),
            taps.data_ptr(),
            None if added is None else added.data_ptr(),
            out.data_ptr(),
            sizes,
            torch.get_num_threads(),
        )
        return out.permute(0, 3, 1, 2)

    def weight_gradient(
        self, bits: Tensor, gradient: Tensor, weight: Tensor, shape: torch.Size, geometry: tuple[int, int]
    ) -> Tensor:
        """Add each gradient to the weights of what fired before it, in float32 or wider."""
        wide = torch.promote_types(gradient.dtype, torch.float32)
        outputs, inputs, rows, columns = weight.shape
        room = torch.empty(rows, columns, inputs, outputs, dtype=wide)
        taps = _padded(room, LINE // gradient.element_size())
        maps = gradient.permute(0, 2, 3, 1).contiguous()
        sizes = _sizes(shape, weight, geometry)
        _function("learn", gradient.dtype)(
            bits.data_ptr(), maps.data_ptr(), taps.data_ptr(), sizes, torch.get_num_threads()
        )
        return taps[..., :outputs].permute(3, 2, 0, 1).to(weight.dtype)


def _padded(taps: Tensor, lanes: int) -> Tensor:
    """Return weights ``[KH, KW, C, O]`` in lines of the cache, their last axis a multiple of ``lanes``."""
    width = -(-taps.shape[-1] // lanes) * lanes
    room = torch.empty(taps.shape[:-1].numel() * width + lanes, dtype=taps.dtype)
    first = -(room.data_ptr() // taps.element_size()) % lanes
    padded = room[first : first + taps.shape[:-1].numel() * width].view(*taps.shape[:-1], width)
    padded[..., : taps.shape[-1]] = taps
    padded[..., taps.shape[-1] :] = 0
    return padded


def _sizes(shape: torch.Size, weight: Tensor, geometry: tuple[int, int]) -> ctypes.Array[ctypes.c_int64]:
    """Return the sizes in the order of the Shape of conv.h."""
    images, channels, rows, columns = shape
    outputs, _, tap_rows, tap_columns = weight.shape
    sizes = (images, rows, columns, channels, outputs, tap_rows, tap_columns, *geometry)
    return (ctypes.c_int64 * len(sizes))(*sizes)


def _function(name: str, dtype: torch.dtype) -> Callable[..., int]:
    library, reason = native_library()
    if library is None:
        raise RuntimeError(reason)
    return getattr(library, f"{name}_{SUFFIX[dtype]}")  # type: ignore[no-any-return]
