"""Turn a membrane potential into a spike that training can see through; Sec. III.B.2.

Forward a spike is a comparison, whose derivative is zero; backward it borrows the triangle of
Eqn (4). This file refuses to know about time, leak or reset.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable


def surrogate_slope(potential: Tensor, threshold: float | Tensor, gamma: float = 0.3) -> Tensor:
    """Return the derivative that stands in for that of a spike; Eqn (4), literally.

    dS/dV = γ max(0, 1 - |(V - v) / v|), with no further 1/v from a chain rule.

    Shapes: ``threshold`` broadcasts against ``potential``; both are in units of weighted input.
    """
    distance = (potential - threshold).div_(threshold).abs_()
    return distance.neg_().add_(1).clamp_(min=0).mul_(gamma)  # in place: this runs for every value


class _Fire(torch.autograd.Function):
    """The spike of Eqn (2)'s text, S = [V >= v], with the slope of Eqn (4)."""

    @staticmethod
    def forward(ctx: Any, potential: Tensor, threshold: float | Tensor, gamma: float) -> Tensor:  # noqa: ANN401
        ctx.save_for_backward(potential)
        ctx.threshold, ctx.gamma = threshold, gamma
        return (potential >= threshold).to(potential.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:  # noqa: ANN401
        (potential,) = ctx.saved_tensors
        return gradient * surrogate_slope(potential, ctx.threshold, ctx.gamma), None, None


def fire(potential: Tensor, threshold: float | Tensor, gamma: float = 0.3) -> Tensor:
    """Return 1 where the potential reaches the threshold and 0 elsewhere; Eqns (2) and (4).

    S = [V >= v]; its gradient with respect to V is :func:`surrogate_slope`, and it is finite for
    any finite potential in float16, float32 and float64. The threshold gets no gradient.

    Shapes: ``threshold`` broadcasts against ``potential``, whose shape and dtype the spikes have.
    """
    spike: Tensor = _Fire.apply(potential, threshold, gamma)
    return spike
