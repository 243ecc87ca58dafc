"""The graph after each stage, as text: what the passes do, in the open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from snnc.driver import loads
from snnc.ir.program import Target
from snnc.ir.text import graph_text

CASES = sorted((Path(__file__).parent / "cases").glob("*.spec"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
@pytest.mark.parametrize("target", list(Target))
def test_folded_and_unrolled(case: Path, target: Target, golden: Callable[[str, Path], None]) -> None:
    twin = loads(case.read_text()).twin(target)
    text = f"# folded\n{graph_text(twin.folded.graph)}\n# unrolled\n{graph_text(twin.unrolled.graph)}"
    golden(text, case.with_suffix(f".{target}.txt"))


def test_every_dump_is_there() -> None:
    dumps = loads(CASES[0].read_text()).dumps(Target.SNN)
    assert list(dumps) == [
        "lower",
        "choose-twin",
        "resolve-skips",
        "infer-shapes",
        "peel",
        "split-time",
        "unroll-backres",
    ]
