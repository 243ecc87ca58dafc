"""Give a static value ``[B, ...]`` a time axis ``[T, B, ...]``: as a spike train, or as it is.

Rate coding draws spikes; direct coding repeats the value. Neither passes a gradient to chance:
a spike train has none, a held value sums those of its steps.
"""

import torch
from torch import Tensor


def poisson(image: Tensor, timesteps: int, generator: torch.Generator | None = None) -> Tensor:
    """Return signed spikes whose rate is the magnitude of a pixel; Sec. III.B.1, footnote 1.

    S[t] = sign(x) [u[t] < |x|] with u ~ U[0, 1) drawn anew for every pixel and step, so 0 never
    fires and ±1 always does. ``generator`` makes the draw repeatable.

    Shapes: ``image`` [B, ...] in [-1, 1] of a floating dtype -> spikes [T, B, ...] in {-1, 0, 1}
    of the same dtype, without gradient. Raises ``ValueError`` for values outside [-1, 1] or NaN.
    """
    _refuse_steps(timesteps)
    image = image.detach()
    refuse_rates(image)
    return draw(image, timesteps, generator)


def draw(image: Tensor, timesteps: int, generator: torch.Generator | None = None) -> Tensor:
    """Return what :func:`poisson` does for an image that was looked at: nothing waits for the device."""
    dtype = torch.promote_types(image.dtype, torch.float32)  # bfloat16 has 256 rates
    chance = torch.rand((timesteps, *image.shape), generator=generator, dtype=dtype, device=image.device)
    return chance.lt_(image.abs()).mul_(image.sign()).to(image.dtype)


def hold(x: Tensor, timesteps: int) -> Tensor:
    """Return a value ``[B, ...]`` at every step, ``[T, B, ...]``: direct coding; Sec. VI.

    It is a view, not a copy, and its gradient is the sum over the steps. What is computed from
    it step by step is computed T times over, so hold the result of a layer rather than its input.
    """
    _refuse_steps(timesteps)
    return x.expand(timesteps, *x.shape)


def _refuse_steps(timesteps: int) -> None:
    if timesteps != int(timesteps) or timesteps < 1:
        raise ValueError(f"timesteps is a number of steps, 1, 2, ...; got {timesteps}")


def refuse_rates(image: Tensor) -> None:
    """Raise ``ValueError`` for an image whose values are no rates."""
    if not image.is_floating_point():
        raise ValueError(f"a rate-coded image has a floating dtype; got {image.dtype}")
    if image.numel() == 0 or image.is_meta or torch.compiler.is_compiling():  # no values to look at
        return
    low, high = (float(bound) for bound in image.aminmax())
    if not -1 <= low <= high <= 1:
        raise ValueError(f"a rate-coded image lies in [-1, 1]; got values from {low} to {high}")
