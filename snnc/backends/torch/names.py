"""Names in the printed module: classes, attributes and variables.

The grammar makes every name of a spec an identifier. Here it is asked again, since this is where a
name becomes code: whatever is no plain identifier is refused with `ValueError`.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Container

from snnc.ir.graph import Node
from snnc.ir.ops import Encode, Flatten, Join, Pool, Repeat, Spiking

RUNTIME = frozenset(
    {
        "IF",
        "LIF",
        "DropoutOverTime",
        "MeanPool2d",
        "Narrow",
        "SpikeConv2d",
        "SpikingNetwork",
        "Stochmax",
        "hold",
        "kaiming",
        "over_time",
        "poisson",
        "tile_channels",
        "xavier",
    }
)
"""What a printed module may take from `snnc.nn`."""

TORCH = frozenset({"F", "Tensor", "nn", "torch"})
_BUILT_IN = frozenset({"int", "range", "str", "super", "tuple"})
_LOCAL = frozenset({"_", "fire", "image", "memory", "norm", "self", "target", "timesteps", "x"})
_LOOPS = frozenset({"step", "outer", "middle", "inner"})
_KEYWORDS = frozenset(keyword.kwlist) | frozenset(keyword.softkwlist)
RESERVED = RUNTIME | TORCH | _BUILT_IN | _LOCAL | _LOOPS | _KEYWORDS

LONGEST_VARIABLE = 24  # a layer whose name is longer, by that of its block, lends only its own

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_LAYER = re.compile(r"(?:[A-Za-z][A-Za-z0-9_]*_)?(?:Conv|FC|Pool|Group)[0-9]+", re.ASCII | re.IGNORECASE)


def checked(name: str) -> str:
    """Return a name that may stand in the source as it is; raise `ValueError` for any other."""
    if not _IDENTIFIER.fullmatch(name) or keyword.iskeyword(name):
        raise ValueError(f"{name!r} is no name that can be printed")
    return name


def layer_attribute(name: str) -> str:
    """Return the attribute of a layer: its name, behind a block's name if it is in one.

    Its kind and its number keep it apart from the attributes of `nn.Module`.
    """
    if not _LAYER.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a layer that can be printed")
    return name


def neuron_attribute(layer: str, unit: Spiking) -> str:
    """``Conv1_lif``, or ``Conv1_if`` where nothing leaks."""
    return f"{layer_attribute(layer)}_{'if' if unit.leak == 1 else 'lif'}"


def part_attribute(node: str) -> str:
    """Return the attribute of a part of a layer: that of ``Conv1.dropout`` is ``Conv1_dropout``."""
    layer, _, part = node.partition(".")
    return f"{layer_attribute(layer)}_{checked(part)}"


def pool_attribute(node: str) -> str:
    """Return the attribute of a pool; a skip passes through the pool that it jumps over."""
    return layer_attribute(node.rpartition(".")[2])


def class_name(name: str, taken: Container[str] = ()) -> str:
    """Return the class of a network: its name, with an underscore where the module needs the name itself."""
    name = checked(name)
    while name in RESERVED or name in taken:
        name += "_"
    return name


def layer_of(node: Node) -> str:
    """Return the layer whose value a node carries: Conv1 for ``Conv1.neuron``.

    A skip's pools are named after the join, the skipped value and the pool that they copy.
    """
    if isinstance(node.op, Repeat):
        return layer_of(node.op.body.output)
    layer, _, part = node.id.name.partition(".")
    if part.startswith("join") and isinstance(node.op, Pool | Flatten):
        layer = part.split(".")[1]
    return checked(layer)


def variable_hint(node: Node) -> str:
    """Return what to call a node's value where it needs a name of its own."""
    layer = layer_of(node).lower()
    if len(layer) > LONGEST_VARIABLE:
        layer = layer.rpartition("_")[2]
    match node.op:
        case Encode(coding="poisson"):
            return "spikes"
        case Encode(coding="hold"):
            return f"{layer}_held"
        case Pool() | Flatten() if "." in node.id.name:
            return f"{layer}_pooled"
        case Join():
            return f"{layer}_input"
        case _:
            return layer


class Variables:
    """Hands out the names of a function's variables, each once."""

    def __init__(self) -> None:
        self._taken = set(RESERVED)

    def new(self, hint: str) -> str:
        """Return a name that nothing else has: the hint, or the hint with a number."""
        name, number = checked(hint), 1
        while name in self._taken:
            number += 1
            name = f"{hint}_{number}"
        self._taken.add(name)
        return name
