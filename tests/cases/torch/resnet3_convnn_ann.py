"""The artificial twin of ResNet3ConvNN, written by snnc 0.1.0."""

import torch
import torch.nn.functional as F
from snnc.nn import kaiming, tile_channels
from torch import Tensor, nn


class ResNet3ConvNN(nn.Module):
    """Artificial twin. Image [B, 3, 32, 32] -> class scores [B, 10]."""

    def __init__(self) -> None:
        super().__init__()
        self.Conv1 = nn.Conv2d(3, 36, 3, padding=1, bias=False)
        self.Conv2 = nn.Conv2d(36, 36, 3, padding=1, bias=False)
        self.Conv3 = nn.Conv2d(36, 36, 3, padding=1, bias=False)
        self.Pool1 = nn.AvgPool2d(2)
        self.ConvNN_Conv1 = nn.Conv2d(108, 108, 3, padding=1, bias=False)
        self.ConvNN_Conv2 = nn.Conv2d(108, 108, 3, padding=1, bias=False)
        self.Pool2 = nn.AvgPool2d(2)
        self.ConvNN_Conv3 = nn.Conv2d(108, 216, 3, padding=1, bias=False)
        self.ConvNN_Conv4 = nn.Conv2d(216, 216, 3, padding=1, bias=False)
        self.Pool3 = nn.AvgPool2d(2)
        self.ConvNN_FC1 = nn.Linear(3456, 1024, bias=False)
        self.ConvNN_FC2 = nn.Linear(1024, 10, bias=False)
        kaiming(self)

    def forward(self, image: Tensor) -> Tensor:
        conv1 = F.relu(self.Conv1(image))  # [B, 36, 32, 32]
        x = conv1 + tile_channels(image, 36)  # [B, 36, 32, 32] skip Input-to-Conv2
        conv2 = F.relu(self.Conv2(x))  # [B, 36, 32, 32]
        x = F.relu(self.Conv3(conv2))  # [B, 36, 32, 32]
        x = self.Pool1(x)  # [B, 36, 16, 16]
        # [B, 108, 16, 16] skip Conv1-to-ConvNN_Conv1, Conv2-to-ConvNN_Conv1
        x = torch.cat([x, self.Pool1(conv1), self.Pool1(conv2)], dim=-3)
        x = F.relu(self.ConvNN_Conv1(x))  # [B, 108, 16, 16]
        x = F.relu(self.ConvNN_Conv2(x))  # [B, 108, 16, 16]
        x = self.Pool2(x)  # [B, 108, 8, 8]
        x = F.relu(self.ConvNN_Conv3(x))  # [B, 216, 8, 8]
        x = F.relu(self.ConvNN_Conv4(x))  # [B, 216, 8, 8]
        x = self.Pool3(x)  # [B, 216, 4, 4]
        x = F.relu(self.ConvNN_FC1(x.flatten(-3)))  # [B, 1024]
        return self.ConvNN_FC2(x)  # [B, 10]
