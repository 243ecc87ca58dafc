"""Which values change over time.

An edge carries a *static* value, the same at every time-step, or a *train*, one value per step.
In an untimed graph this says what split_time will make of it; in a timed one, what is so.
"""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never

from snnc.ir.graph import Graph, Node
from snnc.ir.ids import NodeId
from snnc.ir.ops import (
    BatchNorm,
    Capture,
    Carry,
    Classify,
    Conv,
    Dropout,
    Encode,
    Flatten,
    Input,
    Integrate,
    Join,
    Linear,
    Narrow,
    Neuron,
    Pool,
    Relu,
    Repeat,
    Spiking,
)


class Time(StrEnum):
    """Whether a value changes over the time-steps."""

    STATIC = "static"
    TRAIN = "train"


def times(
    graph: Graph,
    image: Time = Time.STATIC,
    carry: Time = Time.STATIC,
    captures: tuple[Time, ...] = (),
) -> dict[NodeId, Time]:
    """Return the time of every node's value.

    ``image`` is that of the `Input`: a train in an untimed graph whose coding is Poisson. ``carry``
    and ``captures`` are those of the values that a body takes from outside.
    """
    found: dict[NodeId, Time] = {}
    for node in graph:
        operands = tuple(found[operand] for operand in node.operands)
        found[node.id] = _time(node, operands, image, carry, captures)
    return found


def body_time(node: Node, operands: tuple[Time, ...]) -> Time:
    """Return the time of what one step of a group makes of these operands."""
    if not isinstance(node.op, Repeat):
        raise TypeError(f"{node.id} is no group")
    body = node.op.body
    return times(body, carry=operands[0], captures=operands[1:])[body.output.id]


def misfit(node: Node, operands: tuple[Time, ...], wanted: Time) -> bool:
    """Whether a group's first step takes a value of another time than its later steps do.

    ``wanted`` is what the group's users want of it. A train that the block only wants the mean of is
    integrated in front of it, which leaves no misfit.
    """
    if not isinstance(node.op, Repeat) or operands[0] is body_time(node, operands):
        return False
    body = node.op.body
    return operands[0] is Time.STATIC or body_demands(body, wanted)[carry_of(body)] is Time.TRAIN


def _time(
    node: Node, operands: tuple[Time, ...], image: Time, carry: Time, captures: tuple[Time, ...]
) -> Time:
    match node.op:
        case Input():
            return image
        case Carry():
            return carry
        case Capture(index=index):
            return captures[index]
        case Encode() | Neuron(unit=Spiking()):
            return Time.TRAIN
        case Integrate() | Classify() | Neuron(unit=Relu()):
            return Time.STATIC
        case Repeat():
            return body_time(node, operands)
        case Conv() | Linear() | Pool() | Flatten() | BatchNorm() | Dropout() | Neuron() | Join() | Narrow():
            return Time.TRAIN if Time.TRAIN in operands else Time.STATIC
        case _:
            assert_never(node.op)


def demands(graph: Graph, output: Time) -> dict[NodeId, Time]:
    """Return for every node the time that its users want its value to be of; trains win."""
    wanted: dict[NodeId, Time] = {graph.output.id: output}
    for node in reversed(tuple(graph)):
        demanded = _operand_demands(node, wanted.get(node.id, Time.STATIC))
        for operand, time in zip(node.operands, demanded, strict=True):
            if wanted.get(operand) is not Time.TRAIN:
                wanted[operand] = time
    return wanted


def body_demands(body: Graph, wanted: Time) -> dict[NodeId, Time]:
    """Return the demands inside a group of which its users want ``wanted``.

    What a step hands on goes round as well: it stays a train where one reaches it, or where the next
    step wants one, and is integrated behind the group.
    """
    if wanted is Time.TRAIN or _hands_on(body) is Time.TRAIN:
        return demands(body, Time.TRAIN)
    found = demands(body, Time.STATIC)
    return demands(body, Time.TRAIN) if found[carry_of(body)] is Time.TRAIN else found


def demand(node: Node, wanted: Time) -> Time:
    """Return what a node wants its first operand to be, from what its users want of it."""
    match node.op:
        case Neuron(unit=Spiking()):
            return Time.TRAIN
        case Neuron(unit=Relu()) | Classify():
            return Time.STATIC
        case Repeat(body=body):
            inside = body_demands(body, wanted)[carry_of(body)]
            return inside if inside is Time.TRAIN else _hands_on(body)
        case (
            Input() | Conv() | Linear() | Pool() | Flatten() | BatchNorm() | Dropout() | Neuron()
            | Join() | Narrow() | Carry() | Capture() | Encode() | Integrate()
        ):  # fmt: skip
            return wanted
        case _:
            assert_never(node.op)


def _operand_demands(node: Node, wanted: Time) -> tuple[Time, ...]:
    """Return what a node wants each of its operands to be; a group asks for its captures one by one."""
    first = demand(node, wanted)
    if not isinstance(node.op, Repeat):
        return (first,) * len(node.operands)
    inside = body_demands(node.op.body, wanted)
    asked = {one.op.index: inside[one.id] for one in node.op.body if isinstance(one.op, Capture)}
    return (first, *(asked.get(index, Time.STATIC) for index in range(len(node.operands) - 1)))


def _hands_on(body: Graph) -> Time:
    """Return the time of a step's output where its carry is static and its captures may be trains."""
    captured = max((node.op.index + 1 for node in body if isinstance(node.op, Capture)), default=0)
    return times(body, captures=(Time.TRAIN,) * captured)[body.output.id]


def carry_of(body: Graph) -> NodeId:
    """Return the node of a body that goes round."""
    return next(node.id for node in body if isinstance(node.op, Carry))
