"""A sample's result depends on the sample alone: bit for bit in float64."""

import pytest
import torch
from torch import nn

from snnc.nn import IF, LIF, Narrow, over_time


class Network(nn.Module):
    """A small spiking network with a block that runs twice on its own output."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, padding=1, bias=False)
        self.first_lif = LIF(0.9, 0.5, refractory=1)
        self.back = nn.Conv2d(8, 16, 3, padding=1, bias=False)
        self.back_if = nn.ModuleList(IF(0.3 * (i + 1), reset="zero") for i in range(2))
        self.narrow = Narrow(16, 8, "top", spiking=True)
        self.last = nn.Linear(8 * 36, 4, bias=False)

    def forward(self, x):
        x = self.first_lif(over_time(self.first, x))
        for fire in self.back_if:
            x = self.narrow(fire(over_time(self.back, x)))
        self.rate = x.mean().item()
        return self.last(x.mean(0).flatten(1))


@pytest.fixture
def network():
    """Weights on a grid of 2^-10 make exact sums: a BLAS may add few rows in another order than many."""
    torch.manual_seed(0)
    network = Network().double()
    with torch.no_grad():
        for weight in network.parameters():
            weight.mul_(1024).round_().div_(1024)
    return network


@pytest.fixture
def spikes():
    """T is a power of two, so that the mean over time is exact, too."""
    return (torch.rand(16, 6, 3, 6, 6, generator=torch.Generator().manual_seed(1)) < 0.4).double()


@pytest.fixture
def alone(network, spikes):
    """Each sample presented by itself."""
    scores = torch.cat([network(spikes[:, [i]]) for i in range(6)])
    assert 0.01 < network.rate < 0.99
    assert (scores[0] - scores[1]).norm() > 0.01
    return scores


def test_the_same_in_any_batch(network, spikes, alone):
    order = torch.tensor([4, 2, 0, 5, 1, 3])
    assert torch.equal(network(spikes), alone)
    assert torch.equal(network(spikes[:, order]), alone[order])
    assert torch.equal(torch.cat([network(part) for part in spikes.split(4, 1)]), alone)
    padded = torch.cat((spikes, torch.ones(16, 3, 3, 6, 6).double()), 1)
    assert torch.equal(network(padded)[:6], alone)


def test_the_same_after_anything_else(network, spikes, alone):
    other = Network().double()
    for _ in range(2):
        assert torch.equal(network(spikes), alone)
        other(1 - spikes)
        network(torch.ones(3, 2, 3, 6, 6).double())
    with pytest.raises(RuntimeError):
        network(torch.ones(3, 2, 5, 6, 6).double())
    assert torch.equal(network(spikes), alone)


def test_the_same_after_a_trip_to_another_dtype(network, spikes, alone):
    saved = {name: value.clone() for name, value in network.state_dict().items()}
    network.float()(spikes.float())
    network.double().load_state_dict(saved)
    assert torch.equal(network(spikes), alone)


def test_training_one_batch_leaves_no_trace_in_the_next(network, spikes, alone):
    network(spikes).square().sum().backward()
    first = network.back.weight.grad.clone()
    network.zero_grad()
    network(spikes).square().sum().backward()
    assert first.norm() > 0.01
    assert torch.equal(network.back.weight.grad, first)


def test_a_module_holds_nothing_but_its_threshold(network, spikes):
    before = {name: set(vars(module)) for name, module in network.named_modules()}
    state = {name: value.clone() for name, value in network.state_dict().items()}
    network(spikes)
    assert {name: set(vars(module)) - {"rate"} for name, module in network.named_modules()} == before
    assert all(torch.equal(value, state[name]) for name, value in network.state_dict().items())
