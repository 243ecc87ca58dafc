"""The example of docs/conversion.md runs, and its commands are commands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "conversion.md").read_text()


def test_the_example_runs(tmp_path: Path):
    (code,) = re.findall(r"^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    answer = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert re.match(r"ANN \d+\.\d%, SNN \d+\.\d%, from T = ", answer.stdout)
    assert answer.stdout.count("threshold") == 3


def test_every_option_that_is_shown_is_one():
    answer = subprocess.run(
        [sys.executable, "-m", "snnc", "convert", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for option in re.findall(r"`(--[a-z-]+)", TEXT):
        assert option in answer.stdout, option
