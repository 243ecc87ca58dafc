"""The examples of docs/training.md run, and its table of recipe entries is whole."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from pydantic import BaseModel

from snnc.train.recipe import Recipe

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "training.md").read_text()
EXAMPLES = re.findall(r"^## ([^\n]+)\n(?:(?!^## ).)*?^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("heading", "code"), EXAMPLES, ids=[heading for heading, _ in EXAMPLES])
def test_an_example_runs(heading: str, code: str, tmp_path: Path) -> None:
    if "pytorch_lightning" in code and find_spec("pytorch_lightning") is None:
        pytest.skip("Lightning is not installed")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    answer = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert "Lightning" in heading or answer.stdout


def test_there_are_three_examples() -> None:
    assert [heading for heading, _ in EXAMPLES] == [
        "From Python",
        "With a loop of your own",
        "With Lightning",
    ]


def test_every_entry_of_a_recipe_is_explained() -> None:
    table = TEXT.split("## Recipes")[1].split("## A run")[0]
    for name, field in Recipe.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            for entry in inner.model_fields:
                assert f"`{name}.{entry}`" in table or f"`.{entry}`" in table, entry
        else:
            assert f"`{name}`" in table, name
