"""Make the channels of one layer fit another: fewer of them, or the same ones again.

Narrowing closes a BackRes block that puts out more channels than it takes in (Sec. IV); tiling
lets three colours be added to many maps. Neither has weights.
"""

from typing import Literal

import torch
from torch import Tensor, nn

from snnc.nn.carry import carried

Keep = Literal["mean", "top", "random"]


class Narrow(nn.Module):
    """Bring ``inputs`` channels down to ``outputs`` between the steps of a BackRes block; Sec. IV.

    ``keep`` is ``mean``: adjacent groups of inputs / outputs channels are averaged;
    ``top``: the channels with most activity are kept, per sample and in their order. For a spike
    train that is the number of spikes up to and including each step, so no step looks ahead; for
    a static map it is its mean. Between equals the lower channel is kept;
    ``random``: one subset, drawn when the module is made and kept as the buffer ``kept``.

    Shapes: static ``[B, C, ...]``, or with ``spiking`` trains ``[T, B, C, ...]``. Raises
    ``ValueError`` where outputs do not lie in 1..inputs, or do not divide inputs for ``mean``.
    """

    kept: Tensor

    def __init__(self, inputs: int, outputs: int, keep: Keep, *, spiking: bool = False) -> None:
        super().__init__()
        if not 1 <= outputs <= inputs:
            raise ValueError(f"Narrow keeps between 1 and {inputs} channels; got {outputs}")
        if keep not in ("mean", "top", "random"):
            raise ValueError(f"keep is 'mean', 'top' or 'random'; got {keep!r}")
        if keep == "mean" and inputs % outputs:
            raise ValueError(f"a mean of groups needs {outputs} to divide {inputs}")
        self.inputs, self.outputs, self.keep, self.spiking = inputs, outputs, keep, spiking
        if keep == "random":
            self.register_buffer("kept", torch.randperm(inputs)[:outputs].sort().values)

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x`` with ``outputs`` channels."""
        axis = 2 if self.spiking else 1
        if x.dim() <= axis or x.shape[axis] != self.inputs:
            raise ValueError(f"Narrow takes {self.inputs} channels on axis {axis}; got {x.shape}")
        match self.keep:
            case "mean":
                return x.reshape(*x.shape[:axis], self.outputs, -1, *x.shape[axis + 1 :]).mean(axis + 1)
            case "top":
                return self._most_active(x, axis)
            case "random":
                return x.index_select(axis, self.kept)

    def _most_active(self, x: Tensor, axis: int) -> Tensor:
        activity = _activity(x.detach(), axis)
        if self.spiking:
            activity = _so_far(activity)
        ranking = activity.argsort(dim=-1, descending=True, stable=True)
        kept = ranking[..., : self.outputs].sort(dim=-1).values
        kept = kept.view(*kept.shape, *[1] * (x.dim() - kept.dim()))
        return x.gather(axis, kept.expand(*kept.shape[: axis + 1], *x.shape[axis + 1 :]))

    def extra_repr(self) -> str:
        """Show what it was made with."""
        return f"{self.inputs}, {self.outputs}, {self.keep!r}, spiking={self.spiking}"


def _so_far(activity: Tensor) -> Tensor:
    """Return the activity ``[T, ...]`` up to and including each step, since the presentation began."""
    memory = carried()
    before = memory.take() if memory else None
    total = activity.cumsum(0) if before is None else activity.cumsum(0) + before[0]
    if memory:
        memory.leave(total[-1])
    return total


def _activity(x: Tensor, axis: int) -> Tensor:
    """Return the sum over the map of each channel, in float32 or wider: half counts to 2,048."""
    wide = x.to(torch.promote_types(x.dtype, torch.float32))
    return wide.flatten(axis + 1).sum(-1) if x.dim() > axis + 1 else wide


def tile_channels(x: Tensor, channels: int, axis: int = -3) -> Tensor:
    """Repeat the channels of maps ``[..., C, H, W]`` in order until there are ``channels``.

    Three colours tiled to 36 are added to 36 maps by a skip connection without weights; where C
    does not divide ``channels`` the last repetition is cut. The channels of vectors ``[..., C]``
    are their features: ``axis`` is then -1. Raises ``ValueError`` for fewer than C.
    """
    present = x.shape[axis] if x.dim() >= -axis else 0
    if not 1 <= present <= channels:
        raise ValueError(f"1 to {channels} channels on axis {axis} tile to {channels}; got {list(x.shape)}")
    return torch.cat([x] * -(-channels // present), axis).narrow(axis, 0, channels)
