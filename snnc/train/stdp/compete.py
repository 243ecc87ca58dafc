"""Competition: of the maps that a place drives, one learns from it, so that maps come to differ."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Competition:
    """Chooses at every place of every image the map that learns from a piece of the presentation.

    ``handicap`` [O], in thresholds per time-step, is what a map's drive has to exceed the others' by; it
    grows by ``conscience`` for a map that wins twice its share, so that none wins, or loses, for ever.
    """

    handicap: Tensor
    conscience: float

    def winners(self, drive: Tensor, fired: Tensor) -> Tensor:
        """Return 1 for the winning map of each place and 0 for the rest, [B, O, H, W].

        ``drive`` is the mean current in thresholds per step; only maps that ``fired`` can win.
        """
        standing = (drive - self.handicap.view(-1, 1, 1)).masked_fill(~fired, -torch.inf)
        best = torch.zeros_like(drive).scatter_(1, standing.argmax(1, keepdim=True), 1.0)
        won = best * fired
        self._remember(won.sum((0, 2, 3)))
        return won

    def _remember(self, wins: Tensor) -> None:
        share = wins / wins.sum().clamp(min=1)
        self.handicap.add_(self.conscience * (share * len(share) - 1) * (wins.sum() > 0))
