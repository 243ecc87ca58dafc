"""sinabs: its squeezed layers, steps folded into the batch, a sample's steps side by side."""

from math import log

import sinabs.layers
from sinabs.activation import MembraneSubtract, SingleSpike
from torch import Tensor, nn

from benchmarks.contestants.base import Chain, Contestant, Setting
from benchmarks.networks import LEAK, THRESHOLD


class Network(Chain):
    """A plain chain of layers over ``[B T, ...]``."""

    def forward(self, x: Tensor) -> Tensor:
        for each in self.spiking:
            if isinstance(each, sinabs.layers.LIFSqueeze):
                each.reset_states()
        held = len(self.static) > 0
        train = self.static(x).expand(self.timesteps, -1, -1, -1, -1) if held else x
        y = train.transpose(0, 1).flatten(0, 1)
        for each in self.spiking:
            y = each(y)
        scores: Tensor = self.classifier(y.unflatten(0, (-1, self.timesteps)).mean(1))
        return scores


def build(setting: Setting) -> Contestant:
    def neurons() -> nn.Module:
        layer: nn.Module = sinabs.layers.LIFSqueeze(
            num_timesteps=setting.timesteps,
            tau_mem=-1 / log(LEAK),
            spike_threshold=THRESHOLD,
            spike_fn=SingleSpike,
            reset_fn=MembraneSubtract(),
            norm_input=False,
        )
        return layer.requires_grad_(requires_grad=False)

    return Network(setting, neurons)
