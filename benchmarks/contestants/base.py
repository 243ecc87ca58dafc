"""What the contestants share: plain torch layers that hold the given weights."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.networks import Conv, Fire, Layer, Linear, Network, Pool, Relu


@dataclass(frozen=True)
class Setting:
    """What a contestant is built for."""

    network: Network
    weights: Mapping[str, Tensor]
    timesteps: int
    batch: int


class Contestant(nn.Module):
    """A network as a contestant runs it: input -> class scores ``[B, 10]``."""

    def infer(self, x: Tensor) -> Tensor:
        """Return the class scores, without a thought of gradients."""
        with torch.no_grad():
            scores: Tensor = self(x)
        return scores

    def learn(self, x: Tensor, target: Tensor) -> None:
        """Leave a gradient in each weight: forward, loss and backward, the step of no optimiser."""
        self.zero_grad(set_to_none=True)
        functional.cross_entropy(self(x).float(), target).backward()


Build = Callable[[Setting], Contestant]


def layer_of(layer: Layer, made: dict[str, nn.Module], setting: Setting) -> nn.Module:
    """Return torch's own layer; one of a name that was already made is that very layer."""
    match layer:
        case Conv() | Linear():
            return made.setdefault(layer.name, _weighted(layer, setting.weights[layer.name]))
        case Pool():
            return nn.AvgPool2d(2)
        case Relu():
            return nn.ReLU()
        case Fire():
            raise ValueError("neurons are the contestant's own")


def _weighted(layer: Conv | Linear, weight: Tensor) -> nn.Module:
    if isinstance(layer, Conv):
        module: nn.Module = nn.Conv2d(layer.inputs, layer.outputs, 3, padding=1, bias=False)
    else:
        module = Flat(layer.inputs, layer.outputs, bias=False)
    module.load_state_dict({"weight": weight})
    return module


class Flat(nn.Linear):
    """A linear layer that flattens the maps it gets."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.flatten(1))


class Static(nn.Sequential):
    """The part of a hybrid that knows no time; empty where there is none."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(*(layer_of(layer, {}, setting) for layer in setting.network.static))


class Chain(Contestant):
    """The static part, the layers with a contestant's neurons in them, and the classifier.

    ``neurons`` makes one population.
    """

    def __init__(self, setting: Setting, neurons: Callable[[], nn.Module]) -> None:
        super().__init__()
        self.timesteps = setting.timesteps
        self.static = Static(setting)
        made: dict[str, nn.Module] = {}
        self.spiking = nn.ModuleList(
            neurons() if isinstance(layer, Fire) else layer_of(layer, made, setting)
            for layer in setting.network.spiking
        )
        self.classifier = layer_of(setting.network.classifier, made, setting)

    def steps(self, x: Tensor) -> list[Tensor]:
        """Return what the first spiking layer gets at each step."""
        if len(self.static):
            return [self.static(x)] * self.timesteps
        return list(x.unbind(0))
