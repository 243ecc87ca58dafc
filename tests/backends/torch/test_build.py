"""The live network is the printed source, and every tool of Python can see that."""

from __future__ import annotations

import copy
import inspect
import traceback

import pytest
import torch

from snnc.backends.torch.build import build, network_class
from snnc.driver import load, loads
from snnc.ir.program import Target

TEXT = "network Tiny\ninput 1x4x4\nneuron ReLU|LIF\ntimesteps 5\nInput - Conv1(1,2,3x3/1) - FC1(32,3)\n"


@pytest.mark.parametrize("target", Target)
def test_the_source_of_the_live_network_is_the_printed_one(target: Target) -> None:
    net = loads(TEXT)
    live = net.ann() if target is Target.ANN else net.snn()
    source = net.source(target)
    assert inspect.getsource(type(live)) == source[source.index("class Tiny") :]
    assert inspect.getsource(inspect.getmodule(type(live))) == source
    assert inspect.getsource(type(live).forward) in source


def test_a_traceback_shows_the_printed_line() -> None:
    with pytest.raises(RuntimeError) as caught:
        loads(TEXT).ann()(torch.zeros(1, 7, 4, 4))
    text = "".join(traceback.format_exception(caught.value))
    assert "x = F.relu(self.Conv1(image))  # [B, 2, 4, 4]" in text
    assert 'File "<snnc Tiny ' in text


def test_one_source_is_one_class_and_two_are_two() -> None:
    net = loads(TEXT)
    assert type(net.snn()) is type(net.snn())
    assert type(net.snn()) is not type(net.ann())
    assert net.snn() is not net.snn()


def test_the_number_of_steps_can_be_chosen() -> None:
    net = loads(TEXT)
    assert net.snn().timesteps == 5
    assert net.snn(timesteps=3).timesteps == 3
    assert build(net.source(Target.SNN), "Tiny", timesteps=2).timesteps == 2


def test_the_source_does_not_inherit_how_snnc_is_compiled() -> None:
    source = "from torch import nn\n\n\nclass Plain(nn.Module):\n    def f(self, x: int) -> None: ...\n"
    assert network_class(source, "Plain").f.__annotations__["x"] is int


def test_a_live_network_can_be_copied() -> None:
    live = loads(TEXT).snn()
    other = copy.deepcopy(live)
    other.Conv1.weight.data.zero_()
    assert live.Conv1.weight.abs().sum() > 0


def test_every_shipped_network_runs_its_own_source_on_meta_tensors() -> None:
    with torch.device("meta"):
        live = load("vgg16").ann()
        assert live(torch.empty(2, 3, 224, 224)).shape == (2, 1000)
