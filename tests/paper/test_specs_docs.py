"""What docs/paper.md says is so: its functions, its specs and its numbers are there."""

from __future__ import annotations

import re
import tomllib
from importlib import import_module
from pathlib import Path

import pytest
from counting import SPECS, of_the_paper

TEXT = (Path(__file__).parents[2] / "docs" / "paper.md").read_text()
CLAIMS = tomllib.loads((SPECS / "claims.toml").read_text())["row"]


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(snnc\.[\w.]+)`", TEXT))))
def test_what_it_names_is_there(name: str):
    module, _, attribute = name.rpartition(".")
    found = import_module(module)
    assert hasattr(found, attribute) or import_module(name)


def test_it_names_every_spec_of_the_paper_and_no_other():
    assert set(re.findall(r"`(\w+)\.spec`", TEXT)) == of_the_paper()


@pytest.mark.parametrize("number", range(1, 12))
def test_it_knows_every_equation(number: int):
    assert re.search(rf"^\| [^|]*\({number}\)", TEXT, re.MULTILINE)


def test_it_names_every_deviation_of_a_size_or_an_efficiency():
    for row in CLAIMS:
        for claim in row["claims"]:
            if "computes" in claim and claim.get("counts") != "as printed":
                value = claim["computes"]
                shown = f"{value:,}" if isinstance(value, int) else f"{value:.3f}"
                line = rf"\| Table {row['table']}, {row['name']} \|.*{claim['printed'].rstrip('x')}.*{shown}"
                assert re.search(line, TEXT), (row["name"], claim)
