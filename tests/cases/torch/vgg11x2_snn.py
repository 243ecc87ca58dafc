"""The spiking twin of VGG11x2, written by snnc 0.1.0."""

from snnc.nn import IF, MeanPool2d, SpikeConv2d, SpikingNetwork, over_time, poisson, xavier
from torch import Tensor, nn


class VGG11x2(SpikingNetwork):
    """Spiking twin. Image [B, 3, 224, 224] in [-1, 1] -> class scores [B, 1000]."""

    # the values of its largest layer, per image and step: how much of it stays in the cache
    widest = 3_211_264

    def __init__(self, timesteps: int = 2500, memory: int | str | None = None) -> None:
        super().__init__(timesteps, memory)
        self.Conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
        self.Conv1_if = IF(threshold=1.0)
        self.Conv2 = SpikeConv2d(64, 64, 3, padding=1, bias=False)
        self.Conv2_if = IF(threshold=1.0)
        self.Pool1 = MeanPool2d(2)
        self.Conv3 = nn.Conv2d(64, 128, 3, padding=1, bias=False)
        self.Conv3_if = IF(threshold=1.0)
        self.Pool2 = MeanPool2d(2)
        self.Conv4 = nn.Conv2d(128, 256, 3, padding=1, bias=False)
        self.Conv4_if = IF(threshold=1.0)
        self.Conv5 = SpikeConv2d(256, 256, 3, padding=1, bias=False)
        self.Conv5_if = nn.ModuleList(IF(threshold=1.0) for _ in range(2))  # one per step
        self.Pool3 = MeanPool2d(2)
        self.Conv6 = nn.Conv2d(256, 512, 3, padding=1, bias=False)
        self.Conv6_if = IF(threshold=1.0)
        self.Conv7 = SpikeConv2d(512, 512, 3, padding=1, bias=False)
        self.Conv7_if = nn.ModuleList(IF(threshold=1.0) for _ in range(2))  # one per step
        self.Conv8 = SpikeConv2d(512, 512, 3, padding=1, bias=False)
        self.Conv8_if = nn.ModuleList(IF(threshold=1.0) for _ in range(2))  # one per step
        self.Conv9 = SpikeConv2d(512, 512, 3, padding=1, bias=False)
        self.Conv9_if = nn.ModuleList(IF(threshold=1.0) for _ in range(2))  # one per step
        self.Pool4 = MeanPool2d(2)
        self.Pool5 = MeanPool2d(2)
        self.FC1 = nn.Linear(25088, 4096, bias=False)
        self.FC1_if = IF(threshold=1.0)
        self.FC2 = nn.Linear(4096, 1000, bias=False)
        xavier(self, gain=2.0)  # wide enough for spikes to reach the last layer

    def forward(self, image: Tensor) -> Tensor:
        x = poisson(image, self.timesteps)  # [T, B, 3, 224, 224] spikes
        x = self.in_tiles(self.spiking, x)  # [T, B, 4096]
        return self.FC2(x.mean(0))  # [B, 1000] the classifier sees the mean over T

    def spiking(self, x: Tensor) -> Tensor:
        x = self.Conv1_if(over_time(self.Conv1, x))  # [T, B, 64, 224, 224]
        x = self.Conv2_if(over_time(self.Conv2, x))  # [T, B, 64, 224, 224]
        x = over_time(self.Pool1, x)  # [T, B, 64, 112, 112]
        x = self.Conv3_if(over_time(self.Conv3, x))  # [T, B, 128, 112, 112]
        x = over_time(self.Pool2, x)  # [T, B, 128, 56, 56]
        x = self.Conv4_if(over_time(self.Conv4, x))  # [T, B, 256, 56, 56]
        for fire in self.Conv5_if:  # BackRes: Conv5 runs twice on its own output
            x = fire(over_time(self.Conv5, x))  # [T, B, 256, 56, 56]
        x = over_time(self.Pool3, x)  # [T, B, 256, 28, 28]
        x = self.Conv6_if(over_time(self.Conv6, x))  # [T, B, 512, 28, 28]
        for step in range(2):  # BackRes: Conv7, Conv8, Conv9 run twice on their own output
            x = self.Conv7_if[step](over_time(self.Conv7, x))  # [T, B, 512, 28, 28]
            x = self.Conv8_if[step](over_time(self.Conv8, x))  # [T, B, 512, 28, 28]
            x = self.Conv9_if[step](over_time(self.Conv9, x))  # [T, B, 512, 28, 28]
        x = over_time(self.Pool4, x)  # [T, B, 512, 14, 14]
        x = over_time(self.Pool5, x)  # [T, B, 512, 7, 7]
        return self.FC1_if(over_time(self.FC1, x.flatten(-3)))  # [T, B, 4096]
