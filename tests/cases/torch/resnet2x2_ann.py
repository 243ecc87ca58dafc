"""The artificial twin of ResNet2x2, written by snnc 0.1.0."""

import torch
import torch.nn.functional as F
from snnc.nn import kaiming, tile_channels
from torch import Tensor, nn


class ResNet2x2(nn.Module):
    """Artificial twin. Image [B, 3, 32, 32] -> class scores [B, 10]."""

    def __init__(self) -> None:
        super().__init__()
        self.Conv1 = nn.Conv2d(3, 36, 3, padding=1, bias=False)
        self.Conv2 = nn.Conv2d(36, 36, 3, padding=1, bias=False)
        self.Pool1 = nn.AvgPool2d(2)
        self.FC1 = nn.Linear(18432, 1024, bias=False)
        self.FC2 = nn.Linear(1024, 10, bias=False)
        kaiming(self)

    def forward(self, image: Tensor) -> Tensor:
        conv1 = F.relu(self.Conv1(image))  # [B, 36, 32, 32]
        x = conv1 + tile_channels(image, 36)  # [B, 36, 32, 32] skip Input-to-Conv2
        for _ in range(2):  # BackRes: Conv2 runs twice on its own output
            x = F.relu(self.Conv2(x))  # [B, 36, 32, 32]
        x = self.Pool1(x)  # [B, 36, 16, 16]
        x = torch.cat([x, self.Pool1(conv1)], dim=-3)  # [B, 72, 16, 16] skip Conv1-to-FC1
        x = F.relu(self.FC1(x.flatten(-3)))  # [B, 1024]
        return self.FC2(x)  # [B, 10]
