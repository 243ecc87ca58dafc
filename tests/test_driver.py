"""A network from Python, in a few lines."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import snnc
from snnc.ir.program import Target

TEXT = "input 3x8x8\nInput - Conv1(3,4,3x3/1) - Conv2(4,4,3x3/1) repeated 2 times - FC1(256,5)\n"


def test_both_twins_run_and_learn() -> None:
    net = snnc.loads(TEXT, "tiny.spec")
    image = torch.rand(2, 3, 8, 8) * 2 - 1
    for module in (net.ann(), net.snn(timesteps=3)):
        scores = module(image)
        assert scores.shape == (2, 5)
        scores.sum().backward()
        assert all(weight.grad is not None for weight in module.parameters())


def test_the_default_number_of_steps_is_the_specs() -> None:
    assert snnc.loads("timesteps 7\n" + TEXT).snn().timesteps == 7


def test_a_spec_that_ships_is_found_by_its_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert snnc.load("vgg5").name == "VGG5"


def test_a_file_beats_a_name_that_ships(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vgg5").write_text("network Mine\n" + TEXT)
    assert snnc.load("vgg5").name == "Mine"


def test_a_file_that_is_not_there_is_an_os_error() -> None:
    with pytest.raises(FileNotFoundError):
        snnc.load("nowhere.spec")


def test_a_refused_spec_says_where() -> None:
    with pytest.raises(snnc.CompileError, match=r"tiny\.spec:2:68: error\[fan-in\]"):
        snnc.loads(TEXT.replace("256", "255"), "tiny.spec")


def test_a_notebook_sees_the_diagram() -> None:
    assert snnc.loads(TEXT)._repr_svg_().startswith("<svg")


def test_folded_and_unrolled_spellings_print_the_same_bytes() -> None:
    unrolled = (
        "input 3x8x8\nInput - Conv1(3,4,3x3/1) - Conv2(4,4,3x3/1) - Conv2(4,4,3x3/1) - FC1(256,5)\n"
        "BackRes [Conv2] repeated 2 times\n"
    )
    for target in Target:
        assert snnc.loads(TEXT, "a").source(target) == snnc.loads(unrolled, "a").source(target)


def test_a_saved_network_is_loaded_by_its_ending(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        snnc.load(tmp_path / "network.safetensors")
    (tmp_path / "network.safetensors").write_bytes(b"nothing of the kind")
    with pytest.raises(ValueError, match=r"network\.safetensors"):
        snnc.load(tmp_path / "network.safetensors")
