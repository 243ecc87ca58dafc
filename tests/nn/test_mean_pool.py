"""The average pool that keeps nothing against torch's: values, gradients, layouts, and when it is torch's."""

import pytest
import torch
from torch import nn
from torch.autograd import gradcheck, gradgradcheck
from torch.autograd.graph import saved_tensors_hooks

from snnc.nn import MeanPool2d

EVEN = [(2, (8, 6)), (3, (9, 12)), (7, (49, 77)), (1, (4, 5))]
TORCHS_OWN = [
    ({"kernel_size": 2}, (7, 6)),
    ({"kernel_size": 3, "stride": 2}, (9, 9)),
    ({"kernel_size": 2, "padding": 1}, (8, 8)),
    ({"kernel_size": (2, 4)}, (8, 8)),
    ({"kernel_size": 2, "divisor_override": 3}, (8, 8)),
    ({"kernel_size": 2, "ceil_mode": True}, (7, 7)),
]


def learnt(pool, x):
    """Means, and the gradient of the input."""
    x = x.clone().requires_grad_()
    y = pool(x)
    y.backward(torch.linspace(-1, 1, y.numel(), dtype=y.dtype).view(y.shape))
    return y.detach(), x.grad


def bytes_kept(pool, x):
    """What waits for the backward pass."""
    found = []
    with saved_tensors_hooks(lambda one: found.append(one.nbytes) or one, lambda one: one):
        pool(x.clone().requires_grad_())
    return sum(found)


@pytest.mark.parametrize(("size", "shape"), EVEN)
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_it_is_torchs_pool_and_keeps_nothing(size, shape, layout):
    x = torch.randn(3, 5, *shape, dtype=torch.float64).to(memory_format=layout)
    for ours, theirs in zip(learnt(MeanPool2d(size), x), learnt(nn.AvgPool2d(size), x), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-15, atol=1e-15)
        assert ours.stride() == theirs.stride()
    assert bytes_kept(MeanPool2d(size), x) == 0
    assert bytes_kept(nn.AvgPool2d(size), x) == x.nbytes


@pytest.mark.parametrize(("options", "shape"), TORCHS_OWN)
def test_other_windows_are_torchs(options, shape):
    x = torch.randn(2, 3, *shape, dtype=torch.float64)
    for ours, theirs in zip(
        learnt(MeanPool2d(**options), x), learnt(nn.AvgPool2d(**options), x), strict=True
    ):
        assert torch.equal(ours, theirs)


def test_a_single_map_is_torchs():
    x = torch.randn(3, 8, 8)
    assert torch.equal(MeanPool2d(2)(x), nn.AvgPool2d(2)(x))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_means_of_spikes_are_exact(dtype):
    x = (torch.rand(4, 16, 8, 8) < 0.3).to(dtype)
    for ours, theirs in zip(learnt(MeanPool2d(2), x), learnt(nn.AvgPool2d(2), x), strict=True):
        assert ours.dtype is dtype
        assert torch.equal(ours, theirs)


def test_gradients_of_gradients():
    x = torch.randn(2, 3, 4, 6, dtype=torch.float64, requires_grad=True)
    assert gradcheck(MeanPool2d(2), (x,))
    assert gradgradcheck(MeanPool2d(2), (x,))


def test_transforms_go_through_it():
    pool, x = MeanPool2d(2), torch.randn(5, 2, 3, 4, 4)
    assert torch.equal(torch.vmap(pool)(x), pool(x.flatten(0, 1)).unflatten(0, (5, 2)))
    gradient = torch.vmap(torch.func.grad(lambda one: pool(one).square().sum()))(x)
    expected = torch.func.grad(lambda one: pool(one).square().sum())(x.flatten(0, 1))
    torch.testing.assert_close(gradient.flatten(0, 1), expected)
