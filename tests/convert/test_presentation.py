"""Blocks of time come to what the printed module does with all steps at once, for every kind of network."""

from __future__ import annotations

import pytest
import torch
from converting import images, saved, settings
from hypothesis import given
from hypothesis import strategies as st
from nets import networks

from snnc.convert import course
from snnc.convert.circuit import Circuit
from snnc.convert.presentation import Presentation
from snnc.convert.stage import Stage
from snnc.convert.twins import Twins
from snnc.driver import loads
from snnc.ir.ops import Encode
from snnc.ir.program import Target
from snnc.nn import GatedMaxPool, gated_max_pool, poisson
from snnc.source import Source
from snnc.train.artifact import Saved
from snnc.train.evaluate import Manner, evaluate
from snnc.train.network import Converted, Options, network

STEPS = 9


def dyadic(module: torch.nn.Module) -> torch.nn.Module:
    """Weights whose sums are exact in float32, so that their order does not matter."""
    for tensor in module.parameters():
        tensor.data = (tensor.data * 8).round() / 8
    return module.double().eval()


@given(text=networks(most=5), cut=st.integers(1, STEPS))
def test_blocks_come_to_what_the_module_does(text: str, cut: int):
    net = loads(text)
    module = dyadic(net.snn(STEPS))
    circuit = Circuit(net.snn_twin.unrolled.graph, module)
    if course.interleaved(circuit):
        return
    shape = net.model.input
    image = torch.rand(3, shape.channels, shape.height, shape.width, dtype=torch.float64) * 2 - 1
    coded = [node.id for node in circuit.graph if node.op == Encode("poisson")]
    trains = {one: poisson(image, STEPS) for one in coded}
    output = circuit.graph.output.id
    shown = Presentation(circuit, image, {output}, coded)
    with torch.inference_mode():
        expected = _module_on(module, image, trains.get(coded[0]) if coded else None)
        for start in range(0, STEPS, cut):
            steps = min(cut, STEPS - start)
            shown.block(steps, {name: train[start : start + steps] for name, train in trains.items()})
        if any(part for part in module.modules() if isinstance(part, torch.nn.MaxPool2d)):
            return  # a module that was not converted passes whatever spikes
        assert torch.allclose(shown.behind()[output], expected, atol=1e-9)


def _module_on(module, image, train):
    if train is None:
        return module(image)
    namespace = type(module).forward.__globals__
    drawn = namespace["poisson"]
    namespace["poisson"] = lambda _image, _steps: train
    try:
        return module(image)
    finally:
        namespace["poisson"] = drawn


BODY = (
    "Input - Conv1(2,6,3x3/1, bias) - BN - [Conv2(6,6,3x3/1, bias)] repeated 3 times - MaxPool(2x2/2)"
    " - Conv3(12,6,3x3/1) - Pool(3x3/3) - FC1(6,9, bias) - FC2(9,4, bias)\nSkip Conv1-to-Conv3 concat"
)


def spiking(body: str = BODY, steps: int = STEPS, **converted: object) -> Saved:
    options = Options(Target.SNN, steps, converted=Converted(**converted))
    found = network(Source("net.spec", f"input 2x6x6\nneuron ReLU|LIF\n{body}"), None, options)
    module = found.module().eval()
    for part in module.modules():
        if getattr(part, "drift", None) is not None:
            part.drift.copy_(torch.randn(part.drift.shape) * 0.1)
    return Saved(found, module, (), {}, {})


@pytest.mark.parametrize("options", [{}, {"initial": 0.5}, {"per_channel": True}], ids=str)
def test_a_converted_module_and_its_blocks_agree(options: dict[str, object]):
    net, data = spiking(**options), images()
    assert isinstance(net.module.Pool1, GatedMaxPool)
    assert all(part.drift is not None for part in net.module.Conv2_if)
    how = Manner(seed=4, batch=5)
    whole = evaluate(net.module, data.test, classes=4, manner=how, steps=True)
    parts = course.evaluate(net, data.test, classes=4, manner=how, steps=True)
    assert parts == whole
    assert len(parts.by_steps) == STEPS
    assert len(set(parts.by_steps)) > 1


def test_tiles_do_not_change_what_is_fired(monkeypatch):
    net = spiking()
    circuit = course.circuit_of(net)
    image = torch.rand(7, 2, 6, 6) * 2 - 1
    states = {node.id for node in circuit.spiking.values()}
    sums = []
    for tile in (1 << 21, 1 << 12, 1):
        monkeypatch.setattr("snnc.convert.stage.TILE", tile)
        stage = Stage(circuit, image, states, chance=11)
        counts = dict.fromkeys(states, 0.0)
        with torch.inference_mode():
            for block in stage.blocks(STEPS):
                for name in states:
                    counts[name] += float(block.trains[name].sum())
        sums.append(counts)
    assert sums[0] == sums[1] == sums[2]
    assert all(sums[0].values())


def test_a_train_that_does_not_fit_is_evaluated_in_blocks(monkeypatch):
    net = spiking()
    assert not course.is_long(net, 100)
    monkeypatch.setattr(course, "ROOM", 1000)
    assert course.is_long(net, 100)
    assert not course.is_long(saved(BODY), 100), "an artificial network has no trains"


def test_the_gate_follows_the_neuron_with_most_spikes():
    x = torch.zeros(6, 1, 1, 2, 2)
    x[:, 0, 0, 0, 0] = torch.tensor([1.0, 0, 0, 0, 0, 1])
    x[:, 0, 0, 1, 1] = torch.tensor([0.0, 1, 1, 1, 0, 1])
    expected = [1.0, 0, 1, 1, 0, 1]  # the first leads, then both are equal, then the last leads
    for size in (2, 0):
        assert gated_max_pool(x, size, size).flatten().tolist() == expected


def test_a_gated_pool_nears_the_largest_rate_and_an_ungated_one_does_not():
    chance = torch.rand(4000, 1, 1, 2, 2, generator=torch.Generator().manual_seed(1))
    rates = torch.tensor([0.1, 0.2, 0.3, 0.15]).view(1, 1, 1, 2, 2)
    spikes = (chance < rates).float()
    assert float(gated_max_pool(spikes, 2, 2).mean()) == pytest.approx(0.3, abs=0.03)
    assert float(spikes.flatten(3).amax(-1).mean()) > 0.5


def test_a_network_with_max_pools_converges_through_gates(converted):
    body = "Input - Conv1(2,6,3x3/1) - MaxPool(2x2/2) - Conv2(6,6,3x3/1) - FC1(54,4)"
    result = converted(body, 1024, coding="direct", max_pool="gate")
    assert result.ledger.errors[-1] < 0.04 < 0.3 * result.ledger.errors[3]


def test_activations_are_those_of_the_module():
    net = saved(BODY.replace("MaxPool", "Pool"))
    twins = Twins.of(net, settings(4))
    image = torch.rand(5, 2, 6, 6) * 2 - 1
    output = twins.artificial.graph.output.id
    found = twins.activations(image, {output})[output]
    with torch.inference_mode():
        assert torch.allclose(found, net.module(image), atol=1e-6)
