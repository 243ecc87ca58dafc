"""What arrives at a block has the shape that its spec was written for, whatever it begins with."""

from __future__ import annotations

from pathlib import Path

import pytest

from snnc.diagnostics import CompileError
from snnc.driver import load

BEGINNINGS = {
    "conv": "Conv1(8,8,3x3/1) - FC1(2048,10)",
    "fc": "FC1(2048,10)",
    "pool": "Pool(2x2/2) - MaxPool(2x2/2) - FC1(128,10)",
    "global": "GlobalPool - FC1(8,10)",
    "group": "[Conv1(8,8,3x3/1)] repeated 2 times - FC1(2048,10)",
}


def codes(folder: Path, chain: str, beginning: str) -> list[str]:
    (folder / "block.spec").write_text(f"input 8x16x16\nInput - {BEGINNINGS[beginning]}\n")
    (folder / "net.spec").write_text(f'input 3x32x32\nInput - {chain}\nuse "block.spec" as Block\n')
    try:
        load(folder / "net.spec")
    except CompileError as error:
        return [one.code for one in error.diagnostics]
    return []


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_the_right_shape_enters(tmp_path: Path, beginning: str):
    assert codes(tmp_path, "Conv1(3,8,3x3/1) - Pool(2x2/2)", beginning) == []
    assert (
        codes(tmp_path, "Pool(2x2/2) - [Conv1(3,3,3x3/1)] repeated 2 times - Conv2(3,8,3x3/1)", beginning)
        == []
    )


@pytest.mark.parametrize("beginning", BEGINNINGS)
@pytest.mark.parametrize("chain", ["Conv1(3,8,3x3/1)", "Conv1(3,4,3x3/1) - Pool(2x2/2)"])
def test_another_does_not(tmp_path: Path, beginning: str, chain: str):
    assert "block-input" in codes(tmp_path, chain, beginning)
