import pytest
import torch

from snnc.nn import fire
from snnc.nn.surrogate import surrogate_slope

DTYPES = [torch.float16, torch.float32, torch.float64]


def slope_of(potential, threshold, gamma=0.3):
    potential = potential.requires_grad_()
    return torch.autograd.grad(fire(potential, threshold, gamma).sum(), potential)[0]


def test_a_spike_starts_exactly_at_the_threshold():
    potential = torch.tensor([-1.0, 0.0, 0.4999999, 0.5, 0.5000001, 7.0])
    assert fire(potential, 0.5).tolist() == [0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize("threshold", [0.25, 1.0, 3.0])
def test_the_gradient_is_equation_4_without_a_further_threshold(threshold):
    potential = torch.linspace(-1, 3, 401, dtype=torch.float64) * threshold
    expected = [0.3 * max(0.0, 1 - abs((v - threshold) / threshold)) for v in potential.tolist()]
    slope = slope_of(potential, threshold)
    torch.testing.assert_close(slope, torch.tensor(expected, dtype=torch.float64), rtol=0, atol=1e-15)
    assert slope.max() == pytest.approx(0.3)  # and not 0.3 / threshold


def test_gamma_scales_the_slope_and_the_incoming_gradient_multiplies_it():
    potential = torch.tensor([0.75], requires_grad=True)
    fire(potential, 1.0, 0.8).backward(torch.tensor([5.0]))
    assert potential.grad.item() == pytest.approx(5 * 0.8 * 0.75)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("threshold", [1e-2, 1.0, 30.0])
def test_the_gradient_is_finite_far_from_the_threshold(dtype, threshold):
    far = torch.tensor([0, 1, 3.5, 10, 89, 1e3, 1e4], dtype=dtype)
    potential = torch.cat((threshold - far, threshold + far))
    slope = slope_of(potential, threshold)
    assert slope.isfinite().all()
    assert slope.dtype == dtype
    assert slope[0] > 0.29  # at the threshold it is there


def test_a_threshold_per_neuron_broadcasts_and_gets_no_gradient():
    threshold = torch.tensor([0.5, 2.0], requires_grad=True)
    potential = torch.ones(3, 2, requires_grad=True)
    spikes = fire(potential, threshold)
    assert spikes.tolist() == [[1, 0]] * 3
    spikes.sum().backward()
    assert threshold.grad is None
    assert torch.equal(potential.grad, surrogate_slope(torch.ones(3, 2), threshold.detach()))
