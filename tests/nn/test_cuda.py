"""The kernel in Triton against that of torch: interpreted here, on a card where there is one."""

import itertools
import sys
from importlib.util import find_spec

import pytest
import torch

from snnc.nn import Neuron, TorchKernel, TritonKernel, cuda, scan
from snnc.nn.scan import kernel_for

RULES = list(itertools.product(("subtract", "zero", "none"), (0, 2)))
DTYPES = [torch.float32, torch.float64, torch.bfloat16, torch.float16]
TOLERANCE = {torch.float64: 1e-13, torch.float32: 1e-6, torch.bfloat16: 2**-7, torch.float16: 2**-9}
CARD = pytest.param("cuda", marks=pytest.mark.gpu)


@pytest.fixture
def device(request, monkeypatch):
    """A device of which the kernel takes the tensors: a CPU does by Triton's interpreter alone."""
    if find_spec("triton") is None:
        pytest.skip("Triton is not installed; it has some 900 MB")
    if request.param == "cuda" and not torch.cuda.is_available():
        pytest.skip("there is no CUDA device")
    monkeypatch.setenv("TRITON_INTERPRET", "1" if request.param == "cpu" else "0")
    monkeypatch.delenv("SNNC_KERNEL", raising=False)
    forget()
    yield request.param
    forget()


def forget():
    sys.modules.pop(cuda.DEVICE_CODE, None)
    cuda.why_no_triton.cache_clear()


pytestmark = pytest.mark.parametrize("device", ["cpu", CARD], indirect=True)


def rows(dtype, device, neurons=1500, steps=12):
    draw = torch.randn(steps, neurons, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return (draw * 0.6).to(dtype).to(device)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("each", [False, True], ids=["one-threshold", "threshold-each"])
@pytest.mark.parametrize(("reset", "refractory"), RULES)
def test_spikes_and_potentials_are_equal_bit_for_bit(device, reset, refractory, each, dtype):
    kernel, current = TritonKernel(device), rows(dtype, device)
    neuron = Neuron(0.9, 1.0, reset, refractory, gamma=0.7, initial=0.25)
    wide = torch.promote_types(dtype, torch.float32)
    levels = torch.linspace(0.3, 1.3, current.shape[1], dtype=wide) if each else torch.tensor(0.7, dtype=wide)
    threshold = levels.to(device)
    ours = kernel.forward(current, threshold, neuron, keep=True)
    theirs = TorchKernel().forward(current, threshold, neuron, keep=True)
    assert theirs[0].float().mean() > 0.01
    assert all(map(torch.equal, ours, theirs))
    assert torch.equal(kernel.forward(current, threshold, neuron, keep=False)[0], ours[0])
    gradient = rows(dtype, device).flip(0)
    ours, theirs = (k.backward(gradient, theirs[1], threshold, neuron) for k in (kernel, TorchKernel()))
    assert theirs.float().norm() > 1
    torch.testing.assert_close(ours, theirs, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("reset", "refractory"), RULES)
def test_a_state_is_taken_up_and_left(device, reset, refractory, dtype):
    current, neuron = rows(dtype, device), Neuron(0.9, 1.0, reset, refractory)
    v = torch.tensor(0.7, dtype=torch.promote_types(dtype, torch.float32), device=device)
    results = []
    for kernel in (TritonKernel(device), TorchKernel()):
        state = (
            torch.linspace(-1, 1, current.shape[1]).to(v),
            torch.zeros_like(current[0], dtype=torch.int32),
        )
        state[1][::3] = refractory
        spikes, potentials = kernel.forward(current, v, neuron, keep=True, state=state)
        edge = torch.linspace(1, 2, current.shape[1]).to(v)
        gradient = kernel.backward(current, potentials, v, neuron, carried=edge)
        results.append((spikes, potentials, *state, gradient, edge))
    assert results[1][0].float().mean() > 0.01
    for ours, theirs in zip(results[0][4:], results[1][4:], strict=True):
        torch.testing.assert_close(ours, theirs, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])
    assert all(map(torch.equal, results[0][:4], results[1][:4]))


@pytest.mark.filterwarnings("ignore:(overflow|invalid value):RuntimeWarning")  # numpy interprets
def test_values_that_are_not_finite_take_the_same_course(device):
    inf, nan = float("inf"), float("nan")
    current = torch.tensor([[inf, -inf, nan, 1e38, -0.0], [1, 1, 1, 3e38, 0], [-inf, inf, 1, 3e38, 9]])
    current, v = current.to(device), torch.tensor(1.0, device=device)
    for reset, refractory in RULES:
        neuron = Neuron(reset=reset, refractory=refractory)
        kernels = TritonKernel(device), TorchKernel()
        both = [kernel.forward(current, v, neuron, keep=True) for kernel in kernels]
        slopes = [kernel.backward(torch.ones_like(current), both[1][1], v, neuron) for kernel in kernels]
        for ours, theirs in [*zip(*both, strict=True), slopes]:
            torch.testing.assert_close(ours, theirs, equal_nan=True)


def layouts(device):
    x = rows(torch.float64, device, 2 * 8 * 5 * 7, 6).view(6, 2, 8, 5, 7)
    yield "contiguous", x
    yield "channels-last", x.flatten(0, 1).to(memory_format=torch.channels_last).view(x.shape)
    yield "held", x[:1].expand(6, -1, -1, -1, -1)
    yield "transposed", x.transpose(0, 1).contiguous().transpose(0, 1)
    yield "time-inside", x.movedim(0, -1).contiguous().movedim(-1, 0)
    yield "one-neuron", x[:, :1, :1, :1, :1]
    yield "one-step", x[:1]
    yield "no-neuron", x[:, :0]


@pytest.mark.parametrize("delay", [False, True])
@pytest.mark.parametrize("threshold", [0.7, torch.linspace(0.3, 1.2, 8)], ids=["one", "per-channel"])
def test_memory_layout_changes_nothing(device, threshold, delay):
    for name, current in layouts(device):
        level = threshold if isinstance(threshold, float) else threshold[: current.shape[2]]
        results = []
        for kernel in (TritonKernel(device), TorchKernel()):
            leaf = current.detach().requires_grad_()
            spikes = scan(leaf, level, delay=delay, kernel=kernel)
            results.append((spikes, *torch.autograd.grad(spikes.square().sum(), leaf)))
            (mean,) = torch.autograd.grad(scan(leaf, level, kernel=kernel).mean(0).sum(), leaf)
            results[-1] += (mean,)
        assert torch.equal(results[0][0], results[1][0]), name
        for ours, theirs in zip(*results, strict=True):
            torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-13)


def test_it_takes_its_device_and_leaves_the_rest(device, monkeypatch):
    kernel = TritonKernel(device)
    assert kernel.takes(torch.zeros(1, 1, device=device))
    for other in (
        torch.zeros(1, 1, device="meta"),
        torch.zeros(1, 1, dtype=torch.float8_e5m2, device=device),
    ):
        assert not kernel.takes(other)
    assert (kernel_for(torch.zeros(1, 1, device=device)).name == "triton") == (device == "cuda")
    monkeypatch.setenv("SNNC_KERNEL", "torch")
    assert not kernel.takes(torch.zeros(1, 1, device=device))


def test_where_a_trial_fails_torch_takes_over_and_says_why(device, monkeypatch):
    def fail(*_):
        raise RuntimeError("no assembler\nsecond line")

    monkeypatch.setattr(cuda, "_programs", fail)
    assert not TritonKernel(device).takes(torch.zeros(1, 1, device=device))
    assert cuda.why_no_triton(torch.zeros(1, device=device).device) == "no assembler"
