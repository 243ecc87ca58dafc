"""The artificial twin of VGG3x2, written by snnc 0.1.0."""

import torch.nn.functional as F
from snnc.nn import kaiming
from torch import Tensor, nn


class VGG3x2(nn.Module):
    """Artificial twin. Image [B, 3, 32, 32] -> class scores [B, 10]."""

    def __init__(self) -> None:
        super().__init__()
        self.Conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
        self.Conv2 = nn.Conv2d(64, 64, 3, padding=1, bias=False)
        self.Pool1 = nn.AvgPool2d(2)
        self.Conv3 = nn.Conv2d(64, 64, 3, padding=1, bias=False)
        self.Pool2 = nn.AvgPool2d(2)
        self.FC1 = nn.Linear(4096, 512, bias=False)
        self.FC2 = nn.Linear(512, 10, bias=False)
        kaiming(self)

    def forward(self, image: Tensor) -> Tensor:
        x = F.relu(self.Conv1(image))  # [B, 64, 32, 32]
        x = F.relu(self.Conv2(x))  # [B, 64, 32, 32]
        x = self.Pool1(x)  # [B, 64, 16, 16]
        for _ in range(2):  # BackRes: Conv3 runs twice on its own output
            x = F.relu(self.Conv3(x))  # [B, 64, 16, 16]
        x = self.Pool2(x)  # [B, 64, 8, 8]
        x = F.relu(self.FC1(x.flatten(-3)))  # [B, 512]
        return self.FC2(x)  # [B, 10]
