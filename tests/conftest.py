"""What every test shares: one thread for torch, the `golden` fixture, the hypothesis profiles."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from difflib import unified_diff
from pathlib import Path

import pytest
from hypothesis import settings

# NOTE: torch reads these when it is first imported, so no test has to import torch to obey them.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")
# NOTE: the terminal of whoever runs the tests must not leak into what a command prints.
for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "COLUMNS"):
    os.environ.pop(name, None)

# NOTE: a shell that runs the tests in the background has them ignore Ctrl-C, and with them the
# processes whose answer to it is tested.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# `--hypothesis-profile=thorough` (as `make slow` does) looks further, with new seeds each time.
# NOTE: where CI is set, hypothesis derandomizes what does not say otherwise.
settings.register_profile("quick", derandomize=True, max_examples=25, deadline=None, database=None)
settings.register_profile("thorough", derandomize=False, max_examples=1000, deadline=None, print_blob=True)
settings.load_profile("quick")

Golden = Callable[[str, Path | str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden files that differ")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compare a text with a golden file; a relative path starts beside the test.

    A missing golden fails. `--update-golden` writes what differs, and the review is the diff.
    """
    update = request.config.getoption("--update-golden")

    def check(text: str, path: Path | str) -> None:
        file = request.path.parent / path
        if update:
            rewrite(file, text)
            return
        if not file.is_file():
            pytest.fail(f"no golden file {file.name}; `make golden` writes it")
        expected = file.read_bytes().decode()
        if text != expected:
            pytest.fail(difference(expected, text, file.name))

    return check


def rewrite(file: Path, text: str) -> None:
    """Write a golden as UTF-8 with LF line ends, unless it already says so."""
    new = text.encode()
    if file.is_file() and file.read_bytes() == new:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(new)


def difference(expected: str, text: str, name: str) -> str:
    """Return the unified diff of two texts; shows line ends where only these differ."""
    lines = unified_diff(expected.splitlines(keepends=True), text.splitlines(keepends=True), name, "now")
    shown = "".join(line if line.endswith("\n") else f"{line}\n\\ no newline\n" for line in lines)
    advice = f"golden file {name} differs; if it should, `make golden` rewrites it"
    return f"{advice}\n{shown}".replace("\r", "\\r")
