"""The shape of an operation's value, from the shapes of its operands.

Nothing is refused here: `passes.infer_shapes` has asked every question before it takes an answer.
"""

from __future__ import annotations

from typing import assert_never

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
    Op,
    Pool,
    Repeat,
)
from snnc.ir.shape import Map, Shape, Vector


def window_positions(size: int, kernel: int, stride: int, padding: int = 0, dilation: int = 1) -> int:
    """Return how many positions a sliding window has along one side; zero or less where it does not fit."""
    return (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def shape_of(op: Op, operands: tuple[Shape, ...]) -> Shape:
    """Return the shape of the value that ``op`` computes from values of these shapes.

    A `Carry`, a `Capture` and a `Repeat` take theirs from outside the operation: `ValueError`.
    """
    match op:
        case Input():
            return op.shape
        case Conv():
            return _conv(op, _map(operands[0]))
        case Pool():
            return _pool(op, _map(operands[0]))
        case Linear():
            return Vector(op.outputs)
        case Flatten():
            return Vector(operands[0].size)
        case Classify():
            return Vector(op.classes)
        case Join(mode="concat"):
            return _concat(operands)
        case Narrow():
            return _with_channels(operands[0], op.outputs)
        case Join() | BatchNorm() | Dropout() | Neuron() | Encode() | Integrate():
            return operands[0]
        case Carry() | Capture() | Repeat():
            raise ValueError(f"the shape of a {type(op).__name__} depends on the graph around it")
        case _:
            assert_never(op)


def _map(shape: Shape) -> Map:
    if not isinstance(shape, Map):
        raise TypeError(f"a map is needed, not a vector of {shape}")
    return shape


def _conv(op: Conv, image: Map) -> Map:
    sides = (
        window_positions(side, op.kernel, op.stride, op.padding, op.dilation)
        for side in (image.height, image.width)
    )
    return Map(op.outputs, *sides)


def _pool(op: Pool, image: Map) -> Map:
    if op.size == 0:
        return Map(image.channels, 1, 1)
    sides = (window_positions(side, op.size, op.stride) for side in (image.height, image.width))
    return Map(image.channels, *sides)


def _with_channels(shape: Shape, channels: int) -> Shape:
    return Map(channels, shape.height, shape.width) if isinstance(shape, Map) else Vector(channels)


def _concat(operands: tuple[Shape, ...]) -> Shape:
    return _with_channels(operands[0], sum(operand.channels for operand in operands))


def shape_if_fits(op: Op, operands: tuple[Shape | None, ...]) -> Shape | None:
    """Return the shape, or None where an operand's is unknown or the operation cannot take it."""
    known = tuple(operand for operand in operands if operand is not None)
    if len(known) < len(operands) or isinstance(op, Carry | Capture | Repeat):
        return None
    if isinstance(op, Conv | Pool) and not isinstance(known[0], Map):
        return None
    shape = shape_of(op, known)
    fits = not isinstance(shape, Map) or min(shape.height, shape.width) > 0
    return shape if fits else None
