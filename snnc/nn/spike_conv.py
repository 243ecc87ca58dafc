"""A convolution that skips what did not fire.

Of a spike train few values are not 0, and those are 1: a sum of weights, most of which need not be looked
at. Where a kernel for that is at hand, a :class:`SpikeConv2d` uses it; elsewhere, and for any other values,
it is torch's own convolution.
"""

from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

FEWEST_CHANNELS = 16  # below, there is little to skip


class SparseConvolution(Protocol):
    """One way to convolve bits. Maps are channels last; geometry is (stride, padding), square."""

    def takes(self, x: Tensor, weight: Tensor) -> bool:
        """Tell whether it can run these: of one dtype, or x in bfloat16 where autocast rounds the weight."""

    def pack(self, x: Tensor) -> Tensor | None:
        """Return the bits of maps [N, C, H, W] as [N, H, W, words]; None where a value is not 0 or 1."""

    def forward(
        self,
        bits: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        shape: torch.Size,
        geometry: tuple[int, int],
        dtype: torch.dtype,
    ) -> Tensor:
        """Return the maps [N, O, H', W'] of weights that are rounded to ``dtype``, in it.

        ``shape`` is that of the input.
        """

    def weight_gradient(
        self, bits: Tensor, gradient: Tensor, weight: Tensor, shape: torch.Size, geometry: tuple[int, int]
    ) -> Tensor:
        """Return the gradient for the weight; that for the maps may be in bfloat16."""


SPARSE: list[SparseConvolution] = []  # the kernels that are at hand, the fastest first


class SpikeConv2d(nn.Conv2d):
    """`torch.nn.Conv2d` for maps of spikes: the same arguments, weights and result, computed sooner.

    Shapes: ``[N, C, H, W]`` -> ``[N, O, H', W']``. Sums are taken in another order than torch's, the same
    for each pixel whatever the batch; the backward pass keeps the bits of the input alone.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return the convolution of spikes, or of any other maps."""
        geometry = self._geometry(x)
        kernel = next((one for one in SPARSE if one.takes(x, self.weight)), None) if geometry else None
        bits = kernel.pack(x) if kernel else None
        if geometry is None or kernel is None or bits is None:
            return super().forward(x)
        result: Tensor = _SpikeConv.apply(x, self.weight, self.bias, bits, geometry, kernel)
        return result

    def _geometry(self, x: Tensor) -> tuple[int, int] | None:
        """Return stride and padding where a kernel may do this: one number for each."""
        if x.dim() != 4 or x.shape[1] < FEWEST_CHANNELS or x.numel() == 0 or _is_watched(x):
            return None
        if self.groups > 1 or self.dilation != (1, 1) or self.padding_mode != "zeros":
            return None
        strides, paddings = set(self.stride), set(self.padding)
        if len(strides) > 1 or len(paddings) > 1 or isinstance(self.padding, str):
            return None
        padding = int(self.padding[0])
        reaches = all(
            size + 2 * padding >= tap for size, tap in zip(x.shape[2:], self.kernel_size, strict=True)
        )
        return (self.stride[0], padding) if reaches and x.shape[1] == self.in_channels else None


def _is_watched(x: Tensor) -> bool:
    """Tell whether somebody looks at every operation: a compiler, a transform, a counter, other autocasts."""
    if torch.compiler.is_compiling() or torch.jit.is_tracing():  # type: ignore[attr-defined]
        return True
    counted = torch._C._len_torch_dispatch_stack() > 0  # noqa: SLF001
    transformed = torch._C._functorch.peek_interpreter_stack() is not None  # noqa: SLF001
    return counted or transformed or (_casts(x) and not _is_bfloat16(x))


def _casts(x: Tensor) -> bool:
    return torch.is_autocast_enabled(x.device.type)


def _is_bfloat16(x: Tensor) -> bool:
    """Tell whether products of these maps are rounded to bfloat16."""
    cast = _casts(x) and x.dtype is not torch.float64  # which autocast leaves alone
    return (torch.get_autocast_dtype(x.device.type) if cast else x.dtype) is torch.bfloat16


class _SpikeConv(torch.autograd.Function):
    """The convolution of bits; what is kept of the input is these."""

    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401
        x: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        bits: Tensor,
        geometry: tuple[int, int],
        kernel: SparseConvolution,
    ) -> Tensor:
        ctx.save_for_backward(bits, weight)
        ctx.shape, ctx.geometry, ctx.kernel = x.shape, geometry, kernel
        dtype = torch.bfloat16 if _is_bfloat16(x) else weight.dtype
        return kernel.forward(bits, weight, bias, x.shape, geometry, dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:  # noqa: ANN401
        bits, weight = ctx.saved_tensors
        wants_input, wants_weight, wants_bias = ctx.needs_input_grad[:3]
        gradient = gradient.contiguous(memory_format=torch.channels_last)
        to_input = _input_gradient(gradient, weight, ctx.shape, ctx.geometry) if wants_input else None
        to_weight = None
        if wants_weight:
            to_weight = ctx.kernel.weight_gradient(bits, gradient, weight, ctx.shape, ctx.geometry)
        to_bias = gradient.sum((0, 2, 3)) if wants_bias else None
        return to_input, to_weight, to_bias, None, None, None


def _input_gradient(gradient: Tensor, weight: Tensor, shape: torch.Size, geometry: tuple[int, int]) -> Tensor:
    """Return the gradient for the input, which is dense: a transposed convolution."""
    stride, padding = geometry
    sizes = zip(shape[2:], gradient.shape[2:], weight.shape[2:], strict=True)
    missing = [size - ((out - 1) * stride - 2 * padding + tap) for size, out, tap in sizes]
    return torch.conv_transpose2d(gradient, weight.to(gradient.dtype), None, stride, padding, missing)
