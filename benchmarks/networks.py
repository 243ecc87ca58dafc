"""The networks that are measured, said again without snnc, so that the two can be compared."""

from dataclasses import dataclass, replace
from math import sqrt

import torch
from torch import Tensor

LEAK, THRESHOLD, GAMMA = 0.95, 1.0, 0.3  # those of specs/: every neuron here is a LIF of these
CLASSES = 10
IMAGE = (3, 32, 32)


@dataclass(frozen=True)
class Conv:
    """A convolution of 3x3 that keeps the map's size, without a bias."""

    name: str
    inputs: int
    outputs: int


@dataclass(frozen=True)
class Linear:
    """A fully connected layer without a bias; it flattens what it gets."""

    name: str
    inputs: int
    outputs: int


@dataclass(frozen=True)
class Pool:
    """The mean over 2x2."""


@dataclass(frozen=True)
class Fire:
    """A population of LIF neurons."""


@dataclass(frozen=True)
class Relu:
    """The neuron of an ANN."""


Layer = Conv | Linear | Pool | Fire | Relu


@dataclass(frozen=True)
class Network:
    """A chain: ``static`` once on the image, ``spiking`` at each step, then the classifier once.

    Without a static part the input is a spike train ``[T, B, 3, 32, 32]``; with one it is an image
    ``[B, 3, 32, 32]``, and the result of that part is the current of the first neurons at each step.
    """

    name: str
    static: tuple[Layer, ...]
    spiking: tuple[Layer, ...]
    classifier: Linear

    @property
    def layers(self) -> tuple[Layer, ...]:
        return (*self.static, *self.spiking, self.classifier)


def _vgg5(name: str, *deep: str) -> Network:
    """Return VGG5 with other convolutions behind its first pool."""
    first = (Conv("Conv1", 3, 64), Fire(), Conv("Conv2", 64, 64), Fire(), Pool())
    second = [layer for named in deep for layer in (Conv(named, 64, 64), Fire())]
    last = (Pool(), Linear("FC1", 4096, 512), Fire())
    return Network(name, (), (*first, *second, *last), Linear("FC2", 512, CLASSES))


def _vgg9() -> Network:
    """Return the hybrid of Table XV without its second classifier."""
    relu = (Conv("Conv1", 3, 64), Relu(), Conv("Conv2", 64, 64), Relu(), Pool(), Conv("Conv3", 64, 128))
    widths = {"Conv5": (128, 256), "Conv6": (256, 256), "Conv7": (256, 256)}
    deep = [layer for name, sizes in widths.items() for layer in (Conv(name, *sizes), Fire())]
    spiking = (Fire(), Conv("Conv4", 128, 128), Fire(), Pool(), *deep, Pool())
    top = (Linear("FC1", 4096, 1024), Fire())
    return Network("vgg9", relu, (*spiking, *top), Linear("FC2", 1024, CLASSES))


NETWORKS = {
    network.name: network
    for network in (_vgg5("vgg5", "Conv3", "Conv4"), _vgg5("vgg3x4", *["Conv3"] * 4), _vgg9())
}


def deeper(times: int) -> Network:
    """Return VGG3xn, whose third convolution runs ``times`` times on its own output."""
    return replace(_vgg5("vgg5", *["Conv3"] * times), name=f"vgg3x{times}")


def weights(network: Network, seed: int = 0) -> dict[str, Tensor]:
    """Return one tensor for each weight, drawn as specs/ has it: Xavier, with gain 2."""
    generator = torch.Generator().manual_seed(seed)
    drawn: dict[str, Tensor] = {}
    for layer in network.layers:
        if isinstance(layer, Conv | Linear) and layer.name not in drawn:
            drawn[layer.name] = _xavier(layer, generator)
    return drawn


def _xavier(layer: Conv | Linear, generator: torch.Generator) -> Tensor:
    window = 3 if isinstance(layer, Conv) else 1
    bound = 2 * sqrt(6 / ((layer.inputs + layer.outputs) * window**2))
    shape = (layer.outputs, layer.inputs, *[window] * (2 if isinstance(layer, Conv) else 0))
    return (torch.rand(shape, generator=generator) * 2 - 1) * bound


def presented(network: Network, timesteps: int, batch: int, seed: int = 1) -> Tensor:
    """Return what is fed to every contestant: spikes of an image's strength and sign, or the image."""
    generator = torch.Generator().manual_seed(seed)
    image = torch.rand(batch, *IMAGE, generator=generator) * 2 - 1
    if network.static:
        return image
    drawn = torch.rand(timesteps, *image.shape, generator=generator)
    return image.sign() * (drawn <= image.abs())
