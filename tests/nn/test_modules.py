import pytest
import torch
from torch import nn

from snnc.nn import IF, LIF, DropoutOverTime, SpikingNeurons, over_time, scan


def noise(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_lif_and_if_are_the_scan_with_their_constants():
    current = noise(20, 3, 4)
    rule = {"reset": "zero", "refractory": 1, "gamma": 0.5, "delay": True, "initial": 0.5}
    assert scan(current).any()
    assert torch.equal(LIF()(current), scan(current, 1.0, leak=0.95))
    assert torch.equal(IF()(current), scan(current, 1.0, leak=1.0))
    assert torch.equal(LIF(0.5, 0.75, **rule)(current), scan(current, 0.75, leak=0.5, **rule))
    assert torch.equal(IF(0.75, **rule)(current), scan(current, 0.75, leak=1.0, **rule))


def test_gamma_reaches_the_gradient():
    current = noise(5, 4).requires_grad_()
    low, high = (torch.autograd.grad(LIF(gamma=g)(current).sum(), current)[0] for g in (0.3, 0.6))
    assert low.norm() > 0
    torch.testing.assert_close(2 * low, high)


def test_the_saved_state_is_one_threshold_per_unrolled_step():
    steps = nn.ModuleList(LIF(threshold=1.0 + i) for i in range(3))
    state = steps.state_dict()
    assert {name: value.item() for name, value in state.items()} == {
        f"{i}.threshold": 1.0 + i for i in range(3)
    }
    other = nn.ModuleList(LIF() for _ in range(3))
    other.load_state_dict(state)
    current = noise(30, 8)
    for ours, theirs in zip(steps, other, strict=True):
        assert torch.equal(ours(current), theirs(current))
    assert not list(steps.parameters())
    assert all(isinstance(step, SpikingNeurons) for step in steps)


def test_a_threshold_per_channel_is_kept_and_used():
    levels = torch.tensor([0.5, 2.0])
    module = IF(threshold=levels)
    levels.fill_(9.0)  # the module has its own
    spikes = module(torch.ones(8, 1, 2, 3, 3))
    assert spikes.mean((0, 1, 3, 4)).tolist() == [1.0, 0.5]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_a_module_moved_to_half_precision_keeps_its_threshold(dtype):
    module = nn.Sequential(LIF(threshold=0.7)).to(dtype)
    assert module[0].threshold.dtype == torch.float32
    assert module[0].threshold.item() == pytest.approx(0.7, abs=1e-7)
    assert module.double()[0].threshold.dtype == torch.float64
    assert LIF().to("meta").threshold.is_meta


@pytest.mark.parametrize(
    "make",
    [
        lambda: LIF(leak=1.5),
        lambda: LIF(threshold=0.0),
        lambda: LIF(threshold=float("nan")),
        lambda: LIF(threshold=torch.tensor([1.0, -1.0])),
        lambda: LIF(threshold=torch.tensor([1.0, float("inf")])),
        lambda: LIF(threshold=torch.ones(2, 2)),
        lambda: LIF(reset="soft"),
        lambda: LIF(refractory=-1),
        lambda: LIF(initial=1.0),
        lambda: IF(threshold=-1.0),
        lambda: IF(gamma=-0.3),
        lambda: DropoutOverTime(1.5),
        lambda: DropoutOverTime(float("nan")),
    ],
)
def test_a_module_that_cannot_work_is_not_built(make):
    with pytest.raises(ValueError, match="got"):
        make()


def test_a_module_shows_its_constants():
    assert repr(LIF()) == "LIF(leak=0.95, threshold=1, reset='subtract')"
    assert repr(IF(0.7, refractory=2)) == "IF(leak=1.0, threshold=0.7, reset='subtract', refractory=2)"
    assert repr(LIF(threshold=torch.ones(4))) == "LIF(leak=0.95, threshold=[4 channels], reset='subtract')"
    assert repr(LIF().to("meta")) == "LIF(leak=0.95, threshold=?, reset='subtract')"
    assert repr(DropoutOverTime(0.2)) == "DropoutOverTime(p=0.2)"


def test_over_time_is_the_layer_at_every_step():
    x = noise(5, 2, 3, 8, 8)
    layer = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.AvgPool2d(2)).double()
    each = torch.stack([layer(step) for step in x])
    torch.testing.assert_close(over_time(layer, x), each, rtol=0, atol=1e-12)
    flat = over_time(nn.Flatten(), x)
    assert torch.equal(flat, x.flatten(2))


def test_over_time_takes_batch_statistics_over_all_steps():
    x = noise(5, 4, 3, 6, 6) + torch.arange(5).view(5, 1, 1, 1, 1)
    y = over_time(nn.BatchNorm2d(3).double(), x)
    assert y.mean((0, 1, 3, 4)).abs().max() < 1e-12
    assert y[0].mean() < -0.5 < 0.5 < y[4].mean()


def test_over_time_keeps_channels_last():
    conv = nn.Conv2d(3, 8, 3, padding=1).to(memory_format=torch.channels_last)
    x = torch.randn(10, 3, 6, 6).to(memory_format=torch.channels_last).view(5, 2, 3, 6, 6)
    spikes = LIF(threshold=0.2)(over_time(conv, x))
    assert spikes[0].is_contiguous(memory_format=torch.channels_last)


def test_dropout_draws_one_mask_for_all_steps_and_one_for_each_sample():
    torch.manual_seed(0)
    y = DropoutOverTime(0.25)(torch.ones(7, 50, 400))
    assert torch.equal(y, y[:1].expand_as(y))
    assert y.unique().tolist() == pytest.approx([0, 4 / 3])
    assert (y == 0).float().mean() == pytest.approx(0.25, abs=0.01)
    assert not torch.equal(y[0, 0], y[0, 1])


def test_dropout_passes_everything_in_evaluation():
    x = noise(3, 2, 4)
    assert torch.equal(DropoutOverTime(0.9).eval()(x), x)
    assert torch.equal(DropoutOverTime(0.0)(x), x)
    assert not DropoutOverTime(1.0)(x).any()
