"""The printed modules compute what the graph says: spikes and scores as a plain numpy loop has them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from interpreter import Interpreter
from nets import networks
from torch import nn

from snnc.driver import loads
from snnc.ir.ids import NodeId
from snnc.ir.ops import Input, Neuron, Spiking
from snnc.ir.program import Target
from snnc.nn import IF, LIF, Narrow, poisson

HEAD = "input 2x8x8\nneuron ReLU|LIF(leak=0.9, threshold=0.4)\ntimesteps 8\n"
TAIL = " - GlobalPool - FC1({0},5) - FC2(5,4)\n"


def spec(layers: str, width: int = 6, head: str = "", skips: str = "") -> str:
    coding = "" if "encode" in head else "encode poisson\n"
    return f"network Small\n{HEAD}{coding}{head}Input - {layers}{TAIL.format(width)}{skips}"


SPECS = {
    "chain": spec("Conv1(2,6,3x3/1) - Pool(2x2/2) - Conv2(6,6,3x3/1)"),
    "direct": spec("Conv1(2,6,3x3/1) - Conv2(6,6,3x3/1)", head="encode direct\n"),
    "one layer repeated": spec("Conv1(2,6,3x3/1) - [Conv2(6,6,3x3/1)] repeated 3 times"),
    "block repeated": spec("Conv1(2,6,3x3/1) - [Conv2(6,4,3x3/1) - Conv3(4,6,3x3/1)] repeated 3 times"),
    "nested": spec(
        "Conv1(2,6,3x3/1) - [Conv2(6,6,3x3/1) - [Conv3(6,6,1x1/1)] repeated 3 times] repeated 2 times"
    ),
    "three deep": spec(
        "[[[Conv1(2,2,3x3/1)] repeated 2 times - Conv2(2,2,1x1/1)] repeated 2 times] repeated 2 times",
        width=2,
    ),
    "peeled": spec(
        "Conv1(2,6,3x3/1) - ReLU - [Conv2(6,4,3x3/1) - Conv3(4,6,3x3/1)] repeated 3 times",
        head="encode direct\n",
    ),
    "peeled, one step left": spec(
        "Conv1(2,6,3x3/1) - ReLU - [Conv2(6,6,3x3/1)] repeated 2 times", head="encode direct\n"
    ),
    "peeled and nested": spec(
        "Conv1(2,6,3x3/1), ReLU - [Conv2(6,6,3x3/1) - [Conv3(6,6,1x1/1)] repeated 2 times] repeated 3 times",
        head="encode direct\n",
    ),
    "first of a nest": spec(
        "[[Conv1(2,2,3x3/1)] repeated 2 times - Conv2(2,2,1x1/1)] repeated 3 times",
        width=2,
        head="encode direct\n",
    ),
    "spikes between ReLU": spec(
        "Conv1(2,6,3x3/1) - ReLU - Conv2(6,6,3x3/1) - LIF - Pool(2x2/2) - Conv3(6,6,3x3/1) - ReLU"
        " - Conv4(6,6,3x3/1) - IF",
        head="encode direct\n",
    ),
    "ReLU inside a group": spec(
        "Conv1(2,6,3x3/1) - [Conv2(6,6,3x3/1) - LIF - Conv3(6,6,3x3/1) - ReLU] repeated 2 times"
    ),
    "skips": spec(
        "Conv1(2,6,3x3/1) - Conv2(6,6,3x3/1) - Pool(2x2/2) - Conv3(6,6,3x3/1)"
        " - Pool(2x2/2) - Conv4(12,6,3x3/1)",
        skips="Skip Input-to-Conv2 tile, Conv1-to-Conv3 add, Conv1-to-Conv4\n",
    ),
    "held skip": spec(
        "Conv1(2,6,3x3/1), ReLU - Conv2(6,6,3x3/1) - Conv3(12,6,3x3/1)",
        head="encode direct\n",
        skips="Skip Conv1-to-Conv3 concat\n",
    ),
    "skips about a group": spec(
        "Conv1(2,6,3x3/1) - [Conv2(6,6,3x3/1) - Conv3(6,6,3x3/1)] repeated 2 times - Conv4(12,6,3x3/1)",
        skips="Skip Input-to-Conv2 tile, Conv1-to-Conv3 add, Conv1-to-Conv4 concat\n",
    ),
    "skip within a group": spec(
        "Conv1(2,6,3x3/1) - [Conv2(6,6,3x3/1) - [Conv3(6,6,1x1/1)] repeated 2 times - Conv4(6,6,3x3/1)]"
        " repeated 2 times",
        skips="Skip Conv2-to-Conv4 add\n",
    ),
    "norms": spec(
        "Conv1(2,6,3x3/1) - BN - [Conv2(6,6,3x3/1) - BN - Dropout(0.3)] repeated 3 times - Conv3(6,6,3x3/1)"
    ),
    "norms and dropout, peeled": spec(
        "Conv1(2,6,3x3/1), BN, ReLU - [Conv2(6,6,3x3/1) - BN - Dropout(0.3) - LIF] repeated 3 times",
        head="encode direct\n",
    ),
    "mean": spec("Conv1(2,3,3x3/1) - [Conv2(3,6,3x3/1)] repeated 3 times keep mean"),
    "top": spec("Conv1(2,3,3x3/1) - [Conv2(3,6,3x3/1)] repeated 3 times keep top"),
    "random": spec("Conv1(2,3,3x3/1) - [Conv2(3,5,3x3/1) - Conv3(5,6,3x3/1)] repeated 3 times keep random"),
    "mean, peeled": spec(
        "Conv1(2,3,3x3/1) - ReLU - [Conv2(3,6,3x3/1)] repeated 3 times keep mean", head="encode direct\n"
    ),
    "top, peeled": spec(
        "Conv1(2,3,3x3/1) - ReLU - [Conv2(3,6,3x3/1)] repeated 2 times keep top", head="encode direct\n"
    ),
    "resets": spec(
        "Conv1(2,6,3x3/1) - LIF(leak=0.8, threshold=0.5, reset=zero)"
        " - Conv2(6,6,3x3/1) - IF(threshold=0.7, reset=none) - Conv3(6,6,3x3/1) - LIF(refractory=2)"
    ),
    "windows": spec(
        "Conv1(2,6,5x5/2, pad=1, bias) - Conv2(6,6,3x3/1, groups=3) - Conv3(6,6,3x3/1, dilation=2, pad=2)"
        " - MaxPool(2x2/1)"
    ),
    "repeated FC": f"network Small\n{HEAD}Input - FC1(128,9) - [FC2(9,9)] repeated 2 times - FC3(9,4)\n",
    "stochmax": spec("Conv1(2,6,3x3/1)") + "classify stochmax\n",
}


def prepared(net: nn.Module) -> nn.Module:
    """In float64 and evaluation mode, with thresholds and statistics that differ from each other."""
    generator = torch.Generator().manual_seed(3)
    for name, value in net.double().named_buffers():
        if name.endswith(("threshold", "running_var")):
            value.mul_(0.6 + torch.rand((), generator=generator, dtype=torch.float64))
        elif name.endswith("running_mean"):
            value.add_(torch.rand(value.shape, generator=generator, dtype=torch.float64) - 0.5)
    return net.eval()


def image_for(program) -> torch.Tensor:
    shape = next(node.op.shape for node in program.graph if isinstance(node.op, Input))
    size = (2, shape.channels, shape.height, shape.width)
    return torch.rand(size, generator=torch.Generator().manual_seed(5), dtype=torch.float64) * 2 - 1


def recorded(net: nn.Module, image: torch.Tensor) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The scores of a live network, and the spikes of each of its neurons by attribute."""
    spikes: dict[str, np.ndarray] = {}
    for name, module in net.named_modules():
        if isinstance(module, LIF | IF):
            module.register_forward_hook(lambda _m, _i, out, name=name: spikes.update({name: out.numpy()}))
    with torch.no_grad():
        torch.manual_seed(7)
        return net(image).numpy(), spikes


def compare(net, target: Target) -> dict[str, np.ndarray]:
    """Run both; return the spikes, having found them and the scores equal."""
    torch.manual_seed(1)
    live = prepared(net.ann() if target is Target.ANN else net.snn())
    program = net.twin(target).unrolled
    image = image_for(program)
    weights = {name: value.detach().numpy() for name, value in live.state_dict().items()}
    torch.manual_seed(7)
    oracle = Interpreter(program, weights, poisson(image, program.timesteps).numpy())
    expected = oracle.run(image.numpy())
    scores, spikes = recorded(live, image)
    np.testing.assert_allclose(scores, expected[program.graph.output.id], rtol=0, atol=1e-12)
    fired = {node: value for node, value in expected.items() if spiking(program, node)}
    assert len(fired) == len(spikes)
    for node, train in fired.items():
        state = program.graph[node].op.state
        step = f".{state.application - 1}" if state.application else ""
        kind = "if" if program.graph[node].op.unit.leak == 1 else "lif"
        np.testing.assert_array_equal(spikes[f"{state.name}_{kind}{step}"], np.stack(train))
    return spikes


def spiking(program, node: NodeId) -> bool:
    op = program.graph[node].op
    return isinstance(op, Neuron) and isinstance(op.unit, Spiking)


@pytest.mark.parametrize("name", SPECS)
def test_the_spiking_twin_fires_as_the_loop_does(name: str) -> None:
    spikes = compare(loads(SPECS[name]), Target.SNN)
    assert spikes
    assert all(0.01 < train.mean() < 0.99 for train in spikes.values()), "silent neurons agree on anything"


@pytest.mark.parametrize("name", SPECS)
def test_the_artificial_twin_computes_what_the_graph_says(name: str) -> None:
    assert not compare(loads(SPECS[name]), Target.ANN)


@given(networks(), st.sampled_from(list(Target)))
def test_any_network_computes_what_its_graph_says(text: str, target: Target) -> None:
    compare(loads(text), target)


def test_the_kept_channels_are_those_of_the_module() -> None:
    live = loads(SPECS["random"]).snn()
    (narrow,) = (module for module in live.modules() if isinstance(module, Narrow))
    assert "Group1_narrow.kept" in live.state_dict()
    assert len(set(narrow.kept.tolist())) == 3
