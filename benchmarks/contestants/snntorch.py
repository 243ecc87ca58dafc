"""snnTorch: its Leaky neurons in a loop over time; reset without delay, as ours."""

from typing import Any

import snntorch
from snntorch import surrogate
from torch import Tensor, nn

from benchmarks.contestants.base import Chain, Contestant, Setting
from benchmarks.networks import LEAK, THRESHOLD


class Network(Chain):
    """The loop over time of its tutorials: spike and membrane go from step to step."""

    def forward(self, x: Tensor) -> Tensor:
        membranes = {i: _start(layer) for i, layer in enumerate(self.spiking) if _fires(layer)}
        total: Tensor | float = 0.0
        for value in self.steps(x):
            y = value
            for i, layer in enumerate(self.spiking):
                if _fires(layer):
                    y, membranes[i] = layer(y, membranes[i])
                else:
                    y = layer(y)
            total = total + y
        scores: Tensor = self.classifier(total / self.timesteps)
        return scores


def _start(layer: Any) -> Tensor:  # noqa: ANN401 - a Leaky
    start: Tensor = layer.init_leaky()
    return start


def _fires(layer: nn.Module) -> bool:
    return isinstance(layer, snntorch.Leaky)


def _neurons() -> nn.Module:
    leaky: nn.Module = snntorch.Leaky(
        beta=LEAK,
        threshold=THRESHOLD,
        reset_mechanism="subtract",
        reset_delay=False,
        spike_grad=surrogate.fast_sigmoid(),
    )
    return leaky


def build(setting: Setting) -> Contestant:
    return Network(setting, _neurons)
