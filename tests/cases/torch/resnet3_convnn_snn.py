"""The spiking twin of ResNet3ConvNN, written by snnc 0.1.0."""

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


class ResNet3ConvNN(SpikingNetwork):
    """Spiking twin. Image [B, 3, 32, 32] in [-1, 1] -> class scores [B, 10]."""

    widest = 36_864  # the values of its largest layer, per image and step: how much of it stays in the cache

    def __init__(self, timesteps: int = 100, memory: int | str | None = None) -> None:
        super().__init__(timesteps, memory)
        self.Conv1 = nn.Conv2d(3, 36, 3, padding=1, bias=False)
        self.Conv1_lif = LIF(leak=0.95, threshold=1.0)
        self.Conv2 = nn.Conv2d(36, 36, 3, padding=1, bias=False)
        self.Conv2_lif = LIF(leak=0.95, threshold=1.0)
        self.Conv3 = SpikeConv2d(36, 36, 3, padding=1, bias=False)
        self.Conv3_lif = LIF(leak=0.95, threshold=1.0)
        self.Pool1 = MeanPool2d(2)
        self.ConvNN_Conv1 = nn.Conv2d(108, 108, 3, padding=1, bias=False)
        self.ConvNN_Conv2 = nn.Conv2d(108, 108, 3, padding=1, bias=False)
        self.Pool2 = MeanPool2d(2)
        self.ConvNN_Conv3 = nn.Conv2d(108, 216, 3, padding=1, bias=False)
        self.ConvNN_Conv4 = nn.Conv2d(216, 216, 3, padding=1, bias=False)
        self.Pool3 = MeanPool2d(2)
        self.ConvNN_FC1 = nn.Linear(3456, 1024, bias=False)
        self.ConvNN_FC2 = nn.Linear(1024, 10, bias=False)
        kaiming(self)
        xavier(self.Conv1, self.Conv2, self.Conv3, gain=2.0)  # wide enough for spikes

    def forward(self, image: Tensor) -> Tensor:
        spikes = poisson(image, self.timesteps)  # [T, B, 3, 32, 32] spikes
        x = self.in_tiles(self.spiking, spikes)  # [T, B, 108, 16, 16]
        x = F.relu(self.ConvNN_Conv1(x.mean(0)))  # [B, 108, 16, 16] the mean over T
        x = F.relu(self.ConvNN_Conv2(x))  # [B, 108, 16, 16]
        x = self.Pool2(x)  # [B, 108, 8, 8]
        x = F.relu(self.ConvNN_Conv3(x))  # [B, 216, 8, 8]
        x = F.relu(self.ConvNN_Conv4(x))  # [B, 216, 8, 8]
        x = self.Pool3(x)  # [B, 216, 4, 4]
        x = F.relu(self.ConvNN_FC1(x.flatten(-3)))  # [B, 1024]
        return self.ConvNN_FC2(x)  # [B, 10]

    def spiking(self, spikes: Tensor) -> Tensor:
        conv1 = self.Conv1_lif(over_time(self.Conv1, spikes))  # [T, B, 36, 32, 32]
        x = conv1 + tile_channels(spikes, 36)  # [T, B, 36, 32, 32] skip Input-to-Conv2
        conv2 = self.Conv2_lif(over_time(self.Conv2, x))  # [T, B, 36, 32, 32]
        x = self.Conv3_lif(over_time(self.Conv3, conv2))  # [T, B, 36, 32, 32]
        x = over_time(self.Pool1, x)  # [T, B, 36, 16, 16]
        # [T, B, 108, 16, 16] skip Conv1-to-ConvNN_Conv1, Conv2-to-ConvNN_Conv1
        return torch.cat([x, over_time(self.Pool1, conv1), over_time(self.Pool1, conv2)], dim=-3)
