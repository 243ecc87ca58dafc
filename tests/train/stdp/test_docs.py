"""The examples of docs/stdp.md run, and its table of constants is whole and right."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from snnc.train.recipe import Settle, Stdp

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "stdp.md").read_text()
EXAMPLES = re.findall(r"^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("number", [0, 1])
def test_an_example_runs(number: int, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    answer = subprocess.run(
        [sys.executable, "-c", EXAMPLES[number]],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout


def test_there_are_two_examples() -> None:
    assert len(EXAMPLES) == 2


def test_the_table_of_constants_is_whole_and_right() -> None:
    rule, rows = Stdp(), re.findall(r"^\| `stdp\.([^|]+)\| ([^|]+) \|", TEXT, re.MULTILINE)
    told = {}
    for names, values in rows:
        keys = [key.strip(" `.") for key in names.split(",")]
        texts = [values] if len(keys) == 1 else values.split(", ")
        told |= dict(zip(keys, texts, strict=True))
    known = {name: getattr(rule, name) for name in Stdp.model_fields if name != "settle"}
    known |= {f"settle.{name}": getattr(rule.settle, name) for name in Settle.model_fields}
    assert set(told) == set(known)
    for name, text in told.items():
        value = {"true": "True"}.get(text, text)
        assert eval(value) == known[name], name  # noqa: S307 - our own table
