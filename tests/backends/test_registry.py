"""Back ends are found by name, and only then imported."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from snnc.backends import registry
from snnc.backends.registry import GROUP, backend, backend_names
from snnc.backends.torch.printer import Torch
from snnc.driver import load
from snnc.ir.program import Target


def test_torch_is_found_by_name() -> None:
    assert "torch" in backend_names()
    assert backend("torch") is Torch


@pytest.mark.parametrize("name", backend_names())
def test_each_declares_its_contract(name: str) -> None:
    found = backend(name)
    assert found.name == name
    assert found.suffix.startswith(".")
    assert isinstance(found.needs, frozenset)


def test_an_unknown_name_is_answered_with_those_that_exist() -> None:
    with pytest.raises(LookupError, match=r"no back end is named 'tensorflow'; there are .*torch"):
        backend("tensorflow")


def test_a_third_party_can_add_one_but_not_replace_one(monkeypatch: pytest.MonkeyPatch) -> None:
    others = (
        EntryPoint("fortran", "snnc.backends.torch.printer:Torch", GROUP),
        EntryPoint("torch", "os:getcwd", GROUP),
    )
    monkeypatch.setattr(registry, "entry_points", lambda group: others if group == GROUP else ())
    assert {"fortran", "torch"} <= set(backend_names())
    assert backend("fortran") is Torch
    assert backend("torch") is Torch


def test_the_torch_back_end_prints() -> None:
    net = load("vgg5")
    program = net.twin(Target.SNN).folded
    assert Torch()(program) == net.source(Target.SNN)
    assert Torch(standalone=True)(program) == net.source(Target.SNN, standalone=True)


def test_listing_the_names_imports_no_back_end() -> None:
    code = (
        "import sys; from snnc.backends.registry import backend_names; backend_names();"
        "assert not any(name.startswith('snnc.backends.torch') for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
