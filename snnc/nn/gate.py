"""Max pooling of spike trains: what passes is the neuron that has fired most so far.

The largest of several spikes says nothing of the largest rate: a window of four neurons that each fire now
and then would pass almost every spike. So a gate follows the counts.
"""

from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional

from snnc.nn.carry import carried


def gated_max_pool(x: Tensor, size: int, stride: int) -> Tensor:
    """Return at each step the spikes of each window's neuron with most spikes up to and including it.

    Between equals the first one in the window passes. ``size`` 0 takes the whole map.

    Shapes: trains ``[T, B, C, H, W]`` -> ``[T, B, C, H', W']``.
    """
    counts = x.to(torch.promote_types(x.dtype, torch.float32)).cumsum(0).flatten(0, 1)
    if size:
        _, places = functional.max_pool2d(counts, size, stride, return_indices=True)
    else:
        places = counts.flatten(2).argmax(-1)[..., None, None]
    passed = x.flatten(0, 1).flatten(2).gather(2, places.flatten(2)).view_as(places)
    return passed.to(x.dtype).view(*x.shape[:2], *passed.shape[1:])


@final
class GatedMaxPool(nn.Module):
    """The gate as a layer that is applied to all steps at once, as `over_time` does.

    Shapes: ``[T B, C, H, W]``, the steps of all images one after the other -> ``[T B, C, H', W']``.
    """

    def __init__(self, size: int, stride: int, timesteps: int) -> None:
        super().__init__()
        self.needs_all_steps = True
        self.size, self.stride, self.timesteps = size, stride, timesteps

    def forward(self, x: Tensor) -> Tensor:
        """Return the spikes that pass. Raises ``RuntimeError`` where not all steps are there."""
        if carried() is not None:
            raise RuntimeError(
                "a gated max pool counts over a whole presentation; it cannot be fed step by step"
            )
        return gated_max_pool(x.unflatten(0, (self.timesteps, -1)), self.size, self.stride).flatten(0, 1)

    def extra_repr(self) -> str:
        """Show the window."""
        return f"{self.size}, stride={self.stride}"
