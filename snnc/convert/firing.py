"""Spiking neurons over a block of steps, with what they carry to the next one; Eqns (2)-(3)."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from snnc.nn import Neuron, SpikingNeurons, initial_state, lif_step
from snnc.nn.neuron import NeuronState
from snnc.nn.scan import kernel_for


@dataclass
class Membrane:
    """The potentials of one layer's neurons between two blocks, beside the neurons' constants.

    A neuron that has V is one that starts from 0 and gets α V more in its first step, so the kernels
    that start from 0 serve: V <- α V + I.
    """

    neuron: Neuron
    drift: Tensor | None
    potential: Tensor
    state: NeuronState | None = field(default=None)

    @classmethod
    def of(cls, part: SpikingNeurons, current: Tensor, threshold: Tensor | None = None) -> Membrane:
        """Return the membrane of a module's neurons before the first step; ``threshold`` replaces theirs."""
        level = part.threshold if threshold is None else threshold
        neuron = Neuron(part.leak, level, part.reset, part.refractory, part.gamma, initial=part.initial)
        start = initial_state(current[0], neuron)
        kept = start if neuron.refractory else None
        return cls(neuron, part.drift, start.potential, kept)

    def fire(self, current: Tensor) -> Tensor:
        """Return the spikes of a block of currents ``[t, B, ...]``, and go on."""
        if self.drift is not None:
            current = current + self.drift.view(-1, *[1] * (current.dim() - 3))
        return self._fire(current) if self.state is None else self._by_steps(current)

    def _fire(self, current: Tensor) -> Tensor:
        neuron, maps = self.neuron, current.dim() == 5
        first = torch.add(current[0], self.potential, alpha=neuron.leak)
        rows = torch.cat([first[None], current[1:]])
        rows = rows.permute(0, 1, 3, 4, 2) if maps else rows
        threshold = neuron.threshold_for(current[0])
        if threshold.dim():
            threshold = _row(threshold.expand_as(current[0]), maps=maps)
        plain = Neuron(neuron.leak, neuron.threshold, neuron.reset)
        flat = rows.flatten(1).contiguous()
        spikes, potentials = kernel_for(flat).forward(flat, threshold.contiguous(), plain, keep=True)
        after = _after(potentials[-1], spikes[-1], threshold, neuron)
        back = (0, 1, 4, 2, 3) if maps else tuple(range(rows.dim()))
        self.potential = after.view(rows.shape[1:])[None].permute(back)[0]
        return spikes.view(rows.shape).permute(back)

    def _by_steps(self, current: Tensor) -> Tensor:
        """Neurons with a refractory period, step by step."""
        assert self.state is not None  # noqa: S101 - the caller has looked
        spikes = []
        for incoming in current:
            spike, self.state = lif_step(incoming, self.state, self.neuron)
            spikes.append(spike)
        return torch.stack(spikes)


def _row(x: Tensor, *, maps: bool) -> Tensor:
    return (x.permute(0, 2, 3, 1) if maps else x).flatten()


def _after(potential: Tensor, spike: Tensor, threshold: Tensor, neuron: Neuron) -> Tensor:
    match neuron.reset:
        case "subtract":
            return potential - threshold * spike
        case "zero":
            return potential.masked_fill(spike > 0, 0)
        case "none":
            return potential
