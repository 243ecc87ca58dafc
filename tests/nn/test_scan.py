"""The scan as one operation against the loop that autograd sees step by step."""

import itertools

import numpy as np
import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from snnc.nn import CompiledKernel, Neuron, TorchKernel, hold, scan, scan_by_steps
from snnc.nn.scan import CACHED_VALUES, Kernel

RULES = list(itertools.product(("subtract", "zero", "none"), (0, 1, 3), (False, True)))
KERNELS = [TorchKernel(), CompiledKernel()]


@pytest.fixture(params=KERNELS, ids=lambda kernel: kernel.name)
def kernel(request):
    if not request.param.takes(torch.zeros(1, 1)):
        pytest.skip("there is no C++ compiler")
    return request.param


def both(current, threshold, kernel, **rule):
    """Spikes and gradients: of the loop, of the scan."""
    current = current.detach().requires_grad_()
    looped = scan_by_steps(current, Neuron(threshold=threshold, **rule))
    scanned = scan(current, threshold, kernel=kernel, **rule)
    upstream = torch.randn(looped.shape, generator=torch.Generator().manual_seed(1)).to(looped.dtype)
    (expected,) = torch.autograd.grad(looped, current, upstream)
    (gradient,) = torch.autograd.grad(scanned, current, upstream)
    return looped.detach(), scanned.detach(), expected, gradient


def noise(*shape, dtype=torch.float64, seed=0):
    return (torch.randn(shape, generator=torch.Generator().manual_seed(seed)) * 0.6).to(dtype)


@pytest.mark.parametrize("threshold", [0.8, torch.tensor([0.4, 0.8, 1.2, 1.6])], ids=["one", "per-channel"])
@pytest.mark.parametrize(("reset", "refractory", "delay"), RULES)
def test_spikes_and_gradients_are_those_of_the_loop(kernel, reset, refractory, delay, threshold):
    rule = {"leak": 0.9, "reset": reset, "refractory": refractory, "delay": delay, "initial": 0.25}
    looped, scanned, expected, gradient = both(noise(30, 3, 4, 5, 6), threshold, kernel, **rule)
    assert looped.mean() > 0.01
    assert torch.equal(looped, scanned)
    assert expected.norm() > 1
    assert (expected - gradient).abs().max() <= 1e-12


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
@pytest.mark.parametrize(
    ("reset", "refractory"), [("subtract", 0), ("zero", 0), ("none", 0), ("subtract", 2)]
)
def test_a_lower_precision_keeps_a_float32_state(kernel, dtype, reset, refractory):
    current = noise(40, 2, 300, dtype=dtype)
    if not kernel.takes(current):
        pytest.skip(f"{kernel.name} leaves {dtype} to torch")
    looped, scanned, expected, gradient = both(current, 0.7, kernel, reset=reset, refractory=refractory)
    assert scanned.dtype == gradient.dtype == dtype
    assert looped.float().mean() > 0.01
    assert torch.equal(looped, scanned)
    if (kernel.name, dtype) == ("cpp", torch.bfloat16):  # which keeps rounded potentials for its slopes
        assert (gradient.double() - expected.double()).norm() < 2**-8 * expected.double().norm()
    else:
        rounding = 1e-2 if dtype != torch.float32 else 1e-5
        torch.testing.assert_close(gradient, expected, rtol=rounding, atol=1e-5)
    exact = scan(current.double(), 0.7, reset=reset, refractory=refractory)
    assert (exact != scanned).double().mean() < 1e-3


@pytest.mark.parametrize(("dtype", "bound"), [(torch.float16, 0.005), (torch.bfloat16, 0.03)])
def test_half_precision_changes_few_spikes(dtype, bound):
    current = noise(1000, 256, seed=4)
    exact, rounded = scan(current), scan(current.to(dtype))
    assert exact.sum() > 10_000
    assert (exact != rounded).sum() / exact.sum() <= bound


@pytest.mark.parametrize("reset", ["subtract", "zero", "none"])
def test_the_gradient_is_backpropagation_through_time_in_closed_form(kernel, reset):
    leak, v, gamma, steps = 0.85, 0.9, 0.3, 12
    current = noise(steps, 50, seed=2).requires_grad_()
    upstream = noise(steps, 50, seed=3)
    scan(current, v, leak=leak, reset=reset, kernel=kernel).backward(upstream)
    potential, state = np.zeros((steps, 50)), np.zeros(50)
    for t, incoming in enumerate(current.detach().numpy()):
        potential[t] = leak * state + incoming
        fired = potential[t] >= v
        state = {"subtract": potential[t] - v * fired, "zero": potential[t] * ~fired, "none": potential[t]}[
            reset
        ]
    slope = gamma * np.maximum(0, 1 - np.abs((potential - v) / v))
    kept = (potential < v) if reset == "zero" else np.ones_like(potential)
    expected = np.zeros_like(potential)
    for s in range(steps):
        for t in range(s, steps):
            path = leak ** (t - s) * np.prod(kept[s:t], axis=0)  # of I[s] to V[t]
            expected[s] += upstream[t].numpy() * slope[t] * path
    assert np.linalg.norm(expected) > 1
    assert np.abs(current.grad.numpy() - expected).max() <= 1e-12


class Smooth:
    """A kernel whose output is what Eqn (4) is the derivative of, over the same potentials."""

    name = "smooth"

    def __init__(self, kernel: Kernel):
        self.kernel = kernel
        self.backward = kernel.backward

    def takes(self, current):
        return self.kernel.takes(current)

    def forward(self, current, threshold, neuron, *, keep):
        _, potentials = self.kernel.forward(current, threshold, neuron, keep=keep)
        u = ((potentials - threshold) / threshold).clamp(-1, 1)
        rising = (u.clamp(max=0) + 1).square() / 2 + u.clamp(min=0) - u.clamp(min=0).square() / 2
        return neuron.gamma * threshold * rising, potentials


@pytest.mark.parametrize(("reset", "refractory", "delay"), RULES)
def test_gradcheck_with_the_spike_replaced_by_its_primitive(kernel, reset, refractory, delay):
    rule = {"leak": 0.9, "reset": reset, "refractory": refractory, "delay": delay}
    current = noise(9, 4, seed=5).requires_grad_()
    assert scan(current, 0.7, kernel=kernel, **rule).mean() > 0.01
    assert torch.autograd.gradcheck(
        lambda x: scan(x, 0.7, kernel=Smooth(kernel), **rule), (current,), eps=1e-6, atol=1e-6
    )


def test_gradcheck_would_notice_another_leak(kernel):
    class Wrong(Smooth):
        def __init__(self, kernel):
            super().__init__(kernel)
            self.backward = lambda g, p, v, _: kernel.backward(g, p, v, Neuron(leak=0.8, threshold=0.7))

    current = noise(9, 4, seed=5).requires_grad_()
    with pytest.raises(RuntimeError, match="Jacobian mismatch"):
        torch.autograd.gradcheck(
            lambda x: scan(x, 0.7, leak=0.9, kernel=Wrong(kernel)), (current,), eps=1e-6, atol=1e-6
        )


def test_neurons_beyond_one_block_are_the_same_neurons(kernel):
    wide = noise(3, 1, CACHED_VALUES * torch.get_num_threads() + 77, dtype=torch.float32)
    for part in (slice(0, 50), slice(-50, None)):
        assert torch.equal(scan(wide, kernel=kernel)[..., part], scan(wide[..., part], kernel=kernel))


def test_each_neuron_beyond_one_block_has_its_own_threshold(kernel):
    wide = noise(3, 1, CACHED_VALUES * torch.get_num_threads() + 77, dtype=torch.float32) + 1
    levels = torch.linspace(0.1, 2.0, wide.shape[-1])
    for part in (slice(0, 50), slice(-50, None)):
        whole, alone = both(wide, levels, kernel), both(wide[..., part], levels[part], kernel)
        assert torch.equal(whole[1][..., part], alone[1])
        torch.testing.assert_close(whole[3], whole[2], rtol=0, atol=1e-6)


def layouts():
    x = noise(6, 2, 8, 5, 7)
    yield "contiguous", x
    yield "channels-last", x.flatten(0, 1).to(memory_format=torch.channels_last).view(x.shape)
    yield "held", hold(x[0], 6)
    yield "time-inside", x.movedim(0, -1).contiguous().movedim(-1, 0)
    yield "every-other", noise(6, 2, 8, 5, 14)[..., ::2]
    yield "transposed", noise(2, 6, 8, 5, 7).transpose(0, 1)
    yield "one-neuron", x[:, :1, :1, :1, :1]


@pytest.mark.parametrize("threshold", [0.7, torch.linspace(0.3, 1.2, 8)], ids=["one", "per-channel"])
@pytest.mark.parametrize(
    ("name", "current"), list(layouts()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_memory_layout_changes_nothing(kernel, name, current, threshold):
    if name == "one-neuron" and not isinstance(threshold, float):
        threshold = threshold[:1]
    _, plain, _, expected = both(current.clone(memory_format=torch.contiguous_format), threshold, kernel)
    looped, scanned, _, gradient = both(current, threshold, kernel)
    assert torch.equal(scanned, plain)
    assert torch.equal(scanned, looped)
    assert torch.equal(gradient, expected)


def test_channels_last_stays_channels_last(kernel):
    current = dict(layouts())["channels-last"].requires_grad_()
    spikes = scan(current, kernel=kernel)
    spikes.sum().backward()
    for maps in (spikes[0], current.grad[0]):
        assert maps.is_contiguous(memory_format=torch.channels_last)


def test_the_gradient_of_a_mean_over_time_is_taken_without_a_copy(kernel):
    current = noise(7, 2, 3, seed=6).requires_grad_()
    (mean,) = torch.autograd.grad(scan(current, kernel=kernel).mean(0).square().sum(), current)
    (loop,) = torch.autograd.grad(scan_by_steps(current, Neuron()).mean(0).square().sum(), current)
    assert loop.norm() > 0.01
    torch.testing.assert_close(mean, loop, rtol=0, atol=1e-15)


def test_a_graph_that_is_kept_gives_the_same_gradient_twice(kernel):
    current = noise(7, 20).requires_grad_()
    spikes = scan(current, kernel=kernel)
    first, second = (torch.autograd.grad(spikes.sum(), current, retain_graph=True)[0] for _ in range(2))
    assert first.norm() > 0
    assert torch.equal(first, second)


def test_without_gradient_nothing_is_kept(kernel):
    current = noise(7, 20).requires_grad_()
    expected = scan(current, kernel=kernel)
    with torch.no_grad():
        assert not scan(current, kernel=kernel).requires_grad
    with torch.inference_mode():
        assert torch.equal(scan(current, kernel=kernel), expected)
    assert expected.grad_fn is not None


def test_potentials_are_kept_only_for_a_gradient():
    class Watched(Smooth):
        def forward(self, current, threshold, neuron, *, keep):
            asked.append(keep)
            return self.kernel.forward(current, threshold, neuron, keep=keep)

    asked, current = [], noise(7, 20).requires_grad_()
    scan(current, kernel=Watched(TorchKernel()))
    scan(current.detach(), kernel=Watched(TorchKernel()))
    with torch.no_grad():
        scan(current, kernel=Watched(TorchKernel()))
    assert asked == [True, False, False]


def test_only_the_potentials_are_kept():
    current = noise(50, 64, dtype=torch.float32).requires_grad_()
    kept = []
    with torch.autograd.graph.saved_tensors_hooks(lambda x: kept.append(x) or x, lambda x: x):
        scan(current)
    assert sum(x.numel() for x in kept) == current.numel() + 1  # and the threshold


def test_an_empty_batch_has_no_spikes(kernel):
    assert scan(torch.zeros(4, 0, 3), kernel=kernel).shape == (4, 0, 3)


def test_shapes_are_found_without_data():
    assert scan(torch.zeros(4, 2, 3, 5, 5, device="meta")).shape == (4, 2, 3, 5, 5)
    with FakeTensorMode():
        assert scan(torch.zeros(4, 2, 3, 5, 5)).shape == (4, 2, 3, 5, 5)


@pytest.mark.parametrize("current", [torch.zeros(3), torch.zeros(0, 2), torch.zeros(3, 2, dtype=torch.int64)])
def test_what_is_no_current_is_refused(current):
    with pytest.raises(ValueError, match=r"a current is \[T, B, ...\]"):
        scan(current)
    with pytest.raises(ValueError, match=r"a current is \[T, B, ...\]"):
        scan_by_steps(current, Neuron())


@pytest.mark.parametrize("threshold", [torch.ones(3), torch.ones(4, 1), torch.ones(1)])
def test_a_threshold_for_other_channels_is_refused(threshold):
    with pytest.raises(ValueError, match="one per channel"):
        scan(torch.zeros(2, 2, 4, 3, 3), threshold)


class Spikes(torch.nn.Module):
    def forward(self, current):
        return scan(current)


def test_an_exporter_sees_a_plain_loop():
    current, other = noise(3, 2, 4, dtype=torch.float32) * 2, noise(3, 2, 4, dtype=torch.float32, seed=1) * 2
    program = torch.export.export(Spikes(), (current,))
    assert not torch.equal(scan(other), scan(current))
    assert torch.equal(program.module()(other), scan(other))


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::torch.jit.TracerWarning")
def test_a_tracer_sees_a_plain_loop():
    current, other = noise(3, 2, 4, dtype=torch.float32) * 2, noise(3, 2, 4, dtype=torch.float32, seed=1) * 2
    traced = torch.jit.trace(Spikes(), (current,))
    assert torch.equal(traced(other), scan(other))
