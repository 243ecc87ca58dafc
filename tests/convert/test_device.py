"""A conversion goes where its device is, and its loop over time never waits for it.

torch can stand in for a GPU by tensors without values: it refuses to mix their device with the CPU, and to
say what a value is, which is where a real GPU would have to be waited for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
import torch
from converting import images, saved, settings
from torch import nn
from torch._subclasses.fake_tensor import DataDependentOutputException, FakeTensorMode

from snnc.convert import course, stage
from snnc.convert.equip import equip
from snnc.convert.peaks import Maximum, Robust
from snnc.convert.run import convert
from snnc.convert.scales import Scales
from snnc.convert.search import Search
from snnc.convert.seen import Seen
from snnc.convert.stage import Stage
from snnc.convert.trial import Trial
from snnc.convert.twins import Twins
from snnc.train.evaluate import Manner
from snnc.train.precision import whole_float32
from snnc.train.world import DeviceError, World

GPU = torch.device("lazy")  # a build of torch without CUDA cannot cut slices of what stands for CUDA's
BODIES = {
    "BN, bias": (
        "Input - Conv1(2,6,3x3/1, bias) - BN - [Conv2(6,6,3x3/1, bias)] repeated 2 times"
        " - Pool(2x2/2) - FC1(54,9) - FC2(9,4)"
    ),
    "gates, concatenation, stochmax": (
        "Input - Conv1(2,6,3x3/1) - Conv2(6,6,3x3/1) - MaxPool(2x2/2) - Conv3(12,6,3x3/1) - FC1(54,4)\n"
        "Skip Conv1-to-Conv3 concat\nclassify stochmax"
    ),
    "narrowing": "Input - Conv1(2,6,3x3/1) - [Conv2(6,12,3x3/1)] repeated 2 times keep top - FC1(432,4)",
    "hybrid": (
        "Input - Conv1(2,6,3x3/1, bias) - Conv2(6,6,3x3/1), ReLU - Conv3(6,6,3x3/1), ReLU - FC1(216,4)"
    ),
}
STEPS = 5


@contextmanager
def gpu(*modules: nn.Module) -> Iterator[None]:
    """A GPU without values, with some modules on it. Chance cannot be seeded there."""
    with FakeTensorMode(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(stage, "_room", lambda _device: 700)
        patch.setattr(torch, "Generator", lambda _device: SimpleNamespace(manual_seed=lambda _seed: None))
        patch.setattr(stage, "refuse_rates", lambda _image: None)  # waits for the device, once a batch
        for part in (part for module in modules for part in module.modules()):
            for table in (part._parameters, part._buffers):
                for name, one in table.items():
                    table[name] = None if one is None else _there(one)
        yield


def _there(one: torch.Tensor) -> torch.Tensor:
    found = torch.empty(one.shape, dtype=one.dtype, device=GPU)
    return nn.Parameter(found) if isinstance(one, nn.Parameter) else found


@pytest.mark.parametrize("coding", ["poisson", "direct"])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_the_loop_stays_on_the_device_and_never_waits_for_it(body: str, coding: str):
    data, kept = images(), 2
    twins = Twins.of(saved(body), settings(STEPS, coding=coding, max_pool="gate"))
    spread = Scales(twins.spiking).spread(dict.fromkeys(twins.spiking.spiking, 1.5))
    trial = Trial(twins, spread, data.test, 4, 3, kept, Manner())
    output = twins.spiking.graph.output.id
    neurons = {node.id for node in twins.spiking.spiking.values()}
    with gpu(twins.artificial.module, twins.spiking.module), torch.inference_mode():
        image, labels = torch.rand(3, 2, 6, 6, device=GPU), torch.zeros(3, dtype=torch.long, device=GPU)
        last = twins.artificial.graph.output.id
        wanted = twins.activations(image, {last})[last]
        at_work = Stage(twins.spiking, image, {output, *neurons, *trial.read.values()}, chance=1)
        assert len(at_work.slices) > 1
        seen = Seen(twins.spiking, kept, image)
        trial.go_through(at_work, seen, wanted, labels)
        assert seen.counts.keys() >= neurons
        assert {one.device for one in [*seen.counts.values(), trial.fresh["curve"]]} == {GPU}
        with pytest.raises(DataDependentOutputException):
            trial._answers(at_work.behind()[output], wanted, labels)  # behind the loop it waits, once


@pytest.mark.parametrize("channels", [1, 6])
def test_sums_are_seen_on_the_device(channels: int):
    circuit = Twins.of(saved(BODIES["BN, bias"]), settings(STEPS)).spiking
    (state, node), *_ = circuit.spiking.items()
    with gpu(circuit.module), torch.inference_mode():
        profile = torch.ones(channels)
        image = torch.rand(3, 2, 6, 6, device=GPU)
        search = Search(circuit.neurons(state), 3.0, 1.0, profile)
        for block in Stage(circuit, image, {node.operands[0]}, chance=1).blocks(STEPS):
            sums = block.trains[node.operands[0]]
            for peak in (Maximum(), Robust(3)):
                peak.state = torch.zeros_like(peak.state, device="cpu")
                peak.add(sums, block.images)
                assert peak.state.device == GPU
            search.add(sums, block.images)
        search.compare(torch.rand(3, 6, 6, 6, device=GPU))
        assert search.state.device.type == "cpu"


def test_thresholds_reach_the_device():
    net = saved(BODIES["BN, bias"])
    twins = Twins.of(net, settings(STEPS))
    spread = Scales(twins.spiking).spread(dict.fromkeys(twins.spiking.spiking, 1.5))
    shapes = {name: one.shape for name, one in net.module.state_dict().items()}
    with gpu(twins.spiking.module):
        tensors = {name: torch.empty(shape, device=GPU) for name, shape in shapes.items()}
        equip(twins.spiking, tensors, spread)
        levels = {part.threshold.device for part in twins.spiking.parts.values()}
    assert levels == {GPU}
    assert not any(one.device == GPU for one in net.module.state_dict().values()), (
        "the caller keeps his network"
    )


def test_a_long_evaluation_stays_there_too():
    net = saved(BODIES["BN, bias"])
    twins = Twins.of(net, settings(STEPS))
    circuit = twins.spiking
    with gpu(circuit.module), torch.inference_mode():
        image, labels = torch.rand(3, 2, 6, 6, device=GPU), torch.zeros(3, dtype=torch.long, device=GPU)
        at_work = Stage(circuit, image, {circuit.graph.output.id}, chance=1)
        found = [count for _, count in course._course(at_work, labels, STEPS, steps=True)]
    assert {one.device for one in found} == {GPU}


def test_a_device_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(DeviceError, match="no device"):
        convert(saved(BODIES["hybrid"]), images(), tmp_path / "x", settings(2), device="tpu")
    assert not (tmp_path / "x").exists()


def test_float32_is_whole_on_a_gpu_and_what_was_chosen_comes_back():
    convolutions = getattr(torch.backends.cudnn, "conv", None)
    if convolutions is None:
        pytest.skip("this torch names the setting otherwise")
    before = convolutions.fp32_precision
    with whole_float32(torch.device("cuda")):
        assert convolutions.fp32_precision == torch.backends.cuda.matmul.fp32_precision == "ieee"
    assert convolutions.fp32_precision == before
    with whole_float32(World().device):
        assert convolutions.fp32_precision == before
