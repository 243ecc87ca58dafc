"""The spiking twin of ResNet2x2, written by snnc 0.1.0."""

import torch
import torch.nn.functional as F
from snnc.nn import (
    LIF,
    MeanPool2d,
    SpikeConv2d,
    SpikingNetwork,
    kaiming,
    over_time,
    poisson,
    tile_channels,
    xavier,
)
from torch import Tensor, nn


class ResNet2x2(SpikingNetwork):
    """Spiking twin. Image [B, 3, 32, 32] in [-1, 1] -> class scores [B, 10]."""

    widest = 36_864  # the values of its largest layer, per image and step: how much of it stays in the cache

    def __init__(self, timesteps: int = 100, memory: int | str | None = None) -> None:
        super().__init__(timesteps, memory)
        self.Conv1 = nn.Conv2d(3, 36, 3, padding=1, bias=False)
        self.Conv1_lif = LIF(leak=0.95, threshold=1.0)
        self.Conv2 = SpikeConv2d(36, 36, 3, padding=1, bias=False)
        self.Conv2_lif = nn.ModuleList(LIF(leak=0.95, threshold=1.0) for _ in range(2))  # one per step
        self.Pool1 = MeanPool2d(2)
        self.FC1 = nn.Linear(18432, 1024, bias=False)
        self.FC2 = nn.Linear(1024, 10, bias=False)
        xavier(self, gain=2.0)  # wide enough for spikes to reach the last layer
        kaiming(self.FC1)  # ReLU follows

    def forward(self, image: Tensor) -> Tensor:
        spikes = poisson(image, self.timesteps)  # [T, B, 3, 32, 32] spikes
        x = self.in_tiles(self.spiking, spikes)  # [T, B, 72, 16, 16]
        x = F.relu(self.FC1(x.mean(0).flatten(-3)))  # [B, 1024] the mean over T
        return self.FC2(x)  # [B, 10]

    def spiking(self, spikes: Tensor) -> Tensor:
        conv1 = self.Conv1_lif(over_time(self.Conv1, spikes))  # [T, B, 36, 32, 32]
        x = conv1 + tile_channels(spikes, 36)  # [T, B, 36, 32, 32] skip Input-to-Conv2
        for fire in self.Conv2_lif:  # BackRes: Conv2 runs twice on its own output
            x = fire(over_time(self.Conv2, x))  # [T, B, 36, 32, 32]
        x = over_time(self.Pool1, x)  # [T, B, 36, 16, 16]
        return torch.cat([x, over_time(self.Pool1, conv1)], dim=-3)  # [T, B, 72, 16, 16] skip Conv1-to-FC1
