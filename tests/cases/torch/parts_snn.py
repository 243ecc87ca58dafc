"""The spiking twin of Parts, written by snnc 0.1.0."""

import torch
import torch.nn.functional as F
from snnc.nn import (
    IF,
    LIF,
    DropoutOverTime,
    Narrow,
    SpikeConv2d,
    SpikingNetwork,
    Stochmax,
    hold,
    kaiming,
    over_time,
    xavier,
)
from torch import Tensor, nn


class Parts(SpikingNetwork):
    """Spiking twin. Image [B, 3, 16, 16] -> class scores [B, 10].

    With ``target``, the classes [B] to learn, it returns the loss to minimise instead.
    """

    widest = 4_096  # the values of its largest layer, per image and step: how much of it stays in the cache

    def __init__(self, timesteps: int = 12, memory: int | str | None = None) -> None:
        super().__init__(timesteps, memory)
        self.Conv1 = nn.Conv2d(3, 8, 3, padding=1, bias=False)
        self.Conv2 = SpikeConv2d(8, 16, 3, padding=1, bias=False)
        self.Conv2_bn = nn.ModuleList(nn.BatchNorm2d(16) for _ in range(3))  # one per step
        self.Conv2_lif = nn.ModuleList(LIF(leak=0.95, threshold=1.0) for _ in range(3))  # one per step
        self.Conv2_dropout = DropoutOverTime(0.2)
        self.Group1_narrow = Narrow(16, 8, "top", spiking=True)
        self.Pool1 = nn.MaxPool2d(3, stride=2)
        self.Conv3 = SpikeConv2d(16, 16, 3, padding=2, groups=4, dilation=2)
        self.Conv3_bn = nn.BatchNorm2d(16)
        self.Conv3_lif = LIF(leak=0.95, threshold=1.0)
        self.Conv4 = SpikeConv2d(16, 16, 1, bias=False)
        self.Conv4_if = nn.ModuleList(IF(threshold=0.5, reset="zero") for _ in range(2))  # one per step
        self.Conv5 = SpikeConv2d(16, 16, 3, padding=1, bias=False)
        self.Conv5_lif = nn.ModuleList(LIF(leak=0.95, threshold=1.0) for _ in range(4))  # one per step
        self.Conv6 = nn.Conv2d(16, 16, 1, bias=False)
        self.Conv6_lif = nn.ModuleList(LIF(leak=0.95, threshold=1.0) for _ in range(2))  # one per step
        self.Conv7 = SpikeConv2d(32, 16, 3, padding=1, bias=False)
        self.Conv7_lif = LIF(leak=0.9, threshold=2.0, reset="none", refractory=3)
        self.Pool2 = nn.AdaptiveAvgPool2d(1)
        self.FC1 = nn.Linear(16, 10, bias=False)
        self.stochmax = Stochmax(16, 10)
        xavier(self, gain=2.0)  # wide enough for spikes to reach the last layer
        kaiming(self.Conv1)  # ReLU follows

    def forward(self, image: Tensor, target: Tensor | None = None) -> Tensor:
        x = F.relu(self.Conv1(image))  # [B, 8, 16, 16]
        x = hold(self.Conv2_bn[0](self.Conv2(x)), self.timesteps)  # [T, B, 16, 16, 16]
        x = self.in_tiles(self.spiking, x)  # [T, B, 16, 1, 1]
        x = x.mean(0).flatten(-3)  # [B, 16] the mean over T
        return self.stochmax(self.FC1(x), x, target)  # [B, 10], or the loss

    def spiking(self, x: Tensor) -> Tensor:
        x = self.Conv2_dropout(self.Conv2_lif[0](x))  # [T, B, 16, 16, 16]
        for step in range(1, 3):  # BackRes: Conv2 runs 2 more times on its own output
            x = self.Group1_narrow(x)  # [T, B, 8, 16, 16]
            x = over_time(self.Conv2, x)  # [T, B, 16, 16, 16]
            x = self.Conv2_lif[step](over_time(self.Conv2_bn[step], x))  # [T, B, 16, 16, 16]
            x = self.Conv2_dropout(x)  # [T, B, 16, 16, 16]
        x = over_time(self.Pool1, x)  # [T, B, 16, 7, 7]
        x = over_time(self.Conv3, x)  # [T, B, 16, 7, 7]
        conv3 = self.Conv3_lif(over_time(self.Conv3_bn, x))  # [T, B, 16, 7, 7]
        x = conv3
        for outer in range(2):  # BackRes: Conv4, Conv5, Conv6 run twice on their own output
            conv4 = self.Conv4_if[outer](over_time(self.Conv4, x))  # [T, B, 16, 7, 7]
            x = conv4
            for inner in range(2):  # BackRes: Conv5 runs twice on its own output
                x = self.Conv5_lif[2 * outer + inner](over_time(self.Conv5, x))  # [T, B, 16, 7, 7]
            x = x + conv4  # [T, B, 16, 7, 7] skip Conv4-to-Conv6
            x = self.Conv6_lif[outer](over_time(self.Conv6, x))  # [T, B, 16, 7, 7]
        x = torch.cat([x, conv3], dim=-3)  # [T, B, 32, 7, 7] skip Conv3-to-Conv7
        x = self.Conv7_lif(over_time(self.Conv7, x))  # [T, B, 16, 7, 7]
        return over_time(self.Pool2, x)  # [T, B, 16, 1, 1]
