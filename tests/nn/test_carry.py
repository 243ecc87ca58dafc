"""A presentation in blocks of time is the presentation as a whole: spikes, states, gradients."""

import itertools
from functools import reduce

import pytest
import torch

from snnc.nn import LIF, CompiledKernel, DropoutOverTime, Narrow, Neuron, TorchKernel, scan, scan_by_steps
from snnc.nn.carry import Carried, carrying, scan_block
from snnc.nn.scan import KERNELS

RULES = list(itertools.product(("subtract", "zero", "none"), (0, 1, 3), (False, True)))


@pytest.fixture(params=[TorchKernel(), CompiledKernel()], ids=lambda kernel: kernel.name)
def _kernel(request, monkeypatch):
    if not request.param.takes(torch.zeros(1, 1)):
        pytest.skip("there is no C++ compiler")
    monkeypatch.setattr("snnc.nn.carry.kernel_for", lambda _: request.param)


def noise(*shape, seed=0, dtype=torch.float64):
    return (torch.randn(shape, generator=torch.Generator().manual_seed(seed)) * 0.6).to(dtype)


def in_blocks(current, neuron, lengths):
    state, fired = None, []
    for block in current.split(lengths):
        spikes, state = scan_block(block, neuron, state)
        fired.append(spikes)
    return torch.cat(fired), state


@pytest.mark.usefixtures("_kernel")
@pytest.mark.parametrize("threshold", [0.8, torch.tensor([0.4, 0.8, 1.2, 1.6])], ids=["one", "per-channel"])
@pytest.mark.parametrize(("reset", "refractory", "delay"), RULES)
def test_blocks_of_any_length_are_the_whole(reset, refractory, delay, threshold):
    neuron = Neuron(0.9, threshold, reset, refractory, delay=delay, initial=0.25)
    current = noise(30, 3, 4, 5, 6).requires_grad_()
    upstream = noise(30, 3, 4, 5, 6, seed=1)
    whole = scan_by_steps(current, neuron)
    (expected,) = torch.autograd.grad(whole, current, upstream)
    assert whole.mean() > 0.01
    assert expected.norm() > 1
    for lengths in ([30], [1] * 30, [7, 1, 13, 9]):
        fired, _ = in_blocks(current, neuron, lengths)
        (gradient,) = torch.autograd.grad(fired, current, upstream)
        assert torch.equal(fired, whole)
        assert (gradient - expected).abs().max() <= 1e-12


@pytest.mark.usefixtures("_kernel")
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_lower_precision_gives_the_same_spikes(dtype):
    current = noise(40, 2, 3, 4, 4, dtype=dtype).contiguous(memory_format=torch.preserve_format)
    assert torch.equal(in_blocks(current, Neuron(), [1, 20, 19])[0], scan(current))


@pytest.mark.usefixtures("_kernel")
def test_channels_last_blocks_have_channels_last_states():
    maps = noise(24, 8, 5, 5).to(memory_format=torch.channels_last).view(12, 2, 8, 5, 5).requires_grad_()
    fired, (potential,) = in_blocks(maps, Neuron(), [5, 7])
    assert torch.equal(fired, scan(maps))
    assert potential.is_contiguous(memory_format=torch.channels_last)
    (fired.sum() + potential.sum()).backward()
    assert maps.grad.norm() > 1


@pytest.mark.usefixtures("_kernel")
def test_gradients_of_the_state_alone():
    current = noise(6, 50).requires_grad_()
    _, state = scan_block(current, Neuron(0.8, 100.0))  # nothing fires: V is a leaky sum
    state[0].sum().backward()
    powers = 0.8 ** torch.arange(5, -1, -1, dtype=torch.float64)
    assert (current.grad - powers[:, None]).abs().max() <= 1e-15


def test_without_gradients_no_potentials_are_kept():
    asked = []

    class Watched(TorchKernel):
        def forward(self, *rows, keep, state=None):
            asked.append(keep)
            return super().forward(*rows, keep=keep, state=state)

    KERNELS.insert(0, Watched())
    try:
        with torch.no_grad():
            scan_block(noise(3, 4).requires_grad_(), Neuron())
        scan_block(noise(3, 4), Neuron())
        scan_block(noise(3, 4).requires_grad_(), Neuron())
    finally:
        KERNELS.pop(0)
    assert asked == [False, False, True]


def run(layers, x, lengths):
    """The layers over blocks of time, with what they remember handed on."""
    memory, parts = Carried(), []
    for block in x.split(lengths):
        memory = Carried(memory.after)
        with carrying(memory):
            parts.append(reduce(lambda train, layer: layer(train), layers, block))
    return torch.cat(parts)


def test_layers_remember_in_the_order_of_their_calls():
    layers = [
        LIF(0.9, 0.3),
        LIF(0.5, 0.7, "zero", 2),
        LIF(0.9, 0.2, delay=True),
        Narrow(8, 4, "top", spiking=True),
    ]
    x = noise(20, 3, 8, 5, 5).abs()
    with carrying(Carried()):
        whole = run(layers, x, [20])
    assert 0.01 < whole.mean() < 0.99
    assert torch.equal(run(layers, x, [1] * 20), whole)
    assert torch.equal(run(layers, x, [6, 14]), whole)
    plain = x
    for layer in layers:
        plain = layer(plain)
    assert torch.equal(plain, whole)


def test_dropout_keeps_its_mask_from_block_to_block():
    torch.manual_seed(0)
    dropped = run([DropoutOverTime(0.5)], torch.ones(10, 4, 50), [3, 7])
    assert torch.equal(dropped, dropped[:1].expand_as(dropped))
    assert 0.3 < (dropped == 0).double().mean() < 0.7
    assert not torch.equal(run([DropoutOverTime(0.5)], torch.ones(10, 4, 50), [3, 7]), dropped)
