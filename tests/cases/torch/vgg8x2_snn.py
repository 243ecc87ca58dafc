"""The spiking twin of VGG8x2, written by snnc 0.1.0."""

import torch.nn.functional as F
from snnc.nn import LIF, MeanPool2d, SpikeConv2d, SpikingNetwork, Stochmax, hold, kaiming, over_time, xavier
from torch import Tensor, nn


class VGG8x2(SpikingNetwork):
    """Spiking twin. Image [B, 3, 32, 32] -> class scores [B, 10].

    With ``target``, the classes [B] to learn, it returns the loss to minimise instead.
    """

    widest = 32_768  # the values of its largest layer, per image and step: how much of it stays in the cache

    def __init__(self, timesteps: int = 25, memory: int | str | None = None) -> None:
        super().__init__(timesteps, memory)
        self.Conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
        self.Conv2 = nn.Conv2d(64, 64, 3, padding=1, bias=False)
        self.Pool1 = MeanPool2d(2)
        self.Conv3 = nn.Conv2d(64, 128, 3, padding=1, bias=False)
        self.Conv3_lif = LIF(leak=0.95, threshold=1.0)
        self.Conv4 = SpikeConv2d(128, 128, 3, padding=1, bias=False)
        self.Conv4_lif = LIF(leak=0.95, threshold=1.0)
        self.Pool2 = MeanPool2d(2)
        self.Conv5 = nn.Conv2d(128, 256, 3, padding=1, bias=False)
        self.Conv5_lif = LIF(leak=0.95, threshold=1.0)
        self.Conv6 = SpikeConv2d(256, 256, 3, padding=1, bias=False)
        self.Conv6_lif = nn.ModuleList(LIF(leak=0.95, threshold=1.0) for _ in range(2))  # one per step
        self.Pool3 = MeanPool2d(2)
        self.FC1 = nn.Linear(4096, 1024, bias=False)
        self.FC1_lif = LIF(leak=0.95, threshold=1.0)
        self.FC2 = nn.Linear(1024, 10, bias=False)
        self.stochmax = Stochmax(1024, 10)
        xavier(self, gain=2.0)  # wide enough for spikes to reach the last layer
        kaiming(self.Conv1, self.Conv2)  # ReLU follows

    def forward(self, image: Tensor, target: Tensor | None = None) -> Tensor:
        x = F.relu(self.Conv1(image))  # [B, 64, 32, 32]
        x = F.relu(self.Conv2(x))  # [B, 64, 32, 32]
        x = self.Pool1(x)  # [B, 64, 16, 16]
        x = hold(self.Conv3(x), self.timesteps)  # [T, B, 128, 16, 16] Conv3 runs once
        x = self.in_tiles(self.spiking, x)  # [T, B, 1024]
        x = x.mean(0)  # [B, 1024] the mean over T
        return self.stochmax(self.FC2(x), x, target)  # [B, 10], or the loss

    def spiking(self, x: Tensor) -> Tensor:
        x = self.Conv3_lif(x)  # [T, B, 128, 16, 16]
        x = self.Conv4_lif(over_time(self.Conv4, x))  # [T, B, 128, 16, 16]
        x = over_time(self.Pool2, x)  # [T, B, 128, 8, 8]
        x = self.Conv5_lif(over_time(self.Conv5, x))  # [T, B, 256, 8, 8]
        for fire in self.Conv6_lif:  # BackRes: Conv6 runs twice on its own output
            x = fire(over_time(self.Conv6, x))  # [T, B, 256, 8, 8]
        x = over_time(self.Pool3, x)  # [T, B, 256, 4, 4]
        return self.FC1_lif(over_time(self.FC1, x.flatten(-3)))  # [T, B, 1024]
