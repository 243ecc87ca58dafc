"""A graph as text: one line per node, stable, made to be read and compared.

Conv2@2 = conv Conv2 64->64 3x3/1 pad 1 (Conv2.neuron@1) : 64x32x32
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from snnc.ir.graph import Graph, Node
from snnc.ir.ops import (
    BatchNorm,
    Capture,
    Carry,
    Classify,
    Conv,
    Dropout,
    Encode,
    Flatten,
    Identity,
    Input,
    Integrate,
    Join,
    Linear,
    Narrow,
    Neuron,
    Op,
    Pool,
    Relu,
    Repeat,
    Spiking,
    Twin,
    Unit,
)


def graph_text(graph: Graph) -> str:
    """Return a graph's text; a group's body is indented below it."""
    return "".join(f"{line}\n" for line in _lines(graph, ""))


def _lines(graph: Graph, indent: str) -> Iterator[str]:
    for node in graph:
        yield f"{indent}{_line(node)}"
        if isinstance(node.op, Repeat):
            yield from _lines(node.op.body, indent + "  ")


def _line(node: Node) -> str:
    operands = f" ({', '.join(map(str, node.operands))})" if node.operands else ""
    shape = f" : {node.shape}" if node.shape is not None else ""
    return f"{node.id} = {op_text(node.op)}{operands}{shape}"


def op_text(op: Op) -> str:
    """Return an operation in a few words."""
    match op:
        case Input():
            return f"input {op.shape}"
        case Conv():
            return _conv(op)
        case Linear():
            return f"linear {op.weight} {op.inputs}->{op.outputs}{' bias' if op.bias else ''}"
        case Pool():
            return f"{op.mode}-pool {op.size}x{op.size}/{op.stride}" if op.size else f"{op.mode}-pool whole"
        case Flatten() | Integrate() | Carry():
            return type(op).__name__.lower()
        case BatchNorm():
            return f"batch-norm {op.weight} {op.channels}"
        case Dropout():
            return f"dropout {op.probability}"
        case Neuron():
            return f"neuron {op.state} {_neuron(op.unit)}"
        case Join():
            return f"join {op.mode}"
        case Narrow():
            return f"narrow {op.keep} {op.inputs}->{op.outputs}"
        case Repeat():
            narrow = f" {op_text(op.narrow)}" if op.narrow else ""
            return f"repeat {op.times}{narrow}"
        case Capture():
            return f"capture {op.index}"
        case Encode():
            return f"encode {op.coding}"
        case Classify():
            return f"classify {op.head} {op.features}->{op.classes}"
        case _:
            assert_never(op)


def _conv(op: Conv) -> str:
    text = f"conv {op.weight} {op.inputs}->{op.outputs} {op.kernel}x{op.kernel}/{op.stride} pad {op.padding}"
    text += f" groups {op.groups}" if op.groups > 1 else ""
    text += f" dilation {op.dilation}" if op.dilation > 1 else ""
    return text + (" bias" if op.bias else "")


def _neuron(unit: Unit | Twin) -> str:
    match unit:
        case Twin():
            return f"{_neuron(unit.ann)}|{_neuron(unit.snn)}"
        case Relu():
            return "relu"
        case Identity():
            return "identity"
        case Spiking():
            refractory = f" refractory {unit.refractory}" if unit.refractory else ""
            return f"lif leak {unit.leak} threshold {unit.threshold} reset {unit.reset}{refractory}"
        case _:
            assert_never(unit)
