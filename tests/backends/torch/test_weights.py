"""Weights: their names, their gradients, their number, and how both twins share them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from snnc.analysis.layers import layer_rows
from snnc.driver import Net, load, loads
from snnc.ir.program import Target
from snnc.nn import IF, LIF

SPECS = sorted(path.stem for path in (Path(__file__).parents[3] / "specs").glob("*.spec"))

SMALL = """
network Small
input 3x8x8
neuron ReLU|LIF(threshold=0.5)
timesteps 6
Input - Conv1(3,6,3x3/1) - [Conv2(6,6,3x3/1)] repeated 3 times - Pool(2x2/2)
 - [Conv3(6,6,3x3/1) - [Conv4(6,6,1x1/1)] repeated 2 times] repeated 2 times - FC1(96,8) - FC2(8,4)
"""
IMAGE = torch.rand(4, 3, 8, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 2 - 1
CLASSES = torch.tensor([0, 1, 2, 3])


def small(target: Target, extra: str = "") -> nn.Module:
    torch.manual_seed(0)
    net = loads(SMALL + extra)
    return (net.ann() if target is Target.ANN else net.snn()).double()


def test_the_names_are_those_of_the_spec() -> None:
    live = small(Target.SNN)
    assert [name for name, _ in live.named_parameters()] == [
        *(f"Conv{number}.weight" for number in range(1, 5)),
        "FC1.weight",
        "FC2.weight",
    ]
    assert [name for name, _ in live.named_buffers()] == [
        "Conv1_lif.threshold",
        *(f"Conv2_lif.{step}.threshold" for step in range(3)),
        *(f"Conv3_lif.{step}.threshold" for step in range(2)),
        *(f"Conv4_lif.{step}.threshold" for step in range(4)),
        "FC1_lif.threshold",
    ]


@pytest.mark.parametrize("name", SPECS)
def test_the_twins_exchange_their_weights_by_name(name: str) -> None:
    net = load(name)
    ann, snn = on_meta(net, Target.ANN), on_meta(net, Target.SNN)
    found = snn.load_state_dict(ann.state_dict(), strict=False)
    assert not found.unexpected_keys
    assert all(key.endswith("threshold") for key in found.missing_keys)
    shapes = {key: value.shape for key, value in snn.state_dict().items()}
    assert all(shapes[key] == value.shape for key, value in ann.state_dict().items())


def test_exchanged_weights_are_the_same_numbers() -> None:
    ann, snn = small(Target.ANN), small(Target.SNN)
    assert not torch.equal(ann.Conv4.weight, snn.Conv4.weight)
    snn.load_state_dict(ann.state_dict(), strict=False)
    assert all(torch.equal(value, snn.state_dict()[name]) for name, value in ann.state_dict().items())


@pytest.mark.parametrize("target", Target)
def test_a_state_dict_goes_out_and_back(target: Target) -> None:
    one, other = small(target), small(target)
    for value in one.state_dict().values():
        value.mul_(1.25)
    other.load_state_dict(one.state_dict(), strict=True)
    scores = []
    for net in (one, other):
        torch.manual_seed(1)
        scores.append(net(IMAGE))
    assert torch.equal(*scores)


@pytest.mark.parametrize("extra", ["", "encode direct\n", "classify stochmax\n"])
@pytest.mark.parametrize("target", Target)
def test_backward_reaches_every_weight(target: Target, extra: str) -> None:
    live = small(target, extra)
    loss = live(IMAGE, CLASSES) if "stochmax" in extra else nn.functional.cross_entropy(live(IMAGE), CLASSES)
    loss.backward()
    for name, weight in live.named_parameters():
        assert weight.grad is not None, name
        assert weight.grad.abs().sum() > 0, name


def test_a_stochmax_network_without_target_gives_scores() -> None:
    assert small(Target.SNN, "classify stochmax\n").eval()(IMAGE).shape == (4, 4)


class Unshared(nn.Module):
    """Each application of a layer gets the next copy of it."""

    def __init__(self, layer: nn.Module, copies: int) -> None:
        super().__init__()
        kind = type(layer)
        make = (layer.in_channels, layer.out_channels, layer.kernel_size)
        self.copies = nn.ModuleList(kind(*make, padding=layer.padding, bias=False) for _ in range(copies))
        for copy in self.copies:
            copy.to(layer.weight.dtype).load_state_dict(layer.state_dict())
        self.calls = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        return self.copies[self.calls - 1](x)


@pytest.mark.parametrize("extra", ["", "encode direct\n"])
@pytest.mark.parametrize("target", Target)
def test_a_shared_weights_gradient_is_the_sum_over_unshared_copies(target: Target, extra: str) -> None:
    shared, unshared = small(target, extra), small(target, extra)
    unshared.load_state_dict(shared.state_dict())
    applications = {"Conv1": 1, "Conv2": 3, "Conv3": 2, "Conv4": 4}
    for layer, count in applications.items():
        setattr(unshared, layer, Unshared(getattr(unshared, layer), count))
    scores = []
    for net in (shared, unshared):
        torch.manual_seed(3)
        scores.append(net(IMAGE))
        nn.functional.cross_entropy(scores[-1], CLASSES).backward()
    assert torch.equal(*scores)
    for layer, count in applications.items():
        copies = [copy.weight.grad for copy in getattr(unshared, layer).copies]
        assert len(copies) == count
        assert all(copy.abs().sum() > 0 for copy in copies)
        assert count == 1 or not torch.allclose(copies[0], copies[1])
        expected, found = sum(copies), getattr(shared, layer).weight.grad
        torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("target", Target)
def test_it_moves_between_dtypes(target: Target, dtype: torch.dtype) -> None:
    live = small(target).to(dtype)
    scores = live(IMAGE.to(dtype))
    assert scores.dtype is dtype
    assert scores.isfinite().all()
    scores.float().sum().backward()
    assert all(weight.grad.dtype is dtype for weight in live.parameters())


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("target", Target)
def test_parameters_are_as_many_as_the_report_says(name: str, target: Target) -> None:
    net = load(name)
    live = on_meta(net, target)
    rows = layer_rows(net.twin(target).unrolled)
    assert sum(weight.numel() for weight in live.parameters()) == sum(row.parameters for row in rows)


@pytest.mark.parametrize("name", SPECS)
def test_torch_counts_the_multiplications_that_the_report_says(name: str) -> None:
    net = load(name)
    live = on_meta(net, Target.ANN)
    shape = net.model.input
    image = torch.empty(1, shape.channels, shape.height, shape.width, device="meta")
    with FlopCounterMode(display=False) as counter:
        live(image)
    heads = net.model.classify == "stochmax"
    last = next(layer for layer in reversed(list(live.modules())) if isinstance(layer, nn.Linear))
    expected = sum(row.macs for row in layer_rows(net.ann_twin.unrolled))
    assert counter.get_total_flops() == 2 * (expected + heads * last.in_features * last.out_features)


def test_a_spiking_network_computes_once_what_does_not_change() -> None:
    """The ReLU prefix, the first convolution on it and the classifier run once, the rest T times."""
    net, steps = load("vgg9"), 5
    live = on_meta(net, Target.SNN, timesteps=steps)
    macs = {row.layer: row.macs for row in layer_rows(net.snn_twin.unrolled)}
    once = ("Conv1", "Conv2", "Conv3", "FC2")
    expected = sum(count * (1 if layer in once else steps) for layer, count in macs.items())
    with FlopCounterMode(display=False) as counter:
        live(torch.empty(1, 3, 32, 32, device="meta"))
    assert counter.get_total_flops() == 2 * (expected + 1024 * 10)


def on_meta(net: Net, target: Target, **options: int) -> nn.Module:
    with torch.device("meta"):
        return net.ann() if target is Target.ANN else net.snn(**options)


@pytest.mark.parametrize("name", ["vgg5", "vgg3x2_agd", "vgg7_agd"])
def test_a_fresh_spiking_network_fires_in_its_last_layer(name: str) -> None:
    torch.manual_seed(0)
    live, rates = load(name).snn(timesteps=10), {}
    for layer, module in live.named_modules():
        if isinstance(module, LIF | IF):
            module.register_forward_hook(lambda _m, _i, out, layer=layer: rates.update({layer: out.mean()}))
    with torch.no_grad():
        live(torch.rand(2, 3, 32, 32) * 2 - 1)
    assert len(rates) >= 5
    assert all(rate > 0.005 for rate in rates.values()), rates
