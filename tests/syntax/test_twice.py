"""What is given twice is refused at the second place, whatever it is."""

from __future__ import annotations

import pytest

from snnc.diagnostics import CompileError
from snnc.driver import loads


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("Input - Conv1(3,8,3x3/1), LIF(leak=0.9, leak=0.8) - FC1(512,10)", 41),
        ("Input - Conv1(3,8,3x3/1, pad=1, pad=0) - FC1(512,10)", 33),
        ("neuron ReLU|LIF(reset=zero, reset=none)\nInput - Conv1(3,8,3x3/1) - FC1(512,10)", 29),
    ],
)
def test_an_option_or_constant_given_twice(text: str, column: int) -> None:
    with pytest.raises(CompileError) as caught:
        loads(f"input 3x8x8\n{text}\n")
    (one,) = caught.value.diagnostics
    assert (one.code, one.span.line, one.span.column) == ("given-twice", 2, column)
