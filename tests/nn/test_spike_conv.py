"""The convolution of spikes against torch's: values, gradients, what is kept, and when it is not used."""

import copy

import pytest
import torch
from torch import nn
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.flop_counter import FlopCounterMode

from snnc.nn import CompiledConvolution, SpikeConv2d

GEOMETRIES = [
    {"kernel_size": 3, "padding": 1},
    {"kernel_size": 1},
    {"kernel_size": 5, "padding": 2, "bias": False},
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": 3, "stride": 3},
    {"kernel_size": (3, 5), "padding": 2},
]
SIZES = [(16, 16), (64, 64), (70, 13), (130, 80), (17, 1)]


@pytest.fixture(autouse=True)
def _compiler():
    if not CompiledConvolution().takes(torch.zeros(1, 1, 1, 1), torch.zeros(1)):
        pytest.skip("there is no C++ compiler")


def spikes(*shape, rate=0.2, dtype=torch.float64, seed=0):
    draw = torch.rand(shape, generator=torch.Generator().manual_seed(seed))
    return (draw < rate).to(dtype)


def pair(inputs, outputs, dtype=torch.float64, **options):
    """The convolution and torch's own with the same weights."""
    torch.manual_seed(1)
    ours = SpikeConv2d(inputs, outputs, **options).to(dtype)
    theirs = nn.Conv2d(inputs, outputs, **options).to(dtype)
    theirs.load_state_dict(ours.state_dict())
    return ours, theirs


def learnt(layer, x, upstream):
    """Maps, and the gradients of input, weight and bias."""
    x = x.clone().requires_grad_()
    y = layer(x)
    y.backward(upstream)
    return y.detach(), x.grad, *(weight.grad for weight in layer.parameters())


@pytest.fixture
def used(monkeypatch):
    """How often the kernel ran."""
    calls = []
    run = CompiledConvolution.forward
    monkeypatch.setattr(CompiledConvolution, "forward", lambda *given: calls.append(1) or run(*given))
    return calls


@pytest.mark.parametrize("options", GEOMETRIES, ids=str)
@pytest.mark.parametrize(("inputs", "outputs"), SIZES)
@pytest.mark.parametrize("rate", [0.0, 0.2, 1.0])
def test_it_is_the_convolution_and_its_gradients(used, options, inputs, outputs, rate):
    ours, theirs = pair(inputs, outputs, **options)
    x = spikes(3, inputs, 9, 8, rate=rate)
    upstream = torch.randn(theirs(x).shape, dtype=torch.float64)
    for one, other in zip(learnt(ours, x, upstream), learnt(theirs, x, upstream), strict=True):
        assert one.shape == other.shape
        assert (one - other).abs().max() <= 1e-12
    assert used


@pytest.mark.parametrize("options", [*GEOMETRIES, {"kernel_size": 3, "padding": 4, "stride": 2}], ids=str)
@pytest.mark.parametrize("maps", [(70, 5, 6), (2, 40, 90), (1, 300, 5), (3, 5, 700)], ids=str)
def test_weights_learn_from_parts_of_large_maps_and_from_many_small_ones(used, options, maps):
    ours, theirs = pair(16, 20, **options)
    x = spikes(maps[0], 16, *maps[1:])
    upstream = torch.randn(theirs(x).shape, dtype=torch.float64)
    for one, other in zip(learnt(ours, x, upstream), learnt(theirs, x, upstream), strict=True):
        assert (one - other).abs().max() <= 1e-11
    assert used


@pytest.mark.parametrize("options", GEOMETRIES[:4], ids=str)
def test_float32_rounds_as_much_as_torch(used, options):
    ours, theirs = pair(64, 64, torch.float32, **options)
    x = spikes(5, 64, 16, 16, rate=0.15, dtype=torch.float32).to(memory_format=torch.channels_last)
    upstream = torch.randn(theirs(x).shape)
    for one, other in zip(learnt(ours, x, upstream), learnt(theirs, x, upstream), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)
    assert used


def test_a_pixel_is_the_same_in_any_batch_on_any_number_of_threads():
    ours, _ = pair(64, 48, torch.float32, kernel_size=3, padding=1)
    x = spikes(7, 64, 16, 16, dtype=torch.float32)
    before, whole = torch.get_num_threads(), ours(x)
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            assert torch.equal(ours(x), whole)
            assert torch.equal(torch.cat([ours(part) for part in x.split(2)]), whole)
            assert torch.equal(ours(x.flip(0)).flip(0), whole)
    finally:
        torch.set_num_threads(before)


def test_what_is_kept_of_spikes_are_bits():
    ours, _ = pair(64, 64, torch.float32, kernel_size=3, padding=1, bias=False)
    x = spikes(4, 64, 32, 32, dtype=torch.float32)
    found = []
    with saved_tensors_hooks(lambda tensor: found.append(tensor) or tensor, lambda tensor: tensor):
        ours(x.requires_grad_())
    assert sum(one.nbytes for one in found) == ours.weight.nbytes + x.nbytes // 32


@pytest.mark.parametrize("value", [0.5, -1.0, 2.0, float("nan")])
def test_other_values_go_through_torch(used, value):
    ours, theirs = pair(16, 8, torch.float32, kernel_size=3)
    x = spikes(2, 16, 8, 8, dtype=torch.float32)
    x[1, 3, 2, 2] = value
    torch.testing.assert_close(ours(x), theirs(x), rtol=0, atol=0, equal_nan=True)
    assert not used


@pytest.mark.parametrize(
    ("inputs", "options"),
    [
        (16, {"groups": 2}),
        (16, {"dilation": 2}),
        (3, {}),
        (16, {"padding": "same"}),
        (16, {"stride": (1, 2)}),
    ],
    ids=str,
)
def test_other_convolutions_go_through_torch(used, inputs, options):
    ours, theirs = pair(inputs, 8, torch.float32, kernel_size=3, **options)
    x = spikes(2, inputs, 8, 8, dtype=torch.float32)
    assert torch.equal(ours(x), theirs(x))
    assert not used


def test_without_a_compiler_it_is_torch(used, monkeypatch):
    monkeypatch.setenv("SNNC_KERNEL", "torch")
    ours, theirs = pair(16, 8, kernel_size=3)
    x = spikes(2, 16, 8, 8)
    assert torch.equal(ours(x), theirs(x))
    assert not used


@pytest.mark.parametrize(
    ("inputs", "whole"),
    [(torch.float32, False), (torch.bfloat16, False), (torch.bfloat16, True)],
    ids=["float32-autocast", "bfloat16-autocast", "bfloat16-module"],
)
@pytest.mark.parametrize("geometry", GEOMETRIES[:4])
def test_in_bfloat16_sums_are_rounded_once_and_bits_are_kept(used, geometry, inputs, whole):
    ours, theirs = pair(24, 40, torch.bfloat16 if whole else torch.float32, **geometry)
    x, kept = spikes(3, 24, 9, 9, dtype=inputs).requires_grad_(), []
    with torch.autocast("cpu", torch.bfloat16, enabled=not whole):
        with saved_tensors_hooks(lambda one: kept.append(one) or one, lambda one: one):
            y = ours(x)
        dense = theirs(x)
    exact = theirs.bfloat16().double()(x.double())
    assert y.dtype is dense.dtype is torch.bfloat16
    assert len(used) == 1
    torch.testing.assert_close(y.double(), exact, rtol=2**-8, atol=1e-6)
    torch.testing.assert_close(y, dense, rtol=2**-7, atol=1e-6)
    assert [one.dtype for one in kept if one is not ours.weight] == [torch.int64]
    upstream = torch.randn(y.shape, generator=torch.Generator().manual_seed(2)).bfloat16()
    found = torch.autograd.grad(y, (x, *ours.parameters()), upstream)
    wide = nn.Conv2d(24, 40, **geometry)
    wide.load_state_dict({k: v.float() for k, v in ours.state_dict().items()})
    exact = torch.autograd.grad(wide(x.float()), (x, *wide.parameters()), upstream.float())
    for one, other, given in zip(found, exact, (x, *ours.parameters()), strict=True):
        assert one.dtype is given.dtype
        torch.testing.assert_close(one.float(), other.float(), rtol=2**-6, atol=2**-6 * other.std().item())
    rounding = 1e-5 if ours.weight.dtype is torch.float32 else 2**-8
    torch.testing.assert_close(found[1].float(), exact[1], rtol=rounding, atol=rounding)


def test_other_low_precision_goes_through_torch(used):
    ours, theirs = pair(16, 8, torch.float32, kernel_size=3)
    x = spikes(2, 16, 8, 8, dtype=torch.float32)
    with torch.autocast("cpu", torch.float16):
        assert torch.equal(ours(x), theirs(x))
    half = x.half()
    assert torch.equal(ours.half()(half), theirs.half()(half))
    assert not used


def test_double_precision_stays_what_it_is_under_autocast():
    ours, theirs = pair(16, 8, kernel_size=3)
    x = spikes(2, 16, 8, 8)
    with torch.autocast("cpu", torch.bfloat16):
        assert ours(x).dtype is torch.float64
        assert torch.equal(ours(x), theirs(x))


def test_what_is_no_spike_in_bfloat16_goes_through_torch():
    ours, theirs = pair(16, 8, torch.bfloat16, kernel_size=3)
    for x in (torch.full((2, 16, 8, 8), 0.5), torch.full((2, 16, 8, 8), 1 + 2**-7)):
        given = x.bfloat16()
        expected = learnt(theirs, given, torch.ones(2, 8, 6, 6).bfloat16())
        found = learnt(ours, given, torch.ones(2, 8, 6, 6).bfloat16())
        assert all(map(torch.equal, found, expected))


def test_who_counts_operations_sees_them(used):
    ours, theirs = pair(16, 8, torch.float32, kernel_size=3)
    x = spikes(2, 16, 8, 8, dtype=torch.float32)
    with FlopCounterMode(display=False) as expected:
        theirs(x)
    with FlopCounterMode(display=False) as counter:
        ours(x)
    assert counter.get_total_flops() == expected.get_total_flops() > 0
    assert not used


def test_it_can_be_exported_and_transformed():
    ours, theirs = pair(16, 8, torch.float32, kernel_size=3)
    x = spikes(2, 16, 8, 8, dtype=torch.float32)
    exported = torch.export.export(ours, (x,)).module()
    torch.testing.assert_close(exported(x), theirs(x))
    mapped = torch.vmap(lambda one: ours(one[None])[0])(x)
    torch.testing.assert_close(mapped, theirs(x))


def test_it_is_a_module_like_any_other(used):
    ours, _ = pair(16, 8, torch.float32, kernel_size=3)
    x, seen = spikes(2, 16, 8, 8, dtype=torch.float32), []
    ours.register_forward_hook(lambda _part, given, _result: seen.append(given[0]))
    twin = copy.deepcopy(ours)
    assert torch.equal(twin(x), ours(x))
    assert len(seen) == len(used) == 2
    assert repr(ours).startswith("SpikeConv2d(16, 8, kernel_size=(3, 3)")


def test_a_dtype_that_does_not_fit_is_refused_as_torch_does():
    ours, theirs = pair(16, 8, torch.float32, kernel_size=3)
    for layer in (ours, theirs):
        for dtype in (torch.float64, torch.bfloat16):
            with pytest.raises(RuntimeError, match="type"):
                layer(spikes(2, 16, 8, 8, dtype=dtype))


def test_a_kernel_wider_than_the_map_is_refused_as_torch_does():
    ours, theirs = pair(16, 8, torch.float32, kernel_size=5)
    for layer in (ours, theirs):
        with pytest.raises(RuntimeError, match=r"[Kk]ernel size"):
            layer(spikes(2, 16, 3, 3, dtype=torch.float32))
