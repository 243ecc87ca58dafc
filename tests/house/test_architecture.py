"""The import contracts bite: each breach in a copy of the package is refused, and the copy alone is not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

UPWARDS = "Imports go downwards"
BREACHES = {
    "an import upwards": ("source/span.py", "import snnc.diagnostics", UPWARDS),
    "a sibling": ("syntax/tree.py", "import snnc.ir.ids", UPWARDS),
    "a folder without a place": ("helpers/__init__.py", "", UPWARDS),
    "lark abroad": ("spec/model.py", "import lark", "lark lives in syntax"),
    "pydantic abroad": ("syntax/tree.py", "import pydantic", "pydantic lives in spec"),
    "networkx abroad": ("spec/model.py", "import networkx", "networkx lives in ir"),
    "torch abroad": ("ir/graph.py", "def late():\n    import torch", "torch lives in nn"),
    "jinja2 abroad": ("ir/graph.py", "import jinja2", "graphviz and jinja2 live in the back ends"),
    "rich abroad": ("diagnostics/diagnostic.py", "import rich.table", "the terminal lives in cli"),
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "snnc", tmp_path / "snnc", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def broken_contracts(tree: Path) -> list[str]:
    """Return the lines of the contracts that the tree breaks."""
    command = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run(
        [command, "--no-logo", "--no-cache"], cwd=tree, check=False, capture_output=True, text=True
    )
    broken = [line for line in unwrapped(run.stdout) if " BROKEN" in line]
    assert run.returncode == bool(broken), run.stdout + run.stderr
    return broken


def unwrapped(report: str) -> list[str]:
    """Return the report's lines; a line that was wrapped for its length ends in a space."""
    return report.replace(" \n", " ").splitlines()


def test_the_package_keeps_every_contract(copy: Path):
    assert broken_contracts(copy) == []


@pytest.mark.parametrize(("file", "addition", "contract"), BREACHES.values(), ids=BREACHES)
def test_a_breach_is_refused(copy: Path, file: str, addition: str, contract: str):
    place = copy / "snnc" / file
    place.parent.mkdir(exist_ok=True)
    with place.open("a") as text:
        text.write(f"\n{addition}\n")
    (broken,) = broken_contracts(copy)
    assert broken.startswith(contract)
