"""The comments of the printed module: the shape of each value, and what a reader would ask about it.

Of the spec's text only names get here, and those are identifiers.
"""

from __future__ import annotations

from collections.abc import Iterator

from snnc.analysis.timing import Time
from snnc.backends.torch.names import layer_attribute, layer_of
from snnc.backends.torch.scope import Scope
from snnc.ir.graph import Node
from snnc.ir.ops import Classify, Conv, Encode, Integrate, Join, Linear, Repeat
from snnc.ir.shape import Map, Shape


def shape_text(shape: Shape | None, time: Time) -> str:
    """Return a value's shape as torch has it: ``[T, B, 64, 32, 32]`` for a train of maps."""
    match shape:
        case None:
            raise ValueError("a module is printed from a graph with shapes")
        case Map(channels, height, width):
            sizes: tuple[int, ...] = (channels, height, width)
        case _:
            sizes = (shape.size,)
    axes = ("T", "B") if time is Time.TRAIN else ("B",)
    return f"[{', '.join(map(str, (*axes, *sizes)))}]"


_MEAN = "the mean over T"


def line_remark(scope: Scope, line: Node) -> str:
    """Return the comment of a line: its value's shape, then what is special about it."""
    shape = shape_text(line.shape, scope.known[line.id])
    if isinstance(line.op, Classify):
        return f"{shape}, or the loss"
    special = dict.fromkeys(_special(scope, line))
    if line.id == scope.result and not scope.body and _MEAN in special:
        return f"{shape} the classifier sees {_MEAN}"
    return " ".join([shape, *special])


def _special(scope: Scope, node: Node) -> Iterator[str]:
    values = [scope.value(operand) for operand in node.operands]
    inside = [value for value in values if value.id in scope.plan.inlined]
    match node.op:
        case Encode(coding="poisson"):
            yield "spikes"
        case Encode(coding="hold") if inside and isinstance(inside[0].op, Conv | Linear):
            yield f"{layer_attribute(inside[0].op.weight)} runs once"
        case Integrate():
            yield _MEAN
        case Join():
            yield _skips(node, values)
        case _:
            pass
    for value in inside:
        yield from _special(scope, value)


def _skips(join: Node, values: list[Node]) -> str:
    target = layer_of(join)
    skips = ", ".join(f"{layer_of(value)}-to-{target}" for value in values[1:])
    return f"skip {skips}"


def group_remark(repeat: Repeat, *, more: bool) -> str:
    """Say what a loop runs: ``BackRes: Conv3 runs twice on its own output``."""
    layers = list(
        dict.fromkeys(
            layer_attribute(node.op.weight)
            for node in repeat.body.walk()
            if isinstance(node.op, Conv | Linear)
        )
    )
    one = len(layers) == 1
    who = ", ".join(layers) if len(layers) <= 3 else f"{layers[0]} to {layers[-1]}"
    often = _times(repeat.times, more=more)
    return f"BackRes: {who} {'runs' if one else 'run'} {often} on {'its' if one else 'their'} own output"


def _times(count: int, *, more: bool) -> str:
    if more:
        return "once more" if count == 1 else f"{count} more times"
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
