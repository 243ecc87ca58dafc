"""One row per (layer, application): shape, parameters and MACs, as exact integers.

Reads an unrolled graph with shapes. Parameters stand in the row of a layer's first application, so
that the column adds up to the trainable weights of the built network; ``unshared`` counts them for
every application. Pools, flattening and neurons have no row: Eqn (8) gives them no operations.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from snnc.analysis.fanout import contacts
from snnc.analysis.users import users_of
from snnc.ir.graph import Graph, Node
from snnc.ir.ids import NodeId, WeightId
from snnc.ir.ops import BatchNorm, Classify, Conv, Linear
from snnc.ir.program import PrintedLayer, Program
from snnc.ir.shape import Map, Shape, Vector

LayerKind = Literal["conv", "fc", "heads", "extra"]
HEADS = 2  # the retain and the posterior head of stochmax, bias-free


@dataclass(frozen=True)
class LayerRow:
    """A weighted layer's application, counted from 1 in execution order.

    ``parameters`` are the weights that this application brings, ``unshared`` those it would have by
    itself, both with biases and batch normalisation; ``macs`` per time-step; ``inputs`` is the number
    of values that it reads, ``contacts`` the MACs without those on
    padded zeros. ``printed`` is what the paper prints for the layer, where that differs.
    """

    node: NodeId
    layer: str
    application: int
    kind: LayerKind
    shape: Shape
    inputs: int
    parameters: int
    unshared: int
    macs: int
    contacts: int
    printed: PrintedLayer | None = None

    @property
    def label(self) -> str:
        """The layer's name as the graph writes it, ``Conv2@3``."""
        return f"{self.layer}@{self.application}" if self.node.application else self.layer


def layer_rows(program: Program) -> tuple[LayerRow, ...]:
    """Return the rows of an unrolled program, in execution order.

    Raises `ValueError` where a shape is not inferred yet: a compiler fault.
    """
    seen: set[WeightId] = set()
    printed = {layer.weight: layer for layer in program.printed}
    return tuple(_rows(program.graph, seen, printed))


def _rows(graph: Graph, seen: set[WeightId], printed: dict[WeightId, PrintedLayer]) -> Iterator[LayerRow]:
    users = users_of(graph)
    for node in graph:
        match node.op:
            case Conv() | Linear():
                weight = node.op.weight
                first = weight not in seen
                seen.add(weight)
                norm = _norm_parameters(users[node.id])
                read = inferred(graph.operands(node)[0])
                row = _layer_row(node, node.op, read, norm, first=first)
                yield replace(row, printed=printed.get(weight) if first else None)
            case Classify(head="stochmax"):
                yield _heads_row(node, node.op)
            case _:
                pass


def _layer_row(node: Node, layer: Conv | Linear, read: Shape, norm: int, *, first: bool) -> LayerRow:
    own = weights(layer)
    return LayerRow(
        node=node.id,
        layer=node.id.name,
        application=max(node.id.application, 1),
        kind="conv" if isinstance(layer, Conv) else "fc",
        shape=inferred(node),
        inputs=read.size,
        parameters=(own if first else 0) + norm,
        unshared=own + norm,
        macs=macs(layer, inferred(node)),
        contacts=contacts(layer, read),
    )


def _heads_row(node: Node, head: Classify) -> LayerRow:
    count = HEADS * head.features * head.classes
    return LayerRow(
        node.id,
        node.id.name,
        1,
        "heads",
        Vector(head.classes),
        head.features,
        count,
        count,
        macs=0,
        contacts=0,
    )


def inferred(node: Node) -> Shape:
    """Return a node's shape; raises `ValueError` where it is not inferred yet."""
    if node.shape is None:
        raise ValueError(f"{node.id} has no shape yet")
    return node.shape


def weights(layer: Conv | Linear) -> int:
    """The parameters of one weighted layer, its bias included."""
    match layer:
        case Conv(inputs=inputs, outputs=outputs, kernel=kernel, groups=groups, bias=bias):
            return outputs * (inputs // groups) * kernel**2 + outputs * bias
        case Linear(inputs=inputs, outputs=outputs, bias=bias):
            return inputs * outputs + outputs * bias


def macs(layer: Conv | Linear, shape: Shape) -> int:
    """Eqn (8), O^2 N k^2 M, with maps that need not be square; a fully connected layer has X Y.

    Padded zeros count, biases do not.
    """
    match layer:
        case Conv(inputs=inputs, kernel=kernel, groups=groups):
            return shape.size * (inputs // groups) * kernel**2
        case Linear(inputs=inputs, outputs=outputs):
            return inputs * outputs


def _norm_parameters(users: tuple[Node, ...]) -> int:
    """Scale and shift of the batch normalisation behind a layer: each application has its own."""
    return sum(2 * user.op.channels for user in users if isinstance(user.op, BatchNorm))


def map_or_vector(shape: Shape) -> list[int]:
    """A shape as the list of its sizes, ``[64, 32, 32]`` or ``[10]``."""
    return [shape.channels, shape.height, shape.width] if isinstance(shape, Map) else [shape.size]
