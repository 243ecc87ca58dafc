"""The artificial twin of VGG8x2, written by snnc 0.1.0."""

import torch.nn.functional as F
from snnc.nn import Stochmax, kaiming
from torch import Tensor, nn


class VGG8x2(nn.Module):
    """Artificial twin. Image [B, 3, 32, 32] -> class scores [B, 10].

    With ``target``, the classes [B] to learn, it returns the loss to minimise instead.
    """

    def __init__(self) -> None:
        super().__init__()
        self.Conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
        self.Conv2 = nn.Conv2d(64, 64, 3, padding=1, bias=False)
        self.Pool1 = nn.AvgPool2d(2)
        self.Conv3 = nn.Conv2d(64, 128, 3, padding=1, bias=False)
        self.Conv4 = nn.Conv2d(128, 128, 3, padding=1, bias=False)
        self.Pool2 = nn.AvgPool2d(2)
        self.Conv5 = nn.Conv2d(128, 256, 3, padding=1, bias=False)
        self.Conv6 = nn.Conv2d(256, 256, 3, padding=1, bias=False)
        self.Pool3 = nn.AvgPool2d(2)
        self.FC1 = nn.Linear(4096, 1024, bias=False)
        self.FC2 = nn.Linear(1024, 10, bias=False)
        self.stochmax = Stochmax(1024, 10)
        kaiming(self)

    def forward(self, image: Tensor, target: Tensor | None = None) -> Tensor:
        x = F.relu(self.Conv1(image))  # [B, 64, 32, 32]
        x = F.relu(self.Conv2(x))  # [B, 64, 32, 32]
        x = self.Pool1(x)  # [B, 64, 16, 16]
        x = F.relu(self.Conv3(x))  # [B, 128, 16, 16]
        x = F.relu(self.Conv4(x))  # [B, 128, 16, 16]
        x = self.Pool2(x)  # [B, 128, 8, 8]
        x = F.relu(self.Conv5(x))  # [B, 256, 8, 8]
        for _ in range(2):  # BackRes: Conv6 runs twice on its own output
            x = F.relu(self.Conv6(x))  # [B, 256, 8, 8]
        x = self.Pool3(x)  # [B, 256, 4, 4]
        x = F.relu(self.FC1(x.flatten(-3)))  # [B, 1024]
        return self.stochmax(self.FC2(x), x, target)  # [B, 10], or the loss
