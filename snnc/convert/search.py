"""A threshold where the rates err least, found layer by layer on the real trains.

The greatest sum is a safe threshold and a slow one: neurons that rarely come near it need many steps to
tell small activations apart. Lower ones cut the greatest activations off but resolve the others sooner.
Each candidate drives neurons of its own on the same currents; the one with the least squared error of the
rates, over all neurons and images, wins.
"""

from __future__ import annotations

import torch
from torch import Tensor

from snnc.convert.firing import Membrane
from snnc.nn import SpikingNeurons

FACTORS = tuple(2.0 ** (-place / 3) for place in range(10))  # from the peak down to an eighth of it


class Search:
    """The errors of some thresholds of one layer. ``before`` is the scale of its input.

    Sees weighted sums in units of the ``profile`` [C], so that one number is a candidate for all channels.
    """

    def __init__(self, part: SpikingNeurons, peak: float, before: float, profile: Tensor) -> None:
        self.part, self.before, self.profile = part, before, profile
        self.candidates = [peak * factor for factor in FACTORS]
        self.state = torch.zeros(len(self.candidates), dtype=torch.float64)
        self._membranes: dict[int, list[Membrane]] = {}
        self._spikes: dict[int, Tensor] = {}
        self._steps: dict[int, int] = {}

    def add(self, sums: Tensor, images: slice) -> None:
        """Fire at every candidate on a block of sums."""
        key = images.start
        if key not in self._membranes:
            levels = (torch.full((), one, device=sums.device) for one in self.candidates)
            self._membranes[key] = [self._membrane(sums, level) for level in levels]
            self._spikes[key] = sums.new_zeros(len(self.candidates), *sums.shape[1:])
            self._steps[key] = 0
        for place, membrane in enumerate(self._membranes[key]):
            self._spikes[key][place] += membrane.fire(sums).sum(0)
        self._steps[key] += len(sums)

    def compare(self, activations: Tensor) -> None:
        """Note how far the rates of a batch are from its activations, and forget the batch."""
        start = 0
        profile = self.profile.view(-1, *[1] * (activations.dim() - 2)).to(activations)
        for key in sorted(self._spikes):
            spikes = self._spikes[key] / self._steps[key]
            wanted = activations[start : start + spikes.shape[1]]
            start += spikes.shape[1]
            for place, threshold in enumerate(self.candidates):
                found = spikes[place] * (threshold * self.before) * profile
                self.state[place] += (found - wanted).double().square().sum().cpu()
        self._membranes, self._spikes, self._steps = {}, {}, {}

    def value(self) -> float:
        """Return the best candidate; of equals the greatest."""
        best: float = self.candidates[int(self.state.argmin())]
        return best

    def _membrane(self, sums: Tensor, threshold: Tensor) -> Membrane:
        membrane = Membrane.of(self.part, sums, threshold)
        membrane.drift = None  # it is in the sums
        return membrane
