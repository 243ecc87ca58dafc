"""Ask, before a contestant is timed, whether it computes the network.

Spikes are compared by the class scores, which are weighted sums of the spikes of the last neurons
over time: each of them depends on every spike before it, so one that differs shows.
"""

import torch
from torch import Tensor

from benchmarks.contestants import loop
from benchmarks.contestants.base import Setting
from benchmarks.contestants.roster import Entry
from benchmarks.networks import Network, presented, weights

TIMESTEPS, BATCH = 6, 2
TOLERANCE = 1e-4  # of the largest score; float32 rounds, and a flipped spike moves scores by more
LOWEST_RATE = 0.01  # spikes per neuron and step, in every layer: silent networks are all equal


def disagreement(entry: Entry, network: Network) -> str:
    """Return how the contestant's scores differ from those of the plain loop, or nothing."""
    if not entry.computes:
        return ""
    setting = Setting(network, weights(network), TIMESTEPS, BATCH)
    x = presented(network, TIMESTEPS, BATCH)
    reference = getattr(loop, entry.computes)(setting)
    expected, rates = _with_rates(reference, x)
    if min(rates) < LOWEST_RATE:
        return f"the network is silent: {min(rates):.4f} spikes per neuron and step in a layer"
    difference = (entry.build()(setting).infer(x).float() - expected).abs().max() / expected.abs().max()
    return f"its scores differ by {difference:.2g} of the largest" if difference > TOLERANCE else ""


def _with_rates(reference: loop.Loop, x: Tensor) -> tuple[Tensor, list[float]]:
    """Return the scores, and the mean output of each population."""
    seen: dict[int, list[float]] = {}
    for i, layer in enumerate(reference.spiking):
        if isinstance(layer, loop.Neurons):
            layer.register_forward_hook(
                lambda _module, _inputs, spikes, i=i: seen.setdefault(i, []).append(spikes.mean().item())
            )
    with torch.no_grad():
        scores: Tensor = reference(x)
    return scores, [sum(rates) / len(rates) for rates in seen.values()]
