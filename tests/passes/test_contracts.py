"""The pipeline does not take a pass's word for anything."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import pytest

from snnc.diagnostics import Reporter
from snnc.driver import loads
from snnc.ir.facts import Fact
from snnc.ir.graph import Graph
from snnc.passes.infer_shapes import InferShapes
from snnc.passes.pipeline import ContractError, Pipeline
from snnc.passes.resolve_skips import ResolveSkips
from snnc.passes.unroll_backres import UnrollBackRes

TEXT = "input 1x4x4\nInput - Conv1(1,2,3x3/1) - Conv2(2,2,3x3/1) repeated 2 times - FC1(32,2)\n"


@dataclass(frozen=True)
class _Idle:
    """Claims to unroll and does nothing."""

    name: ClassVar[str] = "idle"
    needs: ClassVar[frozenset[Fact]] = frozenset()
    gives: ClassVar[frozenset[Fact]] = frozenset({Fact.UNROLLED})
    breaks: ClassVar[frozenset[Fact]] = frozenset()
    asks: ClassVar[bool] = False

    def __call__(self, graph: Graph, report: Reporter) -> Graph:
        return graph


@dataclass(frozen=True)
class _Clumsy(_Idle):
    """Says nothing of shapes and loses them."""

    gives: ClassVar[frozenset[Fact]] = frozenset()

    def __call__(self, graph: Graph, report: Reporter) -> Graph:
        return graph.rewrite(lambda node, _: (replace(node, shape=None),))


def test_a_wrong_order_is_refused_when_the_pipeline_is_built() -> None:
    with pytest.raises(ContractError, match="infer-shapes needs skips-resolved"):
        Pipeline((InferShapes(), ResolveSkips()))


def test_a_pass_that_does_not_give_what_it_says_is_caught() -> None:
    with pytest.raises(ContractError, match="after idle"):
        Pipeline((_Idle(),)).run(loads(TEXT).graph)


def test_a_pass_that_breaks_what_it_does_not_say_is_caught() -> None:
    steps = (ResolveSkips(), InferShapes(), _Clumsy())
    with pytest.raises(ContractError, match="has no shape"):
        Pipeline(steps).run(loads(TEXT).graph)


def test_a_fact_that_a_pass_breaks_cannot_be_relied_on() -> None:
    with pytest.raises(ContractError, match="needs shaped"):
        Pipeline((ResolveSkips(), InferShapes(), ResolveSkips(), UnrollBackRes()))
