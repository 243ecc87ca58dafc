"""Measured activity against brute force: every spike followed to every weight, one by one."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
import torch

from snnc.analysis.activity import Origin, activity_text, read_activity
from snnc.analysis.cost import CostOptions, cost
from snnc.analysis.policy import policy_of
from snnc.driver import load, loads
from snnc.nn import SpikingNeurons
from snnc.train.activity import measure
from snnc.train.network import spiking


def compiled(body: str, image: str = "3x8x8", *, encode: str = "poisson", steps: int = 3):
    return loads(f"network Net\ninput {image}\nencode {encode}\ntimesteps {steps}\n{body}\n")


def images(count: int, shape: tuple[int, int, int], seed: int = 0) -> torch.Tensor:
    return torch.rand((count, *shape), generator=torch.Generator().manual_seed(seed)) * 2 - 1


def trains(module, image):
    """What each spiking neuron fires, by its state, and what each layer reads, in the order of the calls."""
    fired, read, hooks = {}, {}, []
    for name, part in spiking(module).items():
        hooks.append(part.register_forward_hook(lambda _p, _a, out, name=name: fired.__setitem__(name, out)))
    for name, part in module.named_children():
        note = lambda _p, given, name=name: read.setdefault(name, []).append(given[0])  # noqa: E731
        hooks.append(part.register_forward_pre_hook(note))
    torch.manual_seed(7)
    with torch.no_grad():
        module.eval()(image)
    for hook in hooks:
        hook.remove()
    return fired, read


def contacts(spikes, outputs, kernel, stride, padding, pool=1):
    """Every spike [T, B, C, H, W] through a pool to every tap of every window that has it."""
    size = spikes.shape[-1] // pool
    windows = (size + 2 * padding - kernel) // stride + 1
    count = 0
    for *_, y, x in spikes.nonzero().tolist():
        row, column = y // pool, x // pool
        if row >= size or column >= size:
            continue
        for i, j in itertools.product(range(kernel), repeat=2):
            down, across = row + padding - i, column + padding - j
            count += (
                down % stride == 0
                and across % stride == 0
                and 0 <= down // stride < windows
                and 0 <= across // stride < windows
            )
    return count * outputs


@pytest.mark.parametrize("kernel", [1, 3, 5, 7])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("pool", [1, 2])
def test_effective_operations_are_the_contacts_of_spikes_and_weights(kernel, stride, pool):
    pooling = f" - Pool({pool}x{pool}/{pool})" if pool > 1 else ""
    padding = kernel // 2
    size = (12 // pool + 2 * padding - kernel) // stride + 1
    net = compiled(
        f"Input - Conv1(3,4,3x3/1){pooling} - Conv2(4,5,{kernel}x{kernel}/{stride})"
        f" - FC1({5 * size * size},10)",
        "3x12x12",
    )
    module, image = net.snn(), images(2, (3, 12, 12))
    fired, _ = trains(module, image)
    assert fired["Conv1"].sum() > 20
    torch.manual_seed(7)
    found = measure(module, net.snn_twin.unrolled, [image])
    expected = contacts(fired["Conv1"], 5, kernel, stride, padding, pool)
    assert found.rates["Conv2", 1].effective == Fraction(expected, 2)
    fully = Fraction(int(fired["Conv2"].sum()) * 10, 2)
    assert found.rates["FC1", 1].effective == fully


@pytest.mark.parametrize(
    ("kernel", "stride", "padding", "pool"),
    [(3, 1, 0, 1), (3, 2, 2, 1), (5, 2, 0, 2), (5, 1, 1, 2), (7, 2, 0, 1), (7, 1, 1, 2), (1, 2, 1, 2)],
)
def test_effective_operations_with_any_padding(kernel, stride, padding, pool):
    size = (12 // pool + 2 * padding - kernel) // stride + 1
    net = compiled(
        f"Input - Conv1(3,4,3x3/1) - Pool({pool}x{pool}/{pool})"
        f" - Conv2(4,5,{kernel}x{kernel}/{stride},pad={padding}) - FC1({5 * size * size},10)",
        "3x12x12",
    )
    module, image = net.snn(), images(2, (3, 12, 12))
    fired, _ = trains(module, image)
    torch.manual_seed(7)
    found = measure(module, net.snn_twin.unrolled, [image]).rates["Conv2", 1]
    assert found.effective == Fraction(contacts(fired["Conv1"], 5, kernel, stride, padding, pool), 2)


def test_rates_are_spikes_per_value_and_step():
    net = compiled(
        "Input - Conv1(3,4,3x3/1) - Pool(2x2/2) - [Conv2(4,4,3x3/1)] repeated 2 times - FC1(64,10)"
    )
    module, image = net.snn(), images(4, (3, 8, 8))
    fired, read = trains(module, image)
    torch.manual_seed(7)
    found = measure(module, net.snn_twin.unrolled, [image], "noise")
    assert (found.samples, found.timesteps, found.network, found.data) == (4, 3, "Net", "noise")
    rate = found.rates["Conv1", 1]
    assert float(rate.value) == pytest.approx(read["Conv1"][0].abs().mean().item())
    assert float(rate.output) == pytest.approx(fired["Conv1"].mean().item())
    assert found.rates["Conv2", 1].value == rate.output
    assert float(found.rates["Conv2", 2].value) == pytest.approx(fired["Conv2@1"].mean().item())
    assert [float(one) for one in rate.output_per_step] == pytest.approx(
        fired["Conv1"].mean((1, 2, 3, 4)).tolist()
    )
    spread = fired["Conv1"].transpose(0, 1).flatten(1).mean(1).std(unbiased=False)
    assert float(found.rates["Conv2", 1].spread) == pytest.approx(spread.item(), abs=1e-6)
    spikes = torch.cat([train.flatten() for train in fired.values()])
    assert float(found.activation_sparsity) == pytest.approx(1 - spikes.mean().item())
    assert found.connection_sparsity == 0


def test_a_plus_and_a_minus_that_cancel_are_two_events():
    net = compiled("Input - Conv1(3,3,3x3/1) - Conv2(3,4,3x3/1) - FC1(256,10)\nSkip Input-to-Conv2 add")
    module, image = net.snn(), images(2, (3, 8, 8))
    fired, read = trains(module, image)
    coded = read["Conv1"][0].view(3, 2, 3, 8, 8)
    assert ((coded < 0) & (fired["Conv1"] > 0)).any()
    torch.manual_seed(7)
    found = measure(module, net.snn_twin.unrolled, [image]).rates["Conv2", 1]
    assert found.effective == Fraction(contacts(coded, 4, 3, 1, 1) + contacts(fired["Conv1"], 4, 3, 1, 1), 2)
    assert found.value == Fraction(int(coded.abs().sum() + fired["Conv1"].sum()), coded.numel())


def test_joined_and_tiled_branches_bring_all_their_spikes():
    net = load("resnet2x2")
    module, image = net.snn(2), images(1, (3, 32, 32))
    fired, read = trains(module, image)
    torch.manual_seed(7)
    rates = measure(module, net.snn_twin.unrolled, [image]).rates
    coded = read["Conv1"][0].view(2, 1, 3, 32, 32)
    tiled = 12 * contacts(coded, 36, 3, 1, 1)
    assert rates["Conv2", 1].effective == contacts(fired["Conv1"], 36, 3, 1, 1) + tiled
    both = int(fired["Conv1"].sum() + fired["Conv2@2"].sum())
    assert rates["FC1", 1].effective == both * 1024
    assert rates["FC1", 1].effective_macs == int((read["FC1"][0] != 0).sum()) * 1024


def test_a_coded_image_that_is_pooled_first_keeps_its_spikes():
    net = compiled("Input - Pool(2x2/2) - Conv1(3,4,3x3/1) - FC1(64,10)")
    module, image = net.snn(), images(2, (3, 8, 8))
    _, read = trains(module, image)
    torch.manual_seed(7)
    found = measure(module, net.snn_twin.unrolled, [image]).rates["Conv1", 1]
    coded = read["Pool1"][0].view(3, 2, 3, 8, 8)
    assert found.effective == Fraction(contacts(coded, 4, 3, 1, 1, pool=2), 2)
    assert found.value == Fraction(int(coded.abs().sum()), coded.numel())


@pytest.mark.parametrize("keep", ["mean", "top", "random"])
def test_narrowed_channels(keep):
    net = compiled(f"Input - [Conv1(3,6,3x3/1)] repeated 3 times keep {keep} - MaxPool(2x2/2) - FC1(96,10)")
    module, image = net.snn(), images(2, (3, 8, 8))
    fired, read = trains(module, image)
    torch.manual_seed(7)
    found = measure(module, net.snn_twin.unrolled, [image]).rates
    for application in (2, 3):
        spikes = (
            fired[f"Conv1@{application - 1}"]
            if keep == "mean"
            else read["Conv1"][application - 1].view(3, 2, 3, 8, 8)
        )
        assert found["Conv1", application].effective == Fraction(contacts(spikes, 6, 3, 1, 1), 2)
    largest = torch.nn.functional.max_pool2d(fired["Conv1@3"].flatten(0, 1), 2)
    assert found["FC1", 1].effective == Fraction(int(largest.sum()) * 10, 2)


def test_a_hybrid_reads_real_values_first():
    body = "Input - Conv1(3,4,3x3/1)-ReLU - Conv2(4,4,3x3/1)-LIF - Conv3(4,4,3x3/1)-LIF - FC1(256,10)"
    net = compiled(body, encode="direct")
    module, image = net.snn(), images(2, (3, 8, 8))
    fired, read = trains(module, image)
    torch.manual_seed(7)
    activity = measure(module, net.snn_twin.unrolled, [image])
    reads = read["Conv2"][0]
    assert activity.rates["Conv2", 1].value == Fraction(int((reads != 0).sum()), reads.numel())
    assert activity.activation_sparsity is None
    programs = (net.snn_twin.unrolled, net.ann_twin.unrolled)
    paper = cost(*programs, CostOptions(activity=activity)).rows
    strict = cost(*programs, CostOptions(activity=activity, policy=policy_of("strict"))).rows
    once = Fraction(contacts((reads != 0)[None], 4, 3, 1, 1), 2)
    assert paper[1].effective == once * 3
    assert strict[1].effective is None
    assert strict[1].effective_macs == once
    assert paper[2].effective == Fraction(contacts(fired["Conv2"], 4, 3, 1, 1), 2)


def test_batches_add_up_to_one():
    net = compiled("Input - Conv1(3,4,3x3/1)-ReLU - Conv2(4,4,3x3/1)-LIF - FC1(256,10)", encode="direct")
    module, image = net.snn(), images(6, (3, 8, 8))
    whole = measure(module, net.snn_twin.unrolled, [image])
    parts = measure(module, net.snn_twin.unrolled, [image[:2], image[2:5], image[5:]])
    for key, rate in whole.rates.items():
        assert parts.rates[key].value == rate.value
        assert parts.rates[key].effective == rate.effective
        assert parts.rates[key].per_step == rate.per_step


def test_all_ones_are_the_dense_operations_without_the_padding():
    net = compiled("Input - Conv1(4,6,3x3/1) - FC1(384,10)", "4x8x8", steps=4)
    found = measure(net.snn(), net.snn_twin.unrolled, [torch.ones(1, 4, 8, 8)])
    assert found.rates["Conv1", 1].effective == 46_464
    report = cost(net.snn_twin.unrolled, net.ann_twin.unrolled, CostOptions(activity=found))
    assert report.rows[0].operations == 55_296


def test_the_file_says_what_was_measured():
    net = compiled(
        "Input - Conv1(3,4,3x3/1) - Pool(2x2/2) - [Conv2(4,4,3x3/1)] repeated 2 times - FC1(64,10)"
    )
    found = measure(net.snn(), net.snn_twin.unrolled, [images(2, (3, 8, 8))], "noise")
    again = read_activity(activity_text(found))
    assert again.rates.keys() == found.rates.keys()
    for key, rate in found.rates.items():
        assert again.rates[key].origin is Origin.MEASURED
        assert float(again.rates[key].value) == float(rate.value)
        assert float(again.rates[key].effective) == float(rate.effective)
    report = cost(net.snn_twin.unrolled, net.ann_twin.unrolled, CostOptions(activity=again))
    assert report.energy_snn is not None
    assert report.ee_effective is not None


def test_the_module_is_left_as_it_was():
    net = compiled("Input - Conv1(3,4,3x3/1) - FC1(256,10)")
    module = net.snn().train()
    measure(module, net.snn_twin.unrolled, [images(1, (3, 8, 8))])
    assert module.training
    parts = list(module.modules())
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in parts)
    assert any(isinstance(part, SpikingNeurons) for part in parts)


def test_no_images_and_other_networks_are_refused():
    net = compiled("Input - Conv1(3,4,3x3/1) - FC1(256,10)")
    with pytest.raises(ValueError, match="at least one image"):
        measure(net.snn(), net.snn_twin.unrolled, [])
    with pytest.raises(ValueError, match="has no neurons of"):
        measure(net.snn(), load("vgg5").snn_twin.unrolled, [images(1, (3, 8, 8))])
