"""The artificial twin of Parts, written by snnc 0.1.0."""

import torch
import torch.nn.functional as F
from snnc.nn import Narrow, Stochmax, kaiming
from torch import Tensor, nn


class Parts(nn.Module):
    """Artificial twin. Image [B, 3, 16, 16] -> class scores [B, 10].

    With ``target``, the classes [B] to learn, it returns the loss to minimise instead.
    """

    def __init__(self) -> None:
        super().__init__()
        self.Conv1 = nn.Conv2d(3, 8, 3, padding=1, bias=False)
        self.Conv2 = nn.Conv2d(8, 16, 3, padding=1, bias=False)
        self.Conv2_bn = nn.ModuleList(nn.BatchNorm2d(16) for _ in range(3))  # one per step
        self.Conv2_dropout = nn.Dropout(0.2)
        self.Group1_narrow = Narrow(16, 8, "top")
        self.Pool1 = nn.MaxPool2d(3, stride=2)
        self.Conv3 = nn.Conv2d(16, 16, 3, padding=2, groups=4, dilation=2)
        self.Conv3_bn = nn.BatchNorm2d(16)
        self.Conv4 = nn.Conv2d(16, 16, 1, bias=False)
        self.Conv5 = nn.Conv2d(16, 16, 3, padding=1, bias=False)
        self.Conv6 = nn.Conv2d(16, 16, 1, bias=False)
        self.Conv7 = nn.Conv2d(32, 16, 3, padding=1, bias=False)
        self.Pool2 = nn.AdaptiveAvgPool2d(1)
        self.FC1 = nn.Linear(16, 10, bias=False)
        self.stochmax = Stochmax(16, 10)
        kaiming(self)

    def forward(self, image: Tensor, target: Tensor | None = None) -> Tensor:
        x = F.relu(self.Conv1(image))  # [B, 8, 16, 16]
        for step in range(3):  # BackRes: Conv2 runs 3 times on its own output
            if step:
                x = self.Group1_narrow(x)  # [B, 8, 16, 16]
            x = F.relu(self.Conv2_bn[step](self.Conv2(x)))  # [B, 16, 16, 16]
            x = self.Conv2_dropout(x)  # [B, 16, 16, 16]
        x = self.Pool1(x)  # [B, 16, 7, 7]
        conv3 = F.relu(self.Conv3_bn(self.Conv3(x)))  # [B, 16, 7, 7]
        x = conv3
        for _ in range(2):  # BackRes: Conv4, Conv5, Conv6 run twice on their own output
            conv4 = F.relu(self.Conv4(x))  # [B, 16, 7, 7]
            x = conv4
            for _ in range(2):  # BackRes: Conv5 runs twice on its own output
                x = F.relu(self.Conv5(x))  # [B, 16, 7, 7]
            x = x + conv4  # [B, 16, 7, 7] skip Conv4-to-Conv6
            x = F.relu(self.Conv6(x))  # [B, 16, 7, 7]
        x = torch.cat([x, conv3], dim=-3)  # [B, 32, 7, 7] skip Conv3-to-Conv7
        x = F.relu(self.Conv7(x))  # [B, 16, 7, 7]
        x = self.Pool2(x)  # [B, 16, 1, 1]
        x = x.flatten(-3)  # [B, 16]
        return self.stochmax(self.FC1(x), x, target)  # [B, 10], or the loss
