"""The checks find what is broken on purpose: shapes, edges, sharing, counts, time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from snnc.analysis.checks import violations
from snnc.driver import loads
from snnc.ir.facts import Fact
from snnc.ir.graph import Graph, Node
from snnc.ir.ids import NodeId, StateId
from snnc.ir.ops import Conv, Encode, Identity, Integrate, Join, Op, Pool, Relu, Repeat
from snnc.ir.program import Target
from snnc.ir.shape import Map

TEXT = """
input 2x8x8
encode poisson
Input - Conv1(2,4,3x3/1) - Conv2(4,4,3x3/1) repeated 2 times - Pool(2x2/2) - FC1(128,3)
Skip Conv1-to-FC1 concat
"""
FOLDED = frozenset(Fact) - {Fact.UNROLLED}
UNROLLED = frozenset(Fact)


def broken(graph: Graph, name: str, change: Callable[[Node], Node]) -> Graph:
    target = str(name)
    assert any(str(node.id) == target for node in graph)
    return Graph(change(node) if str(node.id) == target else node for node in graph)


def op(**fields: object) -> Callable[[Node], Node]:
    return lambda node: replace(node, op=replace(node.op, **fields))


UNPOOLED = (NodeId("Pool1"), NodeId("Conv1.neuron"))

CORRUPTIONS: dict[str, tuple[str, Callable[[Node], Node]]] = {
    "a shape": ("Conv1", lambda node: replace(node, shape=Map(4, 7, 8))),
    "no shape": ("Pool1", lambda node: replace(node, shape=None)),
    "fan-in": ("Conv1", op(inputs=3)),
    "an edge": ("FC1", lambda node: replace(node, operands=(NodeId("Pool1"),))),
    "an edge to another size": ("FC1.join", lambda node: replace(node, operands=UNPOOLED)),
    "too few operands": ("Conv1", lambda node: replace(node, operands=())),
    "lost sharing": ("Conv2@2", op(kernel=1, padding=0)),
    "shared state": ("Conv2.neuron@2", op(state=StateId("Conv2", 1))),
    "an unresolved join": ("FC1.join", lambda node: replace(node, op=Join("infer"))),
    "no twin": ("Conv1.neuron", op(unit=Identity())),
    "a ReLU on a train": ("Conv2.neuron@1", op(unit=Relu())),
    "a lost Encode": ("Input.encoded", lambda node: replace(node, op=Pool("average", 1, 1))),
    "an Encode on a train": ("Pool1", lambda node: replace(node, op=Encode("hold"))),
    "an early Integrate": ("Pool1", lambda node: replace(node, op=Integrate())),
}  # fmt: skip


def test_a_sound_graph_has_no_violations() -> None:
    twin = loads(TEXT).twin(Target.SNN)
    assert not list(violations(twin.folded.graph, FOLDED))
    assert not list(violations(twin.unrolled.graph, UNROLLED))


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_corruption_is_found(name: str) -> None:
    graph = loads(TEXT).twin(Target.SNN).unrolled.graph
    found = list(violations(broken(graph, *CORRUPTIONS[name]), UNROLLED))
    assert found


def test_groups_that_cannot_run_are_found() -> None:
    graph = loads(TEXT).twin(Target.SNN).folded.graph
    group = next(node for node in graph if isinstance(node.op, Repeat))
    body: Op = group.op
    assert isinstance(body, Repeat)
    for wrong in (replace(body, times=0), replace(body, body=_wider(body.body))):
        changed = Graph(replace(node, op=wrong) if node.id == group.id else node for node in graph)
        assert list(violations(changed, FOLDED))


def _wider(graph: Graph) -> Graph:
    return Graph(
        replace(node, op=replace(node.op, outputs=5)) if isinstance(node.op, Conv) else node for node in graph
    )
