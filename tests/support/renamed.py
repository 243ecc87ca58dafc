"""Rename a layer of a program, whatever the new name is: the front end would not let it through."""

from __future__ import annotations

from dataclasses import replace

from snnc.ir.graph import Graph, Node
from snnc.ir.ids import NodeId, StateId, WeightId
from snnc.ir.ops import Conv, Linear, Neuron, Op, Repeat
from snnc.ir.program import Program


def renamed(program: Program, old: str, new: str) -> Program:
    """Return the program with a layer, and all that is named after it, named otherwise."""
    return replace(program, graph=_graph(program.graph, old, new))


def _graph(graph: Graph, old: str, new: str) -> Graph:
    def name(node: NodeId) -> NodeId:
        parts = (new if part == old else part for part in node.name.split("."))
        return NodeId(".".join(parts), node.application)

    def rename(node: Node) -> Node:
        operands = tuple(name(operand) for operand in node.operands)
        return replace(node, id=name(node.id), op=_op(node.op, old, new), operands=operands)

    return Graph(rename(node) for node in graph)


def _op(op: Op, old: str, new: str) -> Op:
    match op:
        case Conv(weight=weight) | Linear(weight=weight) if weight == old:
            return replace(op, weight=WeightId(new))
        case Neuron(state=state) if state.name == old:
            return replace(op, state=StateId(new, state.application))
        case Repeat(body=body):
            return replace(op, body=_graph(body, old, new))
        case _:
            return op
