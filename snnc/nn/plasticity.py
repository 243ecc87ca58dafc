"""Spike-timing-dependent plasticity: spike trains in, the change of shared weights out; Eqn (5).

Pure functions over trains ``[T, B, ...]``. All pairs of spikes of all steps, images and positions are
summed by one product that is the gradient of a convolution with respect to its weights: post-synaptic
spikes stand for the gradient of the output, pre-synaptic traces for the input.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.grad import conv2d_weight


def nearest_traces(spikes: Tensor, decay: float, before: Tensor | None = None) -> Tensor:
    """Return how long ago each neuron last fired, as a trace; the first factor of Eqn (5).

    x[t] = s where a spike s arrives at t, else e^(-1/τ) x[t-1]: after a spike of 1 at t_pre that is
    e^(-(t - t_pre)/τ), and 0 before the first. Only the nearest spike counts. A spike of -1, a dark
    pixel's, leaves a negative trace; one of 2, two spikes that meet, a trace of 2.

    ``decay`` is e^(-1/τ), with τ in steps; ``before`` the trace that an earlier piece of the train
    ended with. Shapes: ``spikes`` and the result [T, B, ...], ``before`` [B, ...].
    """
    traces = torch.empty_like(spikes)
    last = torch.zeros_like(spikes[0]) if before is None else before
    for spike, trace in zip(spikes, traces, strict=True):
        torch.where(spike != 0, spike, last * decay, out=trace)
        last = trace
    return traces


@dataclass(frozen=True)
class Timing:
    """What post-synaptic spikes found at their synapses, summed over steps, images and positions.

    ``traces`` [O, I, k, k] is the sum of the traces x that the spikes of map O saw at each synapse,
    ``synapses`` [O, 1, k, k] the number of those that were there (a window at the border lacks some),
    ``spikes`` [O] the number of spikes.
    """

    traces: Tensor
    synapses: Tensor
    spikes: Tensor

    def change(self, offset: float) -> Tensor:
        """Return Δw / η of Eqn (5) [O, I, k, k], the mean over the spikes of each map.

        Δw = η Σ (x - offset) / Σ 1 over all post-synaptic spikes; a map without a spike does not change.
        """
        spikes = self.spikes.clamp(min=1).view(-1, 1, 1, 1)
        return (self.traces - offset * self.synapses) / spikes


def timing(traces: Tensor, post: Tensor, layer: nn.Conv2d) -> Timing:
    """Return the timing of ``post`` spikes [T, B, O, H', W'] against ``traces`` [T, B, I, H, W].

    The spikes are those of neurons that ``layer`` feeds, the traces those of what it reads.
    """
    shape = layer.weight.shape
    geometry = (layer.stride, layer.padding, layer.dilation)
    sums = conv2d_weight(traces.flatten(0, 1), list(shape), post.flatten(0, 1), *geometry, layer.groups)
    places = post.sum((0, 1))[None]
    there = torch.ones_like(traces[0, :1, :1])
    synapses = conv2d_weight(there, [shape[0], 1, *shape[2:]], places, *geometry)
    return Timing(sums, synapses, places.sum((0, 2, 3)))
