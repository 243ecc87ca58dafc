"""The page about costs says what the commands say: every example is run."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest

from snnc.analysis.activity import read_activity
from snnc.analysis.profile import read_profile
from snnc.cli.main import run

PAGE = (Path(__file__).parents[2] / "docs" / "cost.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def commands() -> list[tuple[str, str]]:
    """Each command with the output that the page shows for it."""
    parts = [part for block in blocks("console") for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]]
    return [tuple(part.split("\n", 1)) for part in parts]


def shows(expected: str, actual: str) -> bool:
    """Whether an output is the expected one; a line of three dots stands for any lines."""
    pattern = re.escape(expected.strip("\n")).replace(re.escape("..."), "(?:.*)")
    return re.fullmatch(pattern, actual.strip("\n"), re.DOTALL) is not None


@pytest.mark.parametrize(("command", "expected"), commands(), ids=lambda text: text[:40])
def test_commands_answer_as_the_page_says(capfd, command, expected):
    words = shlex.split(command)
    assert words[0] == "snnc"
    assert run(words[1:]) == 0
    out, _ = capfd.readouterr()
    lines = "\n".join(line.rstrip() for line in out.splitlines())
    assert shows(expected, lines), lines


def test_there_are_examples():
    assert len(commands()) == 6
    assert len(blocks("python")) == 1


def test_files_are_as_the_page_writes_them():
    (activity,) = blocks("json")
    assert json.loads(activity)["schema"] == 1
    assert read_activity(activity).rate("Conv2", 1) is not None
    (profile,) = blocks("toml")
    assert tomllib.loads(profile)["name"] == read_profile(profile).name == "mine"


def test_python_runs():
    (code,) = blocks("python")
    exec(compile(code, "cost.md", "exec"), {})  # noqa: S102
