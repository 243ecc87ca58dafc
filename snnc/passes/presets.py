"""The pipelines that the driver runs: to the folded, timed graph, and from there to the unrolled one."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from snnc.analysis.timing import Time
from snnc.ir.ids import NodeId
from snnc.ir.program import Target
from snnc.passes.choose_twin import ChooseTwin
from snnc.passes.infer_shapes import BlockEntry, InferShapes
from snnc.passes.peel import Peel
from snnc.passes.pipeline import Pipeline
from snnc.passes.resolve_skips import ResolveSkips
from snnc.passes.split_time import SplitTime
from snnc.passes.unroll_backres import UnrollBackRes

Coding = Literal["poisson", "direct"]
NO_ENTRIES: Mapping[NodeId, BlockEntry] = MappingProxyType({})


def folding(target: Target, coding: Coding, entries: Mapping[NodeId, BlockEntry] = NO_ENTRIES) -> Pipeline:
    """Return the passes from a lowered graph to one twin's folded, timed graph, which is printed.

    The ANN twin sees the image itself, whatever the coding. ``entries`` are the blocks of ``use`` clauses.
    """
    coded = coding if target is Target.SNN else "direct"
    image = Time.TRAIN if coded == "poisson" else Time.STATIC
    return Pipeline((ChooseTwin(target), ResolveSkips(), InferShapes(entries), Peel(image), SplitTime(coded)))


def unrolling(target: Target, coding: Coding) -> Pipeline:
    """Return the pass from there to the unrolled graph, which is counted and drawn."""
    return Pipeline((UnrollBackRes(),), known=folding(target, coding).gives)
