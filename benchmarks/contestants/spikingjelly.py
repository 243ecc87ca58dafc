"""SpikingJelly 2 in its multi-step mode: layer by layer, the steps folded into the batch."""

from spikingjelly.activation_based import functional, neuron, surrogate
from torch import Tensor, nn

from benchmarks.contestants.base import Chain, Contestant, Setting
from benchmarks.networks import LEAK, THRESHOLD


class Network(Chain):
    """Its own container folds the steps, its multi-step neurons loop over them."""

    def forward(self, x: Tensor) -> Tensor:
        functional.reset_net(self)
        held = len(self.static) > 0
        y = self.static(x).expand(self.timesteps, -1, -1, -1, -1) if held else x
        for each in self.spiking:
            y = each(y) if isinstance(each, neuron.LIFNode) else functional.seq_to_ann_forward(y, each)
        scores: Tensor = self.classifier(y.mean(0))
        return scores


def _neurons() -> nn.Module:
    node: nn.Module = neuron.LIFNode(
        tau=1 / (1 - LEAK),
        decay_input=False,
        v_threshold=THRESHOLD,
        v_reset=None,
        detach_reset=True,
        surrogate_function=surrogate.ATan(),
        step_mode="m",
    )
    return node


def build(setting: Setting) -> Contestant:
    return Network(setting, _neurons)
