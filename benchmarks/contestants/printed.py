"""snnc: the module that it prints, as it is printed.

The one thing done to it is that its encoder hands out the spikes that every contestant gets.
"""

import re

from torch import Tensor, nn

import snnc
from benchmarks.contestants.base import Contestant, Setting
from benchmarks.networks import Network
from snnc.source.data import data


def spec(network: Network) -> str:
    """Return the spec of a network: a file's, without a classifier of several parts."""
    unrolled = re.fullmatch(r"vgg3x(\d+)", network.name)
    text = (data("specs") / f"{'vgg3x4' if unrolled else network.name}.spec").read_text()
    times = f"repeated {unrolled[1]} times" if unrolled else ""
    return text.replace("repeated 4 times", times).replace("classify stochmax", "")


class Printed(Contestant):
    """A printed network with the weights of the others."""

    presented: Tensor

    def __init__(self, net: nn.Module, setting: Setting) -> None:
        super().__init__()
        self.net, self.encoded = net, not setting.network.static
        state = {f"{name}.weight": weight for name, weight in setting.weights.items()}
        unexpected = net.load_state_dict(state, strict=False).unexpected_keys
        if unexpected:
            raise ValueError(f"the printed network has no {', '.join(unexpected)}")
        if self.encoded:
            type(net).forward.__globals__["poisson"] = self.hand_out

    def hand_out(self, image: Tensor, timesteps: int) -> Tensor:
        """Stand in for the encoder."""
        if self.presented.shape[:2] != (timesteps, len(image)):
            raise ValueError(f"no spikes were drawn for {timesteps} steps of {len(image)} images")
        return self.presented

    def forward(self, x: Tensor) -> Tensor:
        self.presented = x
        scores: Tensor = self.net(x[0] if self.encoded else x)
        return scores


def build(setting: Setting) -> Contestant:
    net = snnc.loads(spec(setting.network)).snn(timesteps=setting.timesteps)
    return Printed(net, setting)
