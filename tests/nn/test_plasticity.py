"""STDP against a sum over all pairs of spikes, written down as Eqn (5) says it."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from snnc.nn.plasticity import nearest_traces, timing

TAU = 3.0
OFFSET = 0.4


def by_pairs(pre: Tensor, post: Tensor, layer: nn.Conv2d) -> np.ndarray:
    """Δw / η, one post-synaptic spike and one synapse at a time; the nearest earlier spike is looked up."""
    total = np.zeros(layer.weight.shape)
    spikes = np.zeros(layer.out_channels)
    groups, own = layer.groups, layer.out_channels // layer.groups
    for t, image, maps, row, column in post.nonzero().tolist():
        spikes[maps] += 1
        for channel, down, right in np.ndindex(total.shape[1:]):
            y = row * layer.stride[0] - layer.padding[0] + down * layer.dilation[0]
            x = column * layer.stride[1] - layer.padding[1] + right * layer.dilation[1]
            if not (0 <= y < pre.shape[3] and 0 <= x < pre.shape[4]):
                continue  # no neuron there, no synapse
            neuron = channel + maps // own * (pre.shape[2] // groups)
            before = [s for s in range(t + 1) if pre[s, image, neuron, y, x] != 0]
            trace = 0.0
            if before:
                trace = float(pre[before[-1], image, neuron, y, x]) * math.exp(-(t - before[-1]) / TAU)
            total[maps, channel, down, right] += trace - OFFSET
    return total / np.maximum(spikes, 1)[:, None, None, None]


def batched(pre: Tensor, post: Tensor, layer: nn.Conv2d) -> np.ndarray:
    traces = nearest_traces(pre, math.exp(-1 / TAU))
    return timing(traces, post, layer).change(OFFSET).numpy()


def convolution(inputs: int = 2, outputs: int = 3, size: int = 3, **geometry: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, size, bias=False, **geometry).double().requires_grad_(False)


def trains(layer: nn.Conv2d, seed: int, rate: float = 0.2, steps: int = 6) -> tuple[Tensor, Tensor]:
    """Random trains around a layer: signed ones that it reads, and the answers of the neurons behind it."""
    draw = torch.Generator().manual_seed(seed)

    def spikes(*shape: int) -> Tensor:
        return (torch.rand(shape, generator=draw) < rate).double()

    pre = spikes(steps, 2, layer.in_channels, 5, 6)
    signs = torch.randint(0, 2, pre.shape, generator=draw) * 2 - 1
    after = layer(pre[0]).shape
    return pre * signs, spikes(steps, *after)


GEOMETRIES = {
    "padded": convolution(padding=1),
    "bare": convolution(),
    "strided": convolution(padding=1, stride=2),
    "strided bare": convolution(size=2, stride=2),
    "dilated": convolution(padding=2, dilation=2),
    "grouped": convolution(inputs=4, outputs=4, padding=1, groups=2),
    "pointwise": convolution(size=1),
}


@pytest.mark.parametrize("geometry", GEOMETRIES)
@pytest.mark.parametrize("seed", range(3))
def test_the_update_is_the_sum_over_all_pairs(geometry: str, seed: int) -> None:
    layer = GEOMETRIES[geometry]
    pre, post = trains(layer, seed)
    assert np.abs(batched(pre, post, layer) - by_pairs(pre, post, layer)).max() < 1e-12


@pytest.mark.parametrize("rate", [0.01, 0.05, 0.5, 1.0])
def test_whatever_the_rate(rate: float) -> None:
    layer = GEOMETRIES["padded"]
    pre, post = trains(layer, 7, rate)
    assert np.abs(batched(pre, post, layer) - by_pairs(pre, post, layer)).max() < 1e-12


@pytest.mark.slow
def test_a_thousand_random_trains() -> None:
    for seed in range(1000):
        layer = GEOMETRIES[list(GEOMETRIES)[seed % len(GEOMETRIES)]]
        pre, post = trains(layer, seed, rate=(0.02, 0.1, 0.3)[seed % 3], steps=5)
        assert np.abs(batched(pre, post, layer) - by_pairs(pre, post, layer)).max() < 1e-12


def test_without_a_spike_nothing_changes() -> None:
    layer = convolution(padding=1)
    pre, post = trains(layer, 1)
    assert not batched(pre, torch.zeros_like(post), layer).any()
    lonely = batched(torch.zeros_like(pre), post, layer)
    assert np.abs(lonely - by_pairs(torch.zeros_like(pre), post, layer)).max() < 1e-12
    assert (lonely[:, :, 1, 1] == -OFFSET).all()  # a pre-neuron that never fired: full depression


@pytest.mark.parametrize("wait", range(6))
def test_one_spike_each(wait: int) -> None:
    """A causal pair potentiates while the wait is shorter than τ ln(1/offset), and depresses after it."""
    pre, post = torch.zeros(6, 1, 1, 1, 1, dtype=torch.double), torch.zeros(6, 1, 1, 1, 1, dtype=torch.double)
    pre[0], post[wait] = 1, 1
    (found,) = batched(pre, post, convolution(1, 1, 1)).flatten()
    assert found == pytest.approx(math.exp(-wait / TAU) - OFFSET, abs=1e-12)
    assert (found > 0) == (wait < TAU * math.log(1 / OFFSET))


def test_an_anti_causal_pair_depresses() -> None:
    pre, post = torch.zeros(6, 1, 1, 1, 1, dtype=torch.double), torch.zeros(6, 1, 1, 1, 1, dtype=torch.double)
    pre[3], post[2] = 1, 1
    assert batched(pre, post, convolution(1, 1, 1)).item() == -OFFSET


def test_maps_without_spikes_stay_while_others_change() -> None:
    layer = convolution(padding=1)
    pre, post = trains(layer, 2)
    post[:, :, 1] = 0
    change = batched(pre, post, layer)
    assert not change[1].any()
    assert change[0].any()
    assert change[2].any()


def test_only_the_nearest_spike_leaves_a_trace() -> None:
    spikes = torch.tensor([1.0, 1.0, 0.0, -1.0, 0.0, 2.0, 0.0], dtype=torch.double)[:, None]
    found = nearest_traces(spikes, 0.5).flatten().tolist()
    assert found == [1, 1, 0.5, -1, -0.5, 2, 1]


def test_a_train_in_pieces_leaves_the_same_traces() -> None:
    spikes, _ = trains(convolution(), 3)
    first = nearest_traces(spikes[:2], 0.7)
    second = nearest_traces(spikes[2:], 0.7, first[-1])
    assert torch.equal(torch.cat([first, second]), nearest_traces(spikes, 0.7))


def test_the_mean_over_images_does_not_depend_on_how_often_they_are_shown() -> None:
    layer = convolution(padding=1)
    pre, post = trains(layer, 4)
    once = batched(pre, post, layer)
    twice = batched(torch.cat([pre, pre], 1), torch.cat([post, post], 1), layer)
    assert np.abs(once - twice).max() < 1e-12
