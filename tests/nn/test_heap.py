"""Memory that stays with the process from tile to tile: fewer pages to take, and a bound that holds."""

import ctypes
import os
import subprocess
import sys

import pytest

from snnc.nn import heap

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "gnu_get_libc_version"),
    reason="the C library is not GNU's",
)

RUN = """
import resource, sys, torch, snnc
torch.set_num_threads(1)
net = snnc.load("specs/vgg5.spec").snn(timesteps=25, memory=sys.argv[1] or None)
images = torch.rand(8, 3, 32, 32)
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
with torch.no_grad():
    net(images), net(images)
    before = faults()
    net(images)
print(faults() - before)
"""


def pages_taken(memory="", **environment):
    """Pages that one pass takes from the system, the third of a process."""
    command = [sys.executable, "-c", RUN, memory]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return int(run.stdout)


@pytest.fixture
def environment(monkeypatch):
    """One without a word on memory, for a process of its own."""
    for name in list(os.environ):
        if name.startswith("MALLOC_") or name in ("GLIBC_TUNABLES", "SNNC_HEAP"):
            monkeypatch.delenv(name)
    return dict(os.environ)


def test_a_pass_takes_the_memory_of_the_last(environment):
    anew = pages_taken(**environment | {"SNNC_HEAP": "system"})
    assert anew > 4_000
    assert pages_taken(**environment) < anew / 4  # mostly none; now and then free memory is in pieces


def test_bounded_memory_goes_back_at_once(environment):
    assert pages_taken("1GiB", **environment) > 4_000


@pytest.mark.parametrize("name", ["MALLOC_ARENA_MAX", "GLIBC_TUNABLES"])
def test_a_word_of_the_user_counts(name, monkeypatch):
    monkeypatch.setenv(name, "1")
    heap._mallopt.cache_clear()
    assert heap._mallopt() is None
    heap._mallopt.cache_clear()


def test_limits_fit_into_an_int():
    assert max(heap.KEPT, *heap.LARGEST) < 2**31
