"""The graph: order, uniqueness, rewriting."""

from __future__ import annotations

from dataclasses import replace

import pytest

from snnc.ir.graph import Graph, Node, Origin
from snnc.ir.ids import NodeId
from snnc.ir.ops import Conv, Flatten, Input, Pool
from snnc.ir.shape import Map
from snnc.source import Source

ORIGIN = Origin(Source("test", "").span())
IMAGE = Node(NodeId("Input"), Input(Map(1, 4, 4)), (), origin=ORIGIN)
POOL = Node(NodeId("Pool1"), Pool("average", 2, 2), (IMAGE.id,), origin=ORIGIN)
FLAT = Node(NodeId("Flat"), Flatten(), (POOL.id,), origin=ORIGIN)
GRAPH = Graph([IMAGE, POOL, FLAT])


def test_nodes_keep_their_order_and_the_last_is_the_output() -> None:
    assert list(GRAPH) == [IMAGE, POOL, FLAT]
    assert GRAPH.output == FLAT
    assert GRAPH.users(IMAGE) == (POOL,)
    assert GRAPH.operands(FLAT) == (POOL,)


def test_a_name_can_be_taken_once() -> None:
    with pytest.raises(ValueError, match="two nodes are named Input"):
        Graph([IMAGE, IMAGE])


def test_an_operand_stands_before_its_user() -> None:
    with pytest.raises(ValueError, match="Pool1 uses Input before it is defined"):
        Graph([POOL, IMAGE])


def test_a_graph_has_a_node() -> None:
    with pytest.raises(ValueError, match="needs a node"):
        Graph([])


def test_rewriting_leaves_the_old_graph_alone_and_renames_operands() -> None:
    def rule(node: Node, operands: tuple[Node, ...]) -> tuple[Node, ...]:
        return (replace(node, id=NodeId(f"{node.id}x")),)

    new = GRAPH.rewrite(rule)
    assert [str(node.id) for node in new] == ["Inputx", "Pool1x", "Flatx"]
    assert new.output.operands == (NodeId("Pool1x"),)
    assert GRAPH.output == FLAT


def test_no_node_at_all_lets_the_operand_stand_for_it() -> None:
    new = GRAPH.rewrite(lambda node, _: () if isinstance(node.op, Pool) else (node,))
    assert new.output.operands == (IMAGE.id,)


def test_what_the_output_no_longer_needs_is_left_out() -> None:
    new = GRAPH.rewrite(lambda node, _: (replace(node, operands=(IMAGE.id,)),) if node == FLAT else (node,))
    assert [node.id for node in new] == [IMAGE.id, FLAT.id]


def test_several_nodes_can_take_the_place_of_one() -> None:
    extra = replace(POOL, id=NodeId("More"))

    def rule(node: Node, _operands: tuple[Node, ...]) -> tuple[Node, ...]:
        return (node, replace(extra, operands=(node.id,))) if node.id == POOL.id else (node,)

    new = GRAPH.rewrite(rule)
    assert new.output.operands == (extra.id,)


def test_graphs_are_equal_when_their_nodes_are() -> None:
    assert Graph([IMAGE, POOL, FLAT]) == GRAPH
    assert Graph([IMAGE, POOL]) != GRAPH
    wide = replace(POOL, op=Conv("Conv1", 1, 2, 3, 1, 1))  # type: ignore[arg-type]  # any text names a weight
    assert Graph([IMAGE, wide, FLAT]) != GRAPH
