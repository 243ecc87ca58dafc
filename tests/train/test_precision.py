"""bfloat16 where it is native: what `auto` takes, says, writes down and keeps."""

from __future__ import annotations

import json
from types import MappingProxyType

import pytest
import torch

from snnc.train import artifact, precision
from snnc.train import run as run_module
from snnc.train.evaluate import autocast
from snnc.train.recipe import Numbers
from snnc.train.world import World

CPU = torch.device("cpu")
PROCESSORS = {
    "Zen 4": ({"avx512_f": True, "avx512_bf16": True, "amx_bf16": False}, True),
    "Sapphire Rapids": ({"avx512_bf16": False, "amx_bf16": True, "architecture": "x86_64"}, True),
    "Neoverse V1": ({"neon": True, "bf16": True}, True),
    "Ice Lake": ({"avx512_f": True, "avx512_bf16": False, "amx_bf16": False}, False),
    "unheard of": ({}, False),
}


@pytest.mark.parametrize("name", PROCESSORS)
def test_processors_are_told_apart(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found, native = PROCESSORS[name]
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: MappingProxyType(found), raising=False)
    assert precision.native_bfloat16(CPU) is native
    assert precision.settled("auto", CPU) == ("bfloat16" if native else "float32")
    assert precision.settled("bfloat16", CPU) == "bfloat16"
    assert precision.settled("float32", CPU) == "float32"
    with autocast(Numbers(precision="auto"), CPU):
        assert torch.is_autocast_enabled("cpu") is native


def test_a_torch_that_cannot_be_asked_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert not precision.native_bfloat16(CPU)


@pytest.mark.parametrize("native", [True, False])
def test_graphics_cards_are_asked_without_emulation(native: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def supported(including_emulation: bool = True) -> bool:
        asked.append(including_emulation)
        return native

    monkeypatch.setattr(torch.cuda, "is_bf16_supported", supported)
    assert precision.native_bfloat16(torch.device("cuda", 0)) is native
    assert asked == [False]
    assert not precision.native_bfloat16(torch.device("mps"))


def on_a_device(patch: pytest.MonkeyPatch, native: bool) -> None:
    for module in (precision, run_module):
        patch.setattr(module, "native_bfloat16", lambda _device: native)


def auto(runs, **more: str):
    return runs.recipe(numbers__precision="auto", epochs="1", **more)


@pytest.mark.parametrize(("native", "chosen"), [(True, "bfloat16"), (False, "float32")])
def test_what_was_chosen_is_said_and_written_down(
    runs, native: bool, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_a_device(monkeypatch, native)
    listener, name = runs.warned(), f"auto {chosen}"
    runs.train(name, auto(runs), listener=listener)
    having = "its own" if native else "no"
    assert listener.words == [f"computes in {chosen}: this device has {having} bfloat16"]
    assert listener.messages == []
    description = json.loads((runs.place / name / "run.json").read_text())
    assert description["recipe"]["numbers"]["precision"] == chosen
    saved = artifact.load(runs.place / name / "network.safetensors")
    assert saved.recipe["numbers"]["precision"] == chosen
    runs.train(f"said {chosen}", runs.recipe(numbers__precision=chosen, epochs="1"))
    assert runs.result(name) == runs.result(f"said {chosen}")


@pytest.mark.parametrize("native", [True, False])
def test_a_run_goes_on_in_the_precision_in_which_it_began(
    runs, native: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, chosen = f"moved {native}", "bfloat16" if native else "float32"
    on_a_device(monkeypatch, native)
    runs.train(f"stayed {native}", auto(runs))
    assert runs.in_child(lambda: runs.train(name, auto(runs), listener=runs.killed(3))) < 0
    on_a_device(monkeypatch, not native)
    listener = runs.warned()
    runs.train(name, auto(runs), resume=True, listener=listener)
    assert listener.words[0].startswith(f"computes in {chosen}: ")
    assert [message.split(" and ")[0] for message in listener.messages] == (
        ["this device only emulates bfloat16"] if native else []
    )
    assert runs.result(name) == runs.result(f"stayed {native}")


def test_processes_take_what_the_first_takes() -> None:
    class Second(World):
        def __init__(self) -> None:
            super().__init__(1, 2)

        def total(self, numbers: torch.Tensor) -> torch.Tensor:
            return numbers  # the first says no

    assert not Second().led(flag=True)
    assert World().led(flag=True)
    assert not World().led(flag=False)
