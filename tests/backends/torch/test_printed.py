"""What the printed modules look like. Read the golden files: this is what users read."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from renamed import renamed

from snnc.backends.torch.printer import print_module
from snnc.driver import load, loads
from snnc.ir.program import Program, Target

CASES = "../../cases/torch"
SHIPPED = ("vgg5", "vgg3x2_agd", "vgg11x2", "resnet2x2", "vgg8x2", "vgg13", "resnet3_convnn")
ALL = sorted(path.stem for path in (Path(__file__).parents[3] / "specs").glob("*.spec"))
RUFF = (sys.executable, "-m", "ruff")

PARTS = """
network Parts
input 3x16x16
neuron ReLU|LIF
encode direct
timesteps 12

Input - Conv1(3,8,3x3/1), ReLU
 - [Conv2(8,16,3x3/1) - BN - Dropout(0.2)] repeated 3 times keep top
 - MaxPool(3x3/2) - Conv3(16,16,3x3/1, groups=4, dilation=2, pad=2, bias) - BN
 - [Conv4(16,16,1x1/1), ReLU|IF(threshold=0.5, reset=zero)
    - [Conv5(16,16,3x3/1)] repeated 2 times - Conv6(16,16,1x1/1)] repeated 2 times
 - Conv7(32,16,3x3/1) - LIF(leak=0.9, threshold=2, reset=none, refractory=3)
 - GlobalPool - FC1(16,10)

Skip Conv3-to-Conv7, Conv4-to-Conv6 add
classify stochmax
"""


@pytest.mark.parametrize("target", Target)
@pytest.mark.parametrize("name", SHIPPED)
def test_the_module_of_a_paper_network(name: str, target: Target, golden) -> None:
    golden(load(name).source(target), f"{CASES}/{name}_{target}.py")


@pytest.mark.parametrize("target", Target)
def test_the_module_with_every_part(target: Target, golden) -> None:
    golden(loads(PARTS).source(target), f"{CASES}/parts_{target}.py")


@pytest.fixture(scope="module")
def printed(tmp_path_factory) -> Path:
    """Every shipped network's modules, and some with long names, in one folder."""
    folder = tmp_path_factory.mktemp("printed")
    nets = {name: load(name) for name in ALL} | {"parts": loads(PARTS)}
    for name, target, standalone in product(nets, Target, (False, True)):
        source = nets[name].source(target, standalone=standalone)
        (folder / f"{name}_{target}_{standalone}.py").write_text(source)
    for target, length in product(Target, (20, 40)):
        source = print_module(with_long_names(nets["parts"].twin(target).folded, length))
        (folder / f"long_{target}_{length}.py").write_text(source)
    return folder


def with_long_names(program: Program, length: int) -> Program:
    """As a block's layers may be named: the block's name, 64 characters at most, before their own."""
    block = f"{'Block' * 13:.{length}}"
    for layer in (*(f"Conv{number}" for number in range(1, 8)), "FC1"):
        program = renamed(program, layer, f"{block}_{layer}")
    return replace(program, name="N" * length)


def test_ruff_finds_nothing_to_format(printed: Path) -> None:
    assert len(list(printed.iterdir())) == 4 * (len(ALL) + 1) + 4
    done = run([*RUFF, "format", "--no-cache", "--check", "--isolated", "--line-length", "110", "."], printed)
    assert done.returncode == 0, done.stdout


def test_ruff_finds_nothing_to_say(printed: Path) -> None:
    rules = ["--select", "E4,E7,E9,F,I,W,B,UP,C4,PIE,RET,SIM", "--target-version", "py311"]
    done = run([*RUFF, "check", "--no-cache", "--isolated", "--line-length", "110", *rules, "."], printed)
    assert done.returncode == 0, done.stdout


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_every_line_is_short_but_comments_with_long_names(printed: Path) -> None:
    for path in printed.glob("*.py"):
        lines = [
            line for line in path.read_text().splitlines() if "long" not in path.name or "# " not in line
        ]
        assert max(map(len, lines)) <= 110, path.name


def test_imports_are_only_those_that_are_used() -> None:
    source = loads("input 3x8x8\nInput - FC1(192,4)\n", "plain.spec").source(Target.ANN)
    assert [line for line in source.splitlines() if "import" in line] == [
        "from snnc.nn import kaiming",
        "from torch import Tensor, nn",
    ]


def test_the_same_program_gives_the_same_bytes_whatever_the_hash_seed() -> None:
    code = "from snnc.driver import *; print(load('resnet3_convnn').source(Target.SNN, standalone=True))"
    seeds = ("0", "1", "2")
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in seeds
    }
    assert len(outputs) == 1
    assert len(outputs.pop()) > 10_000


def test_printing_needs_no_torch() -> None:
    code = (
        "import sys; from snnc.driver import *; load('vgg5').source(Target.SNN, standalone=True);"
        "assert not any(name.partition('.')[0] in ('torch', 'numpy') for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_no_text_of_the_spec_gets_in_but_names() -> None:
    said = "open('/etc/passwd')"
    text = f"""
    # {said}
    network Quiet
    input 3x8x8
    printed FC1(7,7) "{said}"
    Input - FC1(192,4) - FC2(4,2)  # {said}
    """
    for target in Target:
        source = loads(text).source(target, standalone=True)
        assert "passwd" not in source
        assert "Quiet" in source


def test_a_loop_stays_a_loop_however_often_it_runs() -> None:
    once = "input 2x4x4\nInput - Conv1(2,2,3x3/1) - [Conv2(2,2,3x3/1)] repeated {0} times - FC1(32,2)\n"
    lengths = {len(loads(once.format(count)).source(Target.SNN).splitlines()) for count in (3, 2000)}
    assert len(lengths) == 1


def test_two_thousand_different_layers_print() -> None:
    layers = " - ".join(f"Conv{number}(2,2,1x1/1)" for number in range(2000))
    source = loads(f"input 2x2x2\nInput - {layers} - FC1(8,2)\n").source(Target.SNN)
    assert source.count("_lif(over_time(self.Conv") == 2000
    ast.parse(source)
