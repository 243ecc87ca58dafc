"""An average pool that keeps nothing of its input.

The gradient of a mean is the same whatever was averaged. Torch's pool keeps its input all the same, if only
for its size; behind neurons nobody else needs those spikes, and over T steps they take as much memory as the
potentials.
"""

from typing import Any

import torch
from torch import Tensor, nn


class MeanPool2d(nn.AvgPool2d):
    """`torch.nn.AvgPool2d`: the same arguments and the same result, in less memory.

    Shapes: ``[N, C, H, W]`` -> ``[N, C, H // size, W // size]``. Where windows overlap or leave a rest it is
    torch's own.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return the means over windows."""
        if not self._is_even(x):
            return super().forward(x)
        means: Tensor = _MeanPool.apply(x, self.kernel_size)
        return means

    def _is_even(self, x: Tensor) -> bool:
        """Tell whether square windows cover the maps, each value once."""
        size = self.kernel_size
        if not isinstance(size, int) or self.stride != size or self.padding or self.divisor_override:
            return False
        return x.dim() == 4 and x.shape[2] % size == 0 and x.shape[3] % size == 0


class _MeanPool(torch.autograd.Function):
    """Means over windows; what is kept is how large these are."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, size: int) -> Tensor:
        return nn.functional.avg_pool2d(x, size)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, int], output: Tensor) -> None:  # noqa: ANN401, ARG004
        ctx.size = inputs[1]

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:  # noqa: ANN401
        return _spread(gradient / ctx.size**2, ctx.size), None


def _spread(share: Tensor, size: int) -> Tensor:
    """Return maps in which each value of a window is its share, in the same layout."""
    images, channels, height, width = share.shape
    if share.stride(1) != 1:
        maps = share[..., None, :, None].expand(images, channels, height, size, width, size)
        return maps.reshape(images, channels, height * size, width * size)
    maps = share.permute(0, 2, 3, 1)[:, :, None, :, None]
    maps = maps.expand(images, height, size, width, size, channels)
    return maps.reshape(images, height * size, width * size, channels).permute(0, 3, 1, 2)
