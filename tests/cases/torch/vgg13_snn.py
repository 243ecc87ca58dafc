"""The spiking twin of VGG13, written by snnc 0.1.0."""

import torch.nn.functional as F
from snnc.nn import LIF, MeanPool2d, SpikeConv2d, SpikingNetwork, hold, kaiming, over_time, xavier
from torch import Tensor, nn


class VGG13(SpikingNetwork):
    """Spiking twin. Image [B, 3, 224, 224] -> class scores [B, 1000]."""

    widest = 401_408  # the values of its largest layer, per image and step: how much of it stays in the cache

    def __init__(self, timesteps: int = 10, memory: int | str | None = None) -> None:
        super().__init__(timesteps, memory)
        self.Conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
        self.Conv2 = nn.Conv2d(64, 64, 3, padding=1, bias=False)
        self.Pool1 = MeanPool2d(2)
        self.Conv3 = nn.Conv2d(64, 128, 3, padding=1, bias=False)
        self.Conv4 = nn.Conv2d(128, 128, 3, padding=1, bias=False)
        self.Pool2 = MeanPool2d(2)
        self.Conv5 = nn.Conv2d(128, 256, 3, padding=1, bias=False)
        self.Conv6 = nn.Conv2d(256, 256, 3, padding=1, bias=False)
        self.Pool3 = MeanPool2d(2)
        self.Conv7 = nn.Conv2d(256, 512, 3, padding=1, bias=False)
        self.Conv7_lif = LIF(leak=0.95, threshold=1.0)
        self.Conv8 = SpikeConv2d(512, 512, 3, padding=1, bias=False)
        self.Conv8_lif = LIF(leak=0.95, threshold=1.0)
        self.Pool4 = MeanPool2d(2)
        self.Conv9 = nn.Conv2d(512, 512, 3, padding=1, bias=False)
        self.Conv10 = nn.Conv2d(512, 512, 3, padding=1, bias=False)
        self.Pool5 = MeanPool2d(2)
        self.FC1 = nn.Linear(25088, 4096, bias=False)
        self.FC2 = nn.Linear(4096, 4096, bias=False)
        self.FC3 = nn.Linear(4096, 1000, bias=False)
        kaiming(self)
        xavier(self.Conv7, self.Conv8, gain=2.0)  # wide enough for spikes

    def forward(self, image: Tensor) -> Tensor:
        x = F.relu(self.Conv1(image))  # [B, 64, 224, 224]
        x = F.relu(self.Conv2(x))  # [B, 64, 224, 224]
        x = self.Pool1(x)  # [B, 64, 112, 112]
        x = F.relu(self.Conv3(x))  # [B, 128, 112, 112]
        x = F.relu(self.Conv4(x))  # [B, 128, 112, 112]
        x = self.Pool2(x)  # [B, 128, 56, 56]
        x = F.relu(self.Conv5(x))  # [B, 256, 56, 56]
        x = F.relu(self.Conv6(x))  # [B, 256, 56, 56]
        x = self.Pool3(x)  # [B, 256, 28, 28]
        x = hold(self.Conv7(x), self.timesteps)  # [T, B, 512, 28, 28] Conv7 runs once
        x = self.in_tiles(self.spiking, x)  # [T, B, 512, 14, 14]
        x = F.relu(self.Conv9(x.mean(0)))  # [B, 512, 14, 14] the mean over T
        x = F.relu(self.Conv10(x))  # [B, 512, 14, 14]
        x = self.Pool5(x)  # [B, 512, 7, 7]
        x = F.relu(self.FC1(x.flatten(-3)))  # [B, 4096]
        x = F.relu(self.FC2(x))  # [B, 4096]
        return self.FC3(x)  # [B, 1000]

    def spiking(self, x: Tensor) -> Tensor:
        x = self.Conv7_lif(x)  # [T, B, 512, 28, 28]
        x = self.Conv8_lif(over_time(self.Conv8, x))  # [T, B, 512, 28, 28]
        return over_time(self.Pool4, x)  # [T, B, 512, 14, 14]
