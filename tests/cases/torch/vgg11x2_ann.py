"""The artificial twin of VGG11x2, written by snnc 0.1.0."""

import torch.nn.functional as F
from snnc.nn import kaiming
from torch import Tensor, nn


class VGG11x2(nn.Module):
    """Artificial twin. Image [B, 3, 224, 224] -> class scores [B, 1000]."""

    def __init__(self) -> None:
        super().__init__()
        self.Conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
        self.Conv2 = nn.Conv2d(64, 64, 3, padding=1, bias=False)
        self.Pool1 = nn.AvgPool2d(2)
        self.Conv3 = nn.Conv2d(64, 128, 3, padding=1, bias=False)
        self.Pool2 = nn.AvgPool2d(2)
        self.Conv4 = nn.Conv2d(128, 256, 3, padding=1, bias=False)
        self.Conv5 = nn.Conv2d(256, 256, 3, padding=1, bias=False)
        self.Pool3 = nn.AvgPool2d(2)
        self.Conv6 = nn.Conv2d(256, 512, 3, padding=1, bias=False)
        self.Conv7 = nn.Conv2d(512, 512, 3, padding=1, bias=False)
        self.Conv8 = nn.Conv2d(512, 512, 3, padding=1, bias=False)
        self.Conv9 = nn.Conv2d(512, 512, 3, padding=1, bias=False)
        self.Pool4 = nn.AvgPool2d(2)
        self.Pool5 = nn.AvgPool2d(2)
        self.FC1 = nn.Linear(25088, 4096, bias=False)
        self.FC2 = nn.Linear(4096, 1000, bias=False)
        kaiming(self)

    def forward(self, image: Tensor) -> Tensor:
        x = F.relu(self.Conv1(image))  # [B, 64, 224, 224]
        x = F.relu(self.Conv2(x))  # [B, 64, 224, 224]
        x = self.Pool1(x)  # [B, 64, 112, 112]
        x = F.relu(self.Conv3(x))  # [B, 128, 112, 112]
        x = self.Pool2(x)  # [B, 128, 56, 56]
        x = F.relu(self.Conv4(x))  # [B, 256, 56, 56]
        for _ in range(2):  # BackRes: Conv5 runs twice on its own output
            x = F.relu(self.Conv5(x))  # [B, 256, 56, 56]
        x = self.Pool3(x)  # [B, 256, 28, 28]
        x = F.relu(self.Conv6(x))  # [B, 512, 28, 28]
        for _ in range(2):  # BackRes: Conv7, Conv8, Conv9 run twice on their own output
            x = F.relu(self.Conv7(x))  # [B, 512, 28, 28]
            x = F.relu(self.Conv8(x))  # [B, 512, 28, 28]
            x = F.relu(self.Conv9(x))  # [B, 512, 28, 28]
        x = self.Pool4(x)  # [B, 512, 14, 14]
        x = self.Pool5(x)  # [B, 512, 7, 7]
        x = F.relu(self.FC1(x.flatten(-3)))  # [B, 4096]
        return self.FC2(x)  # [B, 1000]
