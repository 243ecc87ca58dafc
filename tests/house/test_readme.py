"""What the README shows is what the project does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from snnc.driver import load
from snnc.ir.program import Target

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
COMMANDS = sorted(set(re.findall(r"`snnc ([a-z]+)", README)))


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, check=False, capture_output=True, text=True)


def statements(spec: str) -> list[str]:
    """Return the lines of a spec that say something."""
    lines = (line.split("#")[0].rstrip() for line in spec.splitlines())
    return [line for line in lines if line]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme_exists(command: str):
    assert python("-m", "snnc", command, "--help").returncode == 0


def test_a_command_that_does_not_exist_is_noticed():
    assert python("-m", "snnc", "fly", "--help").returncode == 2


def test_the_spec_is_the_one_that_comes_along():
    (shown,) = re.findall(r"^```\n(network .*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert statements(shown) == statements((ROOT / "specs" / "vgg11x2.spec").read_text())


def test_the_table_is_the_one_that_is_printed():
    (shown,) = re.findall(r"^```text\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert shown == load(ROOT / "specs" / "vgg11x2.spec").summary()


def test_the_module_is_the_one_that_is_printed():
    shown = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)[0]
    printed = [line.strip() for line in load(ROOT / "specs" / "vgg11x2.spec").source(Target.SNN).splitlines()]
    for line in shown.splitlines():
        assert line == "..." or line.strip() in printed


@pytest.mark.parametrize("link", re.findall(r"\[[^]]*\w\]\(([^():\s]+)\)", README))
def test_a_link_leads_somewhere(link: str):
    assert (ROOT / link).exists()


def test_the_package_comes_without_torch():
    answer = python("-c", "import sys, snnc; sys.exit('torch' in sys.modules)")
    assert answer.returncode == 0, answer.stderr
