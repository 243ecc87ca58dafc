"""One operation to one box, and what a modifier adds to a layer's box."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from snnc.analysis.layers import weights
from snnc.analysis.timing import Time
from snnc.backends.diagram import words
from snnc.backends.diagram.drawing import Box, Glyph, Kind
from snnc.ir.graph import Node
from snnc.ir.ids import StateId
from snnc.ir.ops import (
    BatchNorm,
    Classify,
    Conv,
    Dropout,
    Encode,
    Identity,
    Input,
    Integrate,
    Join,
    Linear,
    Narrow,
    Neuron,
    Pool,
    Relu,
    Twin,
    Unit,
)

Thresholds = Mapping[StateId, str]
Modifier = BatchNorm | Dropout | Neuron
Step = Pool | Narrow | Encode | Integrate
Boxed = Input | Conv | Linear | Join | Classify | Step

CAN_BE_MODIFIED = frozenset({Kind.LAYER, Kind.POOL, Kind.NEURON})


def box_of(node: Node, op: Boxed, time: Time) -> Box:
    """Return the box of an operation that has one of its own."""
    key = str(node.id)
    match op:
        case Input():
            return Box(key, Kind.INPUT, time, "Input", detail=words.shape_text(op.shape))
        case Conv() | Linear():
            return _layer(node, op, time)
        case Join():
            return Box(key, Kind.JOIN, time, words.join_text(op))
        case Pool():
            return Box(key, Kind.POOL, time, step_text(op))
        case Narrow():
            return Box(key, Kind.NARROW, time, step_text(op))
        case Encode():
            return Box(key, Kind.ENCODE, time, step_text(op))
        case Integrate():
            return Box(key, Kind.INTEGRATE, time, step_text(op))
        case Classify():
            return Box(key, Kind.CLASSIFY, time, f"{op.head}, {op.classes} classes")
        case _:
            assert_never(op)


def step_text(op: Step) -> str:
    """Return what an operation without weights does; also the note of a skip that passes it."""
    match op:
        case Pool():
            return words.pool_text(op)
        case Narrow():
            return words.narrow_text(op)
        case Encode():
            return words.encode_text(op)
        case Integrate():
            return "mean over T"
        case _:
            assert_never(op)


def modified(box: Box, op: Modifier, thresholds: Thresholds) -> Box:
    """Return the box of a layer with its batch norm, dropout or neuron written into it."""
    match op:
        case BatchNorm():
            return replace(box, notes=(*box.notes, "BN"))
        case Dropout():
            return replace(box, notes=(*box.notes, f"dropout {op.probability:.6g}"))
        case Neuron():
            notes = words.unit_notes(op.unit, _threshold(op.state, thresholds))
            return replace(
                box, neuron=words.unit_text(op.unit), glyph=_glyph(op.unit), notes=(*box.notes, *notes)
            )
        case _:
            assert_never(op)


def modifier_text(op: Modifier) -> str:
    """Return the note of a skip that passes a modifier."""
    match op:
        case BatchNorm():
            return "BN"
        case Dropout():
            return f"dropout {op.probability:.6g}"
        case Neuron():
            return words.unit_text(op.unit)
        case _:
            assert_never(op)


def neuron_box(node: Node, op: Modifier, time: Time, thresholds: Thresholds) -> Box:
    """Return a box for a modifier that stands apart from its layer, which is computed once."""
    title = f"{words.name_text(op.state)} neuron" if isinstance(op, Neuron) else words.name_text(node.id)
    return modified(Box(str(node.id), Kind.NEURON, time, title), op, thresholds)


def _layer(node: Node, op: Conv | Linear, time: Time) -> Box:
    return Box(
        str(node.id),
        Kind.LAYER,
        time,
        words.name_text(node.id),
        detail=words.layer_text(op),
        count=f"{words.count_text(weights(op))} weights",
        notes=words.layer_notes(op),
        weight=op.weight,
    )


def _glyph(unit: Unit | Twin) -> Glyph:
    match unit:
        case Relu():
            return "ramp"
        case Identity() | Twin():
            return ""
        case _:
            return "spikes"


def _threshold(state: StateId, thresholds: Thresholds) -> str:
    """Return the words for a threshold; a folded layer's are those of its applications in order."""
    if state in thresholds or state.application:
        return thresholds.get(state, "")
    steps = sorted(one for one in thresholds if one.name == state.name)
    return ", ".join(thresholds[one] for one in steps)
