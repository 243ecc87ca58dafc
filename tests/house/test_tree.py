"""The tree keeps the house rules that no linter knows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = (".ci", "benchmarks", "docs", "grammar", "snnc", "specs", "tests")

LONGEST = 300  # lines of a source file
MACHINE_PATH = re.compile(r"(?<![\w.])/(home|root|tmp|work|mnt|Users)/")


def texts() -> list[Path]:
    """Return every text file of the project that is its own, and not made by a tool."""
    top = [path for path in ROOT.iterdir() if path.is_file() and path.name != ".git"]
    below = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()]
    return [path for path in top + below if "__pycache__" not in path.parts and is_text(path)]


def is_text(path: Path) -> bool:
    return b"\0" not in path.read_bytes()


def modules() -> list[Path]:
    return sorted((ROOT / "snnc").rglob("*.py"))


def test_source_files_are_short():
    lengths = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in modules()}
    assert {path: length for path, length in lengths.items() if length > LONGEST} == {}


def test_no_folder_is_a_drawer():
    drawers = {"utils", "helpers", "common", "misc"}
    assert [path for path in modules() if drawers & {*path.parts, path.stem}] == []


def test_every_folder_of_modules_is_a_package():
    assert {path.parent for path in modules() if not (path.parent / "__init__.py").is_file()} == set()


def test_data_folders_hold_no_python():
    assert [*(ROOT / "grammar").rglob("*.py"), *(ROOT / "specs").rglob("*.py")] == []


def test_no_text_names_a_path_of_a_machine():
    found = [
        f"{path.relative_to(ROOT)}: {line}"
        for path in texts()
        for line in path.read_text().splitlines()
        if MACHINE_PATH.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("line", ["see {}home/me/x", "'{}tmp/x'"])
def test_a_path_of_a_machine_is_seen(line: str):
    assert MACHINE_PATH.search(line.format("/"))
