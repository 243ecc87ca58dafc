"""First weights: their spread, what is drawn, and what is left alone."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from snnc.nn import kaiming, xavier


def spread(weight: torch.Tensor) -> float:
    return float(weight.detach().std())


@pytest.mark.parametrize(
    ("layer", "inputs", "outputs"),
    [
        (nn.Conv2d(32, 64, 3), 32 * 9, 64 * 9),
        (nn.Linear(300, 200), 300, 200),
    ],
)
def test_xavier_has_the_variance_it_says(layer: nn.Module, inputs: int, outputs: int) -> None:
    torch.manual_seed(0)
    for gain in (1.0, 2.0):
        xavier(layer, gain=gain)
        assert spread(layer.weight) == pytest.approx(gain * math.sqrt(2 / (inputs + outputs)), rel=0.02)
        assert float(layer.weight.detach().abs().max()) <= gain * math.sqrt(6 / (inputs + outputs))


@pytest.mark.parametrize(("layer", "inputs"), [(nn.Conv2d(32, 64, 3), 32 * 9), (nn.Linear(300, 200), 300)])
def test_kaiming_has_the_variance_it_says(layer: nn.Module, inputs: int) -> None:
    torch.manual_seed(0)
    kaiming(layer)
    assert spread(layer.weight) == pytest.approx(math.sqrt(2 / inputs), rel=0.02)


@pytest.mark.parametrize("draw", [xavier, kaiming])
def test_everything_inside_is_drawn_once_and_batch_norms_are_left_alone(draw) -> None:
    shared = nn.Conv2d(3, 3, 3)
    net = nn.Sequential(shared, nn.BatchNorm2d(3), nn.Sequential(shared, nn.Linear(3, 2)))
    before = {name: value.clone() for name, value in net.state_dict().items()}
    draw(net)
    changed = {name for name, value in net.state_dict().items() if not torch.equal(value, before[name])}
    assert changed == {"0.weight", "0.bias", "2.0.weight", "2.0.bias", "2.1.weight", "2.1.bias"}
    assert not shared.bias.any()


def test_the_default_gain_is_wide() -> None:
    torch.manual_seed(0)
    layer = nn.Linear(400, 400)
    xavier(layer)
    assert spread(layer.weight) == pytest.approx(2 / math.sqrt(400), rel=0.02)


def test_several_modules_can_be_named() -> None:
    layers = [nn.Linear(2, 2) for _ in range(3)]
    kept = layers[2].weight.clone()
    kaiming(layers[0], layers[1])
    assert not layers[0].bias.any()
    assert torch.equal(layers[2].weight, kept)
