"""What a command does not do: import torch, dawdle, depend on where and when it runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "numpy", "jinja2")


def imported(shell, code: str) -> set[str]:
    """Return the names of the modules that are there after some code, or after a command of it."""
    program = f"import sys\ntry:\n    {code}\nfinally:\n    print(*sys.modules, file=sys.__stderr__)"
    answer = subprocess.run(
        [sys.executable, "-c", program], env=shell.environment(), capture_output=True, text=True, check=True
    )
    return set(answer.stderr.split())


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "vgg11x2"],
        ["compile", "vgg11x2"],
        ["compile", "vgg11x2", "--standalone"],
        ["compile", "vgg11x2", "--dump", "all"],
        ["format", "vgg11x2"],
        ["graph", "vgg11x2", "-o", "x.dot"],
        ["cost", "vgg11x2"],
        ["specs"],
        ["explain", "fan-in"],
    ],
    ids=" ".join,
)
def test_a_command_comes_without_torch(shell, arguments: list[str]):
    found = imported(shell, f"from snnc.cli.main import run; assert run({arguments}) == 0")
    assert "snnc.cli.app" in found
    assert found.isdisjoint(HEAVY)


def test_the_package_comes_without_its_stages(shell):
    found = imported(shell, "import snnc; assert snnc.__version__")
    assert {name for name in found if name.startswith("snnc")} == {"snnc"}
    assert found.isdisjoint({"torch", "pydantic", "lark", "networkx", "typer"})


def test_a_question_about_snnc_itself_imports_no_stage(shell):
    for arguments in (["--version"], ["--help"], ["check", "--help"]):
        found = imported(shell, f"from snnc.cli.main import run; assert run({arguments}) == 0")
        assert found.isdisjoint({"lark", "networkx", "rich", "snnc.driver", *HEAVY})


def test_the_names_of_the_package():
    import snnc
    from snnc import CompileError, Net, load, loads

    net = loads("input 3x8x8\nInput - FC1(192,10)\n", "tiny.spec")
    assert isinstance(net, Net)
    assert load("vgg5").name == "VGG5"
    assert {"load", "loads", "Net", "CompileError", "__version__"} <= set(dir(snnc))
    with pytest.raises(CompileError, match="fan-in"):
        loads("input 3x8x8\nInput - FC1(191,10)\n")
    with pytest.raises(AttributeError, match="no attribute 'lode'"):
        snnc.lode  # noqa: B018


@pytest.mark.parametrize("command", [["check"], ["compile"]])
def test_an_answer_takes_no_time(shell, command: list[str]):
    """Time of the processor, thrice that of an idle machine: what is caught is an import too many."""
    assert shell(*command, "vgg11x2").status == 0  # warm
    assert min(_seconds(shell, *command, "vgg11x2") for _ in range(3)) < 1.5


def _seconds(shell, *arguments: str) -> float:
    start = os.times()
    assert shell(*arguments).status == 0
    end = os.times()
    return end.children_user - start.children_user + end.children_system - start.children_system


def test_files_depend_on_the_spec_alone(shell, tmp_path, monkeypatch):
    """Two folders, three hash seeds, two ways to write the path: the same bytes, and no path in them."""
    made = []
    for number, seed in enumerate(("0", "1", "random")):
        folder = tmp_path / f"run{number}"
        folder.mkdir()
        monkeypatch.chdir(folder)
        specs = [str(ROOT / "specs" / f"{name}.spec") for name in ("vgg11x2", "vgg8x2")]
        specs.append("resnet2x2_convnn")
        assert shell("compile", *specs, "-o", "out", PYTHONHASHSEED=seed).status == 0
        made.append({path.name: path.read_bytes() for path in (folder / "out").iterdir()})
    assert made[0] == made[1] == made[2]
    assert len(made[0]) == 9
    for content in made[0].values():
        assert str(tmp_path).encode() not in content
        assert str(ROOT).encode() not in content
        assert b"specs/" not in content
