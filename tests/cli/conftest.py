"""Running the command line: in this process for speed, in another where streams and signals matter."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from snnc.cli.main import run

ROOT = Path(__file__).parents[2]

RIGHT = """\
network Small
input 3x8x8
Input - Conv1(3,4,3x3/1) - Conv2(4,4,3x3/1) repeated 2 times - Pool(2x2/2) - FC1(64,5)
"""
MENDABLE = RIGHT.replace("FC1(64,5)", "FC1(60,5)")
HOPELESS = RIGHT.replace("Pool(2x2/2)", "Pool(9x9/1)")


class Answer(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        found = json.loads(self.out)
        assert found["schema"] == 1
        return found


Run = Callable[..., Answer]


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an empty folder, so that whatever is left there was made by the test."""
    monkeypatch.chdir(tmp_path)
    for name in ("SNNC_COLOR", "SNNC_TRACEBACK"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def snnc(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in this process."""

    def call(*arguments: str, stdin: str | bytes = "") -> Answer:
        content = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        status = run(arguments)
        return Answer(status, *capsys.readouterr())

    return call


@pytest.fixture
def shell() -> Shell:
    """Run a command as a shell would, in a process of its own."""
    return Shell()


class Shell:
    def __call__(self, *arguments: str, stdin: str = "", **environment: str) -> Answer:
        answer = subprocess.run(
            self.command(*arguments),
            input=stdin,
            env=self.environment(**environment),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return Answer(answer.returncode, answer.stdout, answer.stderr)

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "snnc", *arguments]

    def environment(self, **more: str) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(ROOT), **more}


@pytest.fixture
def write_spec(tmp_path: Path) -> Callable[[str, str], Path]:
    def write(name: str, text: str) -> Path:
        path = tmp_path / f"{name}.spec"
        path.write_text(text)
        return path

    return write


@pytest.fixture
def right(write_spec) -> Path:
    return write_spec("right", RIGHT)


@pytest.fixture
def mendable(write_spec) -> Path:
    return write_spec("mendable", MENDABLE)


@pytest.fixture
def hopeless(write_spec) -> Path:
    return write_spec("hopeless", HOPELESS)


@pytest.fixture
def tree(tmp_path: Path) -> Callable[[], set[str]]:
    """Return everything in the folder, hidden or not, by relative names."""
    return lambda: {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")}
