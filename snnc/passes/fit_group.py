"""Ask whether a group can run on its own output, and give it the shape of its last step."""

from __future__ import annotations

from dataclasses import dataclass, replace

from snnc.diagnostics import Reporter
from snnc.ir.graph import Node
from snnc.ir.ops import Conv, Narrow, Pool, Repeat
from snnc.ir.shape import Map, Shape
from snnc.passes import errors
from snnc.source import Span


def fit_group(node: Node, before: Shape | None, report: Reporter) -> Node:
    """Return a group with its shape and with the `Narrow` that it needs between steps.

    The shape stays unknown where the group cannot run twice, which is reported.
    """
    op = node.op
    assert isinstance(op, Repeat)  # noqa: S101  # for the type checker: only groups come here
    after = op.body.output.shape
    if before is None or after is None:
        return node
    if _size(before) != _size(after):
        report(_resizes(node, op, before, after))
        return node
    if before.channels == after.channels:
        return replace(node, op=replace(op, narrow=None), shape=after)
    narrow = _narrow(node, op, before.channels, after.channels, report)
    return replace(node, op=replace(op, narrow=narrow), shape=after) if narrow else node


def _size(shape: Shape) -> tuple[int, int] | None:
    return (shape.height, shape.width) if isinstance(shape, Map) else None


def _text(shape: Shape) -> str:
    return f"{shape.height}x{shape.width}" if isinstance(shape, Map) else f"a vector of {shape.size}"


def _narrow(node: Node, op: Repeat, before: int, after: int, report: Reporter) -> Narrow | None:
    if op.narrow is None:
        report(errors.GroupNeedsKeep(node.span, before, after))
        return None
    keep = op.narrow.keep
    if after < before or (keep == "mean" and after % before):
        report(errors.KeepImpossible(node.span, keep, before, after))
        return None
    return Narrow(keep, after, before)


@dataclass(frozen=True)
class _Advice:
    """Where the size changes, what to do, and the number that does it."""

    span: Span
    text: str
    replacement: str = ""


def _resizes(node: Node, op: Repeat, before: Shape, after: Shape) -> errors.GroupResizes:
    culprit = next((one for one in op.body.walk() if _changes_size(one, op)), None)
    advice = _advice(culprit) if culprit else _Advice(node.span, "keep the size inside the block")
    return errors.GroupResizes(advice.span, _text(before), _text(after), advice.text, advice.replacement)


def _changes_size(node: Node, op: Repeat) -> bool:
    if not isinstance(node.op, Conv | Pool) or not node.operands:
        return False
    if node.id not in op.body or node.shape is None:
        return False
    before = op.body[node.operands[0]].shape
    return before is not None and _size(before) != _size(node.shape)


def _advice(node: Node) -> _Advice:
    if isinstance(node.op, Conv) and node.op.stride != 1 and node.origin.stride:
        return _Advice(node.origin.stride, "a stride of 1 keeps the size", "1")
    if isinstance(node.op, Conv) and node.op.kernel % 2 == 0 and node.origin.window:
        return _Advice(node.origin.window, "an odd kernel with its default padding keeps the size")
    if isinstance(node.op, Pool):
        return _Advice(node.span, "move the pool out of the block")
    return _Advice(node.span, "padding of half the kernel keeps the size")
