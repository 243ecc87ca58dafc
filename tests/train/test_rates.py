"""Firing rates while training: what they count, and the layers that they name."""

from __future__ import annotations

import pytest
import torch
from training import UNKEPT, looped, recipe

from snnc.ir.program import Target
from snnc.source import Source
from snnc.train.images import normalise
from snnc.train.network import Options, network, spiking
from snnc.train.rates import Rates
from snnc.train.run import network_of


def test_rates_are_spikes_per_neuron_and_step() -> None:
    text = "input 1x8x8\ntimesteps 6\nInput - [Conv1(1,1,3x3/1)] repeated 2 times - FC1(64,3)\n"
    module = network(Source("n", text), None, Options(Target.SNN)).module()
    seen: dict[str, torch.Tensor] = {}
    for name, part in spiking(module).items():
        part.register_forward_hook(lambda _part, _inputs, output, name=name: seen.update({name: output}))
    rates = Rates()
    for _ in range(2):
        torch.manual_seed(0)
        with rates.noting(module), torch.no_grad():
            module(torch.rand(5, 1, 8, 8) * 2 - 1)
    means = rates.means()
    assert list(means) == ["Conv1@1", "Conv1@2"]
    torch.manual_seed(0)
    with torch.no_grad():
        module(torch.rand(5, 1, 8, 8) * 2 - 1)
    for name, spikes in seen.items():
        assert means[name] == pytest.approx(float(spikes.sum()) / spikes.numel(), rel=1e-6)
        assert means[name] > 0


def test_a_silent_layer_is_named_while_training(runs) -> None:
    listener = runs.warned()
    looped(recipe(start__gain="0.01", log__rates="1", timesteps="4"), listener).run(UNKEPT)
    first = listener.messages[0]
    assert first == (
        "Conv1 fires 0 spikes per neuron per step: vanishing spike propagation (Sec. IV); "
        "try BackRes, a ReLU prefix, a larger gain"
    )


def test_a_lively_network_is_not_called_silent(runs) -> None:
    listener = runs.warned()
    looped(recipe(timesteps="4"), listener).run(UNKEPT)
    assert listener.messages == []


@pytest.mark.parametrize("name", ["vgg7_agd", "vgg3x4", "vgg9"])
def test_the_first_weights_let_spikes_through_to_the_last_layer(name: str) -> None:
    """Where a gain of 1, which keeps the variance of a linear layer, lets them vanish; Sec. IV."""
    chosen = recipe(spec=name, classify="softmax", timesteps="10")
    images = normalise(torch.randint(256, (2, 3, 32, 32)).to(torch.uint8))

    def last_rate(gain: float) -> float:
        module, rates = network_of(chosen).module(1, gain).eval(), Rates()
        torch.manual_seed(0)
        with torch.no_grad(), rates.noting(module):
            module(images)
        return list(rates.means().values())[-1]

    assert last_rate(1.0) < chosen.log.silent
    assert last_rate(chosen.start.gain) > 0.1
