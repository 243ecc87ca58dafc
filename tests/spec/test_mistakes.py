"""Every mistake that validation finds, as it is shown: a spec and its report side by side."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from snnc.diagnostics import render
from snnc.diagnostics.catalogue import catalogue

CASES = sorted((Path(__file__).parent / "cases").glob("*.spec"))
CODE = re.compile(r"^error\[(.*?)\]", re.MULTILINE)
OF_FILES = {"file-unreadable", "use-cycle", "use-not-found", "use-outside"}  # read_network's
SHOWN = [code for code, kind in catalogue().items() if kind.__module__.startswith("snnc.spec.errors.")]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_mistake_is_shown_with_its_place_and_its_way_out(check, golden, case: Path):
    checked = check(case.read_text(), name=case.name, raw=True)
    assert checked.network is None
    golden(render(checked.diagnostics), case.with_suffix(".txt"))


def test_every_mistake_of_this_stage_has_a_case():
    shown = {code for file in CASES for code in CODE.findall(file.with_suffix(".txt").read_text())}
    assert shown | {"block-twice", "joined-block-input"} | OF_FILES == set(SHOWN)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_every_place_is_in_the_text_and_every_fix_changes_it(check, case: Path):
    checked = check(case.read_text(), raw=True)
    for one in checked.diagnostics:
        assert one.span.text.strip() or one.code == "no-layers"
        assert one.fix() is None or one.fix().span.text != one.fix().replacement


MENDABLE = ["classifier", "name_python", "name_underscore", "neuron_after_pool", "twins", "window"]


@pytest.mark.parametrize("name", MENDABLE)
def test_a_mended_spec_is_accepted(check, name: str):
    text = (Path(__file__).parent / "cases" / f"{name}.spec").read_text()
    mended = check(text).mended
    assert check(mended).found == []
    assert check(mended).network is not None
