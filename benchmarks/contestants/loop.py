"""A loop over time in plain torch, as one writes it by hand: no library, nothing clever."""

from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.contestants.base import Chain, Contestant, Setting
from benchmarks.networks import GAMMA, LEAK, THRESHOLD


class Spike(torch.autograd.Function):
    """A comparison, with the slope of a triangle."""

    @staticmethod
    def forward(ctx: Any, potential: Tensor) -> Tensor:  # noqa: ANN401
        ctx.save_for_backward(potential)
        return (potential >= THRESHOLD).to(potential.dtype)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:  # noqa: ANN401
        (potential,) = ctx.saved_tensors
        slope: Tensor = GAMMA * (1 - (potential / THRESHOLD - 1).abs()).clamp(min=0)
        return gradient * slope


class Neurons(nn.Module):
    """LIF neurons whose potential is an attribute that the network clears."""

    potential: Tensor | float = 0.0

    def forward(self, current: Tensor) -> Tensor:
        potential = LEAK * self.potential + current
        spike: Tensor = Spike.apply(potential)
        self.potential = potential - THRESHOLD * spike.detach()
        return spike


class AboveTwice(Neurons):
    """The rule of snnTorch, which differs where V exceeds v after its reset.

    It fires on V - v then, and adds v again where it does not subtract it for a spike.
    """

    def forward(self, current: Tensor) -> Tensor:
        above = THRESHOLD * (torch.as_tensor(self.potential) > THRESHOLD)
        potential = LEAK * self.potential + current - above
        spike: Tensor = Spike.apply(potential)
        self.potential = potential - THRESHOLD * spike.detach() + above
        return spike


class Loop(Chain):
    """The network, step by step."""

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.spiking:
            if isinstance(layer, Neurons):
                layer.potential = 0.0
        total: Tensor | float = 0.0
        for value in self.steps(x):
            y = value
            for layer in self.spiking:
                y = layer(y)
            total = total + y
        scores: Tensor = self.classifier(total / self.timesteps)
        return scores


def build(setting: Setting) -> Contestant:
    return Loop(setting, Neurons)


def build_above_twice(setting: Setting) -> Contestant:
    return Loop(setting, AboveTwice)
