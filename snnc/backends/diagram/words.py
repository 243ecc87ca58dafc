"""The words in a diagram: operations, neurons, shapes and counts, as short as they can be."""

from __future__ import annotations

from itertools import groupby
from typing import assert_never

from snnc.diagnostics.escape import escape_character
from snnc.ir.ids import Occurrence
from snnc.ir.ops import (
    Conv,
    Encode,
    Identity,
    Join,
    Linear,
    Narrow,
    Pool,
    Relu,
    Spiking,
    Twin,
    Unit,
)
from snnc.ir.program import Program, Target
from snnc.ir.shape import Map, Shape

LONGEST = 48  # characters of one piece of text; what is longer ends in an ellipsis


def visible(text: str) -> str:
    r"""Return one printable line: control, format and bidi characters are spelled ``\u{202e}``."""
    shown = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    return "".join(one if one.isprintable() else escape_character(one) for one in shown)


def title_text(program: Program) -> str:
    """Return the line above the diagram."""
    match program.target:
        case Target.ANN:
            return f"{program.name}: artificial twin"
        case Target.SNN:
            return f"{program.name}: spiking twin, T = {program.timesteps}"
        case _:
            assert_never(program.target)


def name_text(node: Occurrence) -> str:
    """Return an occurrence's name; which application it is stands after an @."""
    return f"{node.name} @{node.application}" if node.application else node.name


def shape_text(shape: Shape | None) -> str:
    """Return a shape; empty where it is not known."""
    if isinstance(shape, Map):
        return f"{shape.channels}×{shape.height}×{shape.width}"
    return str(shape or "")


def layer_text(op: Conv | Linear) -> str:
    """Return what a layer does: window and channels."""
    widths = f"{op.inputs}→{op.outputs}"
    if isinstance(op, Linear):
        return widths
    stride = f"/{op.stride}" if op.stride > 1 else ""
    return f"{op.kernel}×{op.kernel}{stride}, {widths}"


def layer_notes(op: Conv | Linear) -> tuple[str, ...]:
    """Return what is unusual about a layer."""
    bias = ("bias",) if op.bias else ()
    if isinstance(op, Linear):
        return bias
    groups = (f"{op.groups} groups",) if op.groups > 1 else ()
    dilation = (f"dilation {op.dilation}",) if op.dilation > 1 else ()
    padding = (f"padding {op.padding}",) if op.padding != op.kernel // 2 else ()
    return (*groups, *dilation, *padding, *bias)


def pool_text(op: Pool) -> str:
    """Return a pool's mode and window; the stride where it is not the window's size."""
    mode = "avg pool" if op.mode == "average" else "max pool"
    if not op.size:
        return f"global {mode}"
    stride = f"/{op.stride}" if op.stride != op.size else ""
    return f"{mode} {op.size}×{op.size}{stride}"


def passed_text(passed: tuple[str, ...]) -> str:
    """Return what a skip passes on its way, in order; the same thing several times in a row is counted."""
    runs = [(text, len(list(run))) for text, run in groupby(passed)]
    return ", ".join(f"{count} × {text}" if count > 1 else text for text, count in runs)


def encode_text(op: Encode) -> str:
    """Return how a static value becomes a train."""
    return "Poisson spikes, rate |x|" if op.coding == "poisson" else "held at every step"


def narrow_text(op: Narrow) -> str:
    """Return how a step's output is brought to the channels that the next one takes."""
    return f"keep {op.keep}, {op.inputs}→{op.outputs}"


def join_text(op: Join) -> str:
    """Return how values meet."""
    return "join" if op.mode == "infer" else op.mode


def unit_text(unit: Unit | Twin) -> str:
    """Return a neuron's name; a leaky one's leak stands after it."""
    match unit:
        case Relu():
            return "ReLU"
        case Identity():
            return ""
        case Spiking(leak=1.0):
            return "IF"
        case Spiking():
            return f"LIF {unit.leak:.10g}"
        case Twin():
            return f"{unit_text(unit.ann) or 'none'} | {unit_text(unit.snn) or 'none'}"
        case _:
            assert_never(unit)


def unit_notes(unit: Unit | Twin, threshold: str) -> tuple[str, ...]:
    """Return what is unusual about a neuron; a threshold of 1 is not, unless it is given in words."""
    if not isinstance(unit, Spiking):
        return (f"threshold {threshold}",) if threshold else ()
    shown = threshold or ("" if unit.threshold == 1 else f"{unit.threshold:.10g}")
    resets = {"subtract": (), "zero": ("reset to 0",), "none": ("no reset",)}
    refractory = (f"refractory {unit.refractory}",) if unit.refractory else ()
    return (*((f"threshold {shown}",) if shown else ()), *resets[unit.reset], *refractory)


def count_text(count: int) -> str:
    """Return a number of parameters in three significant digits: ``1728``, ``36.9 k``, ``2.36 M``."""
    for scale, unit in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if count >= max(0.9995 * scale, 10**4):
            return f"{f'{count / scale:#.3g}'.removesuffix('.')} {unit}"
    return str(count)
