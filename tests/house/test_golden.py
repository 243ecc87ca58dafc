"""The `golden` fixture bites: a missing and a stale golden fail, and `--update-golden` mends both."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"
TEST = 'def test_it(golden):\n    golden("one\\ntwo\\n", "it.txt")\n'


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    shutil.copy(CONFTEST, tmp_path)
    (tmp_path / "test_it.py").write_text(TEST)
    return tmp_path


def run(suite: Path, *options: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", str(suite), *options]
    alone = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=suite, env=alone, check=False, capture_output=True, text=True)
    return done.returncode, done.stdout


def test_a_missing_golden_fails(suite: Path):
    code, report = run(suite)
    assert code == pytest.ExitCode.TESTS_FAILED
    assert "no golden file it.txt" in report
    assert not (suite / "it.txt").exists()


@pytest.mark.parametrize("stale", [b"one\n2\n", b"one\r\ntwo\r\n", b"one\ntwo", b""])
def test_a_stale_golden_fails(suite: Path, stale: bytes):
    (suite / "it.txt").write_bytes(stale)
    code, report = run(suite)
    assert code == pytest.ExitCode.TESTS_FAILED
    assert "golden file it.txt differs" in report


def test_an_update_writes_it_and_the_next_run_passes(suite: Path):
    (suite / "it.txt").write_text("stale")
    assert run(suite, "--update-golden")[0] == pytest.ExitCode.OK
    assert (suite / "it.txt").read_bytes() == b"one\ntwo\n"
    assert run(suite)[0] == pytest.ExitCode.OK
