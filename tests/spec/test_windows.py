"""A window is square, and says so where it is not."""

from __future__ import annotations

import pytest

from snnc.diagnostics import CompileError
from snnc.driver import loads


@pytest.mark.parametrize(
    ("chain", "found", "mended"),
    [
        ("Conv1(3,8,3x4/1) - FC1(512,10)", "4", "3"),
        ("Conv1(3,8,5x3/1) - FC1(512,10)", "3", "5"),
        ("Conv1(3,8,3x3/1) - Pool(2x3/2) - FC1(128,10)", "3", "2"),
        ("Conv1(3,8,40963x3/1), ReLU - FC1(512,10)", "3", "40963"),
    ],
)
def test_other_sides_are_one_mistake_at_the_second(chain: str, found: str, mended: str) -> None:
    with pytest.raises(CompileError) as caught:
        loads(f"input 3x8x8\nInput - {chain}\n")
    (one,) = caught.value.diagnostics
    assert (one.code, one.span.text, one.fix().replacement) == ("window-not-square", found, mended)


def test_a_huge_kernel_keeps_its_layer() -> None:
    net = loads("input 3x8x8\nInput - Conv1(3,8,30001x30001/1), ReLU - FC1(512,10)\n")
    assert "Conv1" in net.summary()
