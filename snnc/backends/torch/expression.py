"""One expression per operation: what a node computes from the source texts of its operands.

Dimensions are counted from the right, so that a line reads the same for a static value ``[B, ...]``
and for a train ``[T, B, ...]``.
"""

from __future__ import annotations

from typing import assert_never

from snnc.backends.torch.constants import call, whole
from snnc.backends.torch.declare import narrow_attribute
from snnc.backends.torch.names import layer_attribute, pool_attribute
from snnc.ir.graph import Node
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
    Pool,
    Relu,
    Repeat,
    Spiking,
    Twin,
    Unit,
)
from snnc.ir.shape import Map, Shape


def expression(node: Node, operands: tuple[str, ...], *, train: bool, own: str) -> str:
    """Return the source of a node's value.

    ``train`` says whether it is applied to a train, ``own`` how to get at the module that this
    application does not share with every other, if it has one. Raises `ValueError` for what no
    finished graph holds.
    """
    x = operands[0] if operands else ""
    match node.op:
        case Conv(weight=weight) | Linear(weight=weight):
            return _at_every_step(f"self.{layer_attribute(weight)}", x, train=train)
        case BatchNorm():
            return _at_every_step(own, x, train=train)
        case Pool():
            return _at_every_step(f"self.{pool_attribute(node.id.name)}", x, train=train)
        case Flatten():
            return f"{x}.flatten(-3)"
        case Dropout():
            return call(own, x)
        case Neuron(unit=unit):
            return _neuron(unit, own, x)
        case Join(mode=mode):
            return _join(mode, operands, node.shape)
        case Narrow():
            return call(f"self.{narrow_attribute(node.id.name)}", x)
        case Encode(coding=coding):
            return call(coding, x, "self.timesteps")
        case Integrate():
            return f"{x}.mean(0)"
        case Classify():
            return call("self.stochmax", *operands, "target")
        case Input() | Repeat() | Carry() | Capture():
            raise ValueError(f"{node.id} is no expression")
        case _:
            assert_never(node.op)


def _at_every_step(module: str, x: str, *, train: bool) -> str:
    return call("over_time", module, x) if train else call(module, x)


def _neuron(unit: Unit | Twin, own: str, x: str) -> str:
    match unit:
        case Relu():
            return call("F.relu", x)
        case Spiking():
            return call(own, x)
        case Identity():
            return x
        case Twin():
            raise ValueError("the twin is not chosen yet")
        case _:
            assert_never(unit)


def _join(mode: str, operands: tuple[str, ...], shape: Shape | None) -> str:
    match mode:
        case "add":
            return " + ".join(operands)
        case "concat":
            return call("torch.cat", f"[{', '.join(operands)}]", dim="-3" if isinstance(shape, Map) else "-1")
        case "tile" if shape is not None:
            sizes = (whole(shape.channels), *([] if isinstance(shape, Map) else ["-1"]))
            tiled = (call("tile_channels", skip, *sizes) for skip in operands[1:])
            return " + ".join([operands[0], *tiled])
        case _:
            raise ValueError(f"a join of mode {mode!r} cannot be printed")
