"""What the documents tell people to type exists."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))


def name(requirement: str) -> str:
    return re.split(r"[\[<>=]", requirement)[0]


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return {package.lower(): release for package, release in (line.split("==") for line in lines)}


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_documented_targets_exist(document: str):
    named = set(
        re.findall(r"(?:`|^)make (?:[A-Z]+=\S+ )?([a-z]+)", (ROOT / document).read_text(), re.MULTILINE)
    )
    assert named
    assert named <= TARGETS


def test_every_target_has_its_line_of_help():
    command = ["make", "--no-print-directory", "help"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {line.split()[0] for line in shown.splitlines()} == TARGETS
    assert all(len(line.split()) > 1 for line in shown.splitlines())


def test_every_target_is_phony():
    (phony,) = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert set(phony.split()) == TARGETS


def test_integration_runs_the_readmes_test_command_alone():
    script = (ROOT / ".ci" / "run").read_text().splitlines()
    commands = [line for line in script if line and not line.startswith("#")]
    assert commands == ["set -euo pipefail", 'cd "$(dirname "${BASH_SOURCE[0]}")/.."', "exec make test"]
    assert "make test" in (ROOT / "README.md").read_text()


def test_every_dependency_is_pinned():
    extras = PROJECT["optional-dependencies"].values()
    required = {name(r).lower() for r in [*PROJECT["dependencies"], *(r for extra in extras for r in extra)]}
    assert required - pins().keys() == set()


def test_pins_are_plain_releases():
    assert all(re.fullmatch(r"\d+(\.\d+)*", release) for release in pins().values())


def test_the_changelog_knows_this_version():
    version = re.search(r'__version__ = "(.*)"', (ROOT / "snnc" / "__init__.py").read_text())
    assert version
    assert f"## [{version[1]}]" in (ROOT / "CHANGELOG.md").read_text()
