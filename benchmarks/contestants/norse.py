"""Norse: LIF cells without a synapse, which its loop carries from step to step.

Its potential is ours times 1 - leak, so its threshold is, too.
"""

import torch
from norse.torch import LIFBoxCell, LIFBoxParameters, SequentialState
from norse.torch.functional.reset import reset_subtract
from torch import Tensor, nn

from benchmarks.contestants.base import Chain, Contestant, Setting
from benchmarks.networks import LEAK, THRESHOLD

STEP = 0.001  # s, its default


class Network(Chain):
    """One stateful sequence, called once a step."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, _neurons)
        self.sequence = SequentialState(*self.spiking)

    def forward(self, x: Tensor) -> Tensor:
        state = None
        total: Tensor | float = 0.0
        for value in self.steps(x):
            y, state = self.sequence(value, state)
            total = total + y
        scores: Tensor = self.classifier(total / self.timesteps)
        return scores


def _neurons() -> nn.Module:
    double = torch.float64
    parameters = LIFBoxParameters(
        tau_mem_inv=torch.tensor((1 - LEAK) / STEP, dtype=double),
        v_th=torch.tensor((1 - LEAK) * THRESHOLD, dtype=double),
        reset_method=reset_subtract,
    )
    cell: nn.Module = LIFBoxCell(parameters, dt=STEP)
    return cell


def build(setting: Setting) -> Contestant:
    return Network(setting)
