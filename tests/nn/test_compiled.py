"""The compiled kernel against that of torch, and what happens where it cannot be."""

import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from snnc.nn import CompiledKernel, Neuron, TorchKernel, kernel_in_use, native, scan
from snnc.nn.scan import kernel_for

RULES = list(itertools.product(("subtract", "zero", "none"), (0, 2)))
DTYPES = [torch.float32, torch.float64, torch.bfloat16]


@pytest.fixture
def kernel():
    if not CompiledKernel().takes(torch.zeros(1, 1)):
        pytest.skip("there is no C++ compiler")
    return CompiledKernel()


@pytest.fixture
def fresh(monkeypatch, tmp_path):
    """A process that has not yet looked for a library, with a cache and a compiler of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("SNNC_KERNEL", raising=False)
    native.native_library.cache_clear()
    yield monkeypatch
    native.native_library.cache_clear()


def rows(dtype, neurons=5000, steps=25):
    draw = torch.randn(steps, neurons, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return (draw * 0.6).to(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("each", [False, True], ids=["one-threshold", "threshold-each"])
@pytest.mark.parametrize(("reset", "refractory"), RULES)
def test_spikes_and_potentials_are_equal_bit_for_bit(kernel, reset, refractory, each, dtype):
    current, neuron = rows(dtype), Neuron(0.9, 1.0, reset, refractory, initial=0.25)
    wide = torch.promote_types(dtype, torch.float32)
    threshold = torch.linspace(0.3, 1.3, 5000, dtype=wide) if each else torch.tensor(0.7, dtype=wide)
    ours = kernel.forward(current, threshold, neuron, keep=True)
    theirs = TorchKernel().forward(current, threshold, neuron, keep=True)
    assert theirs[0].float().mean() > 0.01
    assert torch.equal(ours[0], theirs[0])
    if dtype is not torch.bfloat16:
        assert torch.equal(ours[1], theirs[1])
    assert torch.equal(kernel.forward(current, threshold, neuron, keep=False)[0], ours[0])
    gradient, kept = rows(dtype).flip(0), ours[1]
    ours = kernel.backward(gradient, kept, threshold, neuron)
    theirs = TorchKernel().backward(gradient, kept.to(wide), threshold, neuron)
    assert theirs.float().norm() > 1
    tolerance = {torch.float64: 1e-14, torch.float32: 1e-6, torch.bfloat16: 2**-7}[dtype]
    torch.testing.assert_close(ours, theirs, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("level", [0.7, 1.0, 0.995])
@pytest.mark.parametrize(("reset", "refractory"), RULES)
def test_potentials_of_bfloat16_are_kept_rounded(kernel, reset, refractory, level):
    current, neuron, v = rows(torch.bfloat16), Neuron(0.9, 1.0, reset, refractory), torch.tensor(level)
    spikes, kept = kernel.forward(current, v, neuron, keep=True)
    exact = TorchKernel().forward(current, v, neuron, keep=True)[1]
    assert kept.dtype is torch.bfloat16
    off = kept != exact.bfloat16()
    assert off.float().mean() < 0.003
    if reset == "zero":  # there alone one is rounded away from the threshold, to its own side
        assert torch.equal(kept.float() >= v, spikes > 0)
    else:
        assert not off.any()
    gradient = rows(torch.bfloat16).flip(0)
    ours = kernel.backward(gradient, kept, v, neuron).float()
    theirs = TorchKernel().backward(gradient.float(), exact, v, neuron)
    assert (ours - theirs).norm() < 2**-8 * theirs.norm()


def test_bfloat16_rounds_to_the_nearest_and_ties_to_even(kernel):
    neuron = Neuron(leak=1.0, gamma=1.0)  # so gradients add up
    gradient = torch.tensor([[1, 1 + 2**-7, 1], [2**-8, 2**-8, 2**-8 + 2**-15]], dtype=torch.bfloat16)
    for each, dtype in ((kernel, torch.bfloat16), (TorchKernel(), torch.float32)):
        result = each.backward(gradient, torch.ones(2, 3, dtype=dtype), torch.tensor(1.0), neuron)
        assert result[0].tolist() == [1, 1 + 2**-6, 1 + 2**-7]


def test_values_that_are_not_finite_take_the_same_course(kernel):
    inf, nan = float("inf"), float("nan")
    current = torch.tensor([[inf, -inf, nan, 1e38, -0.0], [1, 1, 1, 3e38, 0], [-inf, inf, 1, 3e38, 9]])
    for reset, refractory in RULES:
        neuron = Neuron(reset=reset, refractory=refractory)
        both = [k.forward(current, torch.tensor(1.0), neuron, keep=True) for k in (kernel, TorchKernel())]
        for ours, theirs in zip(*both, strict=True):
            torch.testing.assert_close(ours, theirs, rtol=0, atol=0, equal_nan=True)


def test_the_number_of_threads_changes_nothing(kernel):
    current = rows(torch.float32, 100_003).requires_grad_()
    before, results = torch.get_num_threads(), []
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            spikes = scan(current, kernel=kernel)
            results.append((spikes, *torch.autograd.grad(spikes.square().sum(), current)))
    finally:
        torch.set_num_threads(before)
    assert results[0][0].any()
    assert all(torch.equal(a, b) for other in results[1:] for a, b in zip(results[0], other, strict=True))


def test_it_is_preferred_where_it_can_run(kernel):
    assert kernel_for(torch.zeros(1, 1)).name == "cpp"
    assert kernel_in_use().startswith("cpp (")
    for other in (torch.zeros(1, 1, dtype=torch.float16), torch.zeros(1, 1, device="meta")):
        assert kernel_for(other).name == "torch"
        with pytest.raises(ValueError, match="the kernel cpp does not run"):
            scan(other, kernel=kernel)


def test_the_environment_decides(kernel, monkeypatch):
    monkeypatch.setenv("SNNC_KERNEL", "torch")
    assert kernel_for(torch.zeros(1, 1)).name == "torch"
    assert kernel_in_use() == "torch (SNNC_KERNEL)"
    monkeypatch.setenv("SNNC_KERNEL", "cpp")
    assert kernel_for(torch.zeros(1, 1)).name == "cpp"
    monkeypatch.setenv("SNNC_KERNEL", "cuda")
    with pytest.raises(ValueError, match="SNNC_KERNEL is 'torch' or 'cpp'; got 'cuda'"):
        scan(torch.zeros(1, 1))


def test_without_a_compiler_torch_takes_over_and_says_why(fresh):
    fresh.setenv("CXX", "no-such-compiler")
    assert scan(torch.full((2, 1), 0.6)).flatten().tolist() == [0, 1]
    assert kernel_in_use() == "torch (there is no C++ compiler; looked for no-such-compiler)"
    fresh.setenv("SNNC_KERNEL", "cpp")
    with pytest.raises(RuntimeError, match=r"SNNC_KERNEL=cpp asks .* no-such-compiler"):
        scan(torch.zeros(1, 1))


def script(path, build):
    """A compiler whose build is a line of shell, in which $out is the file that is asked for."""
    path.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && {{ echo 1.0; exit; }}\n'
        f"for out; do :; done\necho once >>{path}.log\n{build}\n"
    )
    path.chmod(0o755)
    return str(path)


def test_a_compiler_that_fails_leaves_nothing_behind(fresh, tmp_path):
    fresh.setenv("CXX", script(tmp_path / "cc", "echo half >$out; echo no room >&2; exit 1"))
    assert kernel_in_use() == f"torch ({tmp_path}/cc failed: no room)"
    assert list((tmp_path / "cache/snnc").iterdir()) == []


def test_a_library_that_does_not_load_is_no_library(fresh, tmp_path):
    fresh.setenv("CXX", script(tmp_path / "cc", "echo junk >$out"))
    assert kernel_in_use().startswith("torch (")


def test_it_is_built_once_for_a_source_and_a_compiler(kernel, fresh, tmp_path):
    native.native_library.cache_clear()
    with pytest.MonkeyPatch.context() as usual:
        usual.delenv("XDG_CACHE_HOME")
        real = native.native_library()[1]
    fresh.setenv("CXX", script(tmp_path / "cc", f"cp {real} $out"))
    for _ in range(2):
        native.native_library.cache_clear()
        assert kernel_in_use().startswith(f"cpp ({tmp_path}/cache/snnc/snnc-")
    assert (tmp_path / "cc.log").read_text() == "once\n"
    fresh.setenv("CXX", script(tmp_path / "other", f"cp {real} $out"))
    native.native_library.cache_clear()
    assert kernel_in_use().startswith("cpp (")
    assert len(list((tmp_path / "cache/snnc").iterdir())) == 2


def test_a_cache_that_others_can_write_to_is_not_run(fresh, tmp_path):
    folder = tmp_path / "cache/snnc"
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    fresh.setenv("CXX", script(tmp_path / "cc", "exit 1"))
    assert kernel_in_use() == f"torch (others can write to {folder})"
    assert not (tmp_path / "cc.log").exists()


def test_a_new_cache_is_the_user_s_alone(fresh, tmp_path):
    fresh.setenv("CXX", script(tmp_path / "cc", "exit 1"))
    kernel_in_use()
    assert (tmp_path / "cache/snnc").stat().st_mode & 0o777 == 0o700


def test_a_cache_that_cannot_be_made_is_no_error(fresh, tmp_path):
    (tmp_path / "cache").write_text("a file")
    fresh.setenv("CXX", script(tmp_path / "cc", "exit 1"))
    assert kernel_in_use().startswith("torch (")


def test_the_sources_lie_beside_the_module():
    for name in (*native.SOURCES, *native.HEADERS):
        source = Path(native.__file__).with_name(name)
        assert source.is_file()
        assert os.access(source, os.R_OK)


FORKED = """
import os, torch
from snnc.nn import Neuron, SpikingNeurons
torch.set_num_threads(2)
neurons, current = SpikingNeurons(Neuron()), torch.rand(20, 1, 200_000)
expected = neurons(current).numpy()
child = os.fork()
if child == 0:
    os._exit(int((neurons(current).numpy() != expected).any()))
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_forked_process_has_threads_of_its_own(kernel):
    command = [sys.executable, "-W", "ignore", "-c", FORKED]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout.strip() == "0"
