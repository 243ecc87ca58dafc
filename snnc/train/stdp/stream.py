"""Neurons that remember: a presentation in pieces, so that weights can change between two of them.

A printed module forgets its membranes when `forward` ends. Here its neurons are replaced by ones that go
on where the last piece left them, until they are told to forget.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from snnc.nn import Neuron, NeuronState, SpikingNeurons, initial_state, lif_step


class Streaming(SpikingNeurons):
    """The neurons of another module, whose membranes live on from call to call."""

    def __init__(self, like: SpikingNeurons) -> None:
        constants = (like.leak, like.threshold, like.reset, like.refractory, like.gamma, like.delay)
        super().__init__(Neuron(*constants, like.initial))
        self.state: NeuronState | None = None

    def forward(self, current: Tensor) -> Tensor:
        """Return the spikes of a piece of a current, [T, B, ...]."""
        neuron = Neuron(self.leak, self.threshold, self.reset, self.refractory, delay=self.delay)
        state, spikes = self.state or initial_state(current[0], neuron), torch.empty_like(current)
        for incoming, spike in zip(current, spikes, strict=True):
            fired, state = lif_step(incoming, state, neuron)
            spike.copy_(fired)
        self.state = state
        return spikes


def streaming(module: nn.Module) -> dict[str, Streaming]:
    """Replace the neurons of a module by ones that remember, and return them by their place in it."""
    places = [(name, part) for name, part in module.named_modules() if isinstance(part, SpikingNeurons)]
    found = {name: Streaming(part) for name, part in places}
    for name, part in found.items():
        module.set_submodule(name, part)
    return found
