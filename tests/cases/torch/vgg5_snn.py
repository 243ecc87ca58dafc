"""The spiking twin of VGG5, written by snnc 0.1.0."""

from snnc.nn import LIF, MeanPool2d, SpikeConv2d, SpikingNetwork, over_time, poisson, xavier
from torch import Tensor, nn


class VGG5(SpikingNetwork):
    """Spiking twin. Image [B, 3, 32, 32] in [-1, 1] -> class scores [B, 10]."""

    widest = 65_536  # the values of its largest layer, per image and step: how much of it stays in the cache

    def __init__(self, timesteps: int = 25, memory: int | str | None = None) -> None:
        super().__init__(timesteps, memory)
        self.Conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
        self.Conv1_lif = LIF(leak=0.95, threshold=1.0)
        self.Conv2 = SpikeConv2d(64, 64, 3, padding=1, bias=False)
        self.Conv2_lif = LIF(leak=0.95, threshold=1.0)
        self.Pool1 = MeanPool2d(2)
        self.Conv3 = nn.Conv2d(64, 64, 3, padding=1, bias=False)
        self.Conv3_lif = LIF(leak=0.95, threshold=1.0)
        self.Conv4 = SpikeConv2d(64, 64, 3, padding=1, bias=False)
        self.Conv4_lif = LIF(leak=0.95, threshold=1.0)
        self.Pool2 = MeanPool2d(2)
        self.FC1 = nn.Linear(4096, 512, bias=False)
        self.FC1_lif = LIF(leak=0.95, threshold=1.0)
        self.FC2 = nn.Linear(512, 10, bias=False)
        xavier(self, gain=2.0)  # wide enough for spikes to reach the last layer

    def forward(self, image: Tensor) -> Tensor:
        x = poisson(image, self.timesteps)  # [T, B, 3, 32, 32] spikes
        x = self.in_tiles(self.spiking, x)  # [T, B, 512]
        return self.FC2(x.mean(0))  # [B, 10] the classifier sees the mean over T

    def spiking(self, x: Tensor) -> Tensor:
        x = self.Conv1_lif(over_time(self.Conv1, x))  # [T, B, 64, 32, 32]
        x = self.Conv2_lif(over_time(self.Conv2, x))  # [T, B, 64, 32, 32]
        x = over_time(self.Pool1, x)  # [T, B, 64, 16, 16]
        x = self.Conv3_lif(over_time(self.Conv3, x))  # [T, B, 64, 16, 16]
        x = self.Conv4_lif(over_time(self.Conv4, x))  # [T, B, 64, 16, 16]
        x = over_time(self.Pool2, x)  # [T, B, 64, 8, 8]
        return self.FC1_lif(over_time(self.FC1, x.flatten(-3)))  # [T, B, 512]
