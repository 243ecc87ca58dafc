"""The syntax tree: what was written, where it was written, and nothing else.

Frozen dataclasses with a span each. `parse` builds them, `fold` replaces unrolled chains by
groups, `format` prints them, `spec.validate` turns them into the model, whose field names are
the same, so that a fault found in the model can be shown in the text. Spans and comments take
no part in equality: two spellings of the same thing are equal trees.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from snnc.source import Span


@dataclass(frozen=True, kw_only=True)
class Tree:
    """Anything that was written at one place."""

    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Int(Tree):
    """A whole number of at most seven digits."""

    value: int


@dataclass(frozen=True)
class Real(Tree):
    """A decimal number."""

    value: float


@dataclass(frozen=True)
class Name(Tree):
    """A name or a keyword used as a value; case as written for names, lower for keywords."""

    value: str


@dataclass(frozen=True)
class Text(Tree):
    """A quoted string, without its quotes."""

    value: str


@dataclass(frozen=True)
class Window(Tree):
    """``3x3/1``: the size of a kernel or pool and its stride."""

    height: Int
    width: Int
    stride: Int


@dataclass(frozen=True)
class Constant(Tree):
    """``leak=0.95`` inside a neuron's parentheses."""

    name: Name
    value: Int | Real | Name


@dataclass(frozen=True)
class Unit(Tree):
    """One neuron model with its constants: ``LIF(leak=0.9)``. ``kind``: relu, if, lif, identity."""

    kind: Name
    constants: tuple[Constant, ...] = ()


@dataclass(frozen=True)
class Activation(Tree):
    """``ReLU|LIF``: the ANN twin's neuron and the SNN twin's; a lone one has no ``snn``."""

    ann: Unit
    snn: Unit | None = None


@dataclass(frozen=True)
class Conv(Tree):
    """``ConvN(I,O,kxk/s)`` with its options; Table III's caption."""

    name: Name
    inputs: Int
    outputs: Int
    window: Window
    padding: Int | None = None
    groups: Int | None = None
    dilation: Int | None = None
    bias: bool = False


@dataclass(frozen=True)
class Linear(Tree):
    """``FCN(X,Y)``; Table III's caption."""

    name: Name
    inputs: Int
    outputs: Int
    bias: bool = False


@dataclass(frozen=True)
class Pool(Tree):
    """``Pool(pxp/s)``, ``MaxPool``, or ``GlobalPool``, which has no window. ``mode``: average, max."""

    mode: Name
    window: Window | None = None


@dataclass(frozen=True)
class BatchNorm(Tree):
    """``BN`` after a Conv or FC."""


@dataclass(frozen=True)
class Dropout(Tree):
    """``Dropout(p)`` after a Conv or FC."""

    probability: Int | Real


@dataclass(frozen=True)
class Group(Tree):
    """``[X - Y] repeated n times``: a BackRes block. ``keep``: mean, top, random."""

    items: tuple[Item, ...]
    times: Int
    keep: Name | None = None


Layer = Conv | Linear | Pool | BatchNorm | Dropout | Activation
Item = Layer | Group


@dataclass(frozen=True)
class Shape(Tree):
    """``3x224x224``: channels, height, width."""

    channels: Int
    height: Int
    width: Int


@dataclass(frozen=True)
class BackRes(Tree):
    """``[Conv7 - Conv8] repeated 2 times`` about an already unrolled chain, or one listed once.

    ``[A] & [B - C] repeated n times`` is written as two of these with the same ``times``. The
    names of an inner group stand once in the outer group's list.
    """

    names: tuple[Name, ...]
    times: Int
    keep: Name | None = None


@dataclass(frozen=True)
class Skip(Tree):
    """``Input-to-Conv2 tile``: a forward residual. ``mode``: add, concat, tile, or not said."""

    origin: Name
    target: Name
    mode: Name | None = None


@dataclass(frozen=True)
class Printed(Tree):
    """``printed FC1(2048,512) "Table III"``: what the paper prints for a layer that cannot be built so."""

    layer: Conv | Linear
    reason: Text | None = None


@dataclass(frozen=True)
class Use(Tree):
    """``use "convnn_72.spec" as ConvNN``: another spec appended as a block."""

    path: Text
    name: Name


@dataclass(frozen=True)
class Comment(Tree):
    """``# words`` to the end of the line; ``own_line`` when nothing stands before it."""

    text: str
    own_line: bool


@dataclass(frozen=True)
class Spec(Tree):
    """A whole file. A clause that was not written is None or empty."""

    name: Name | None = None
    input: Shape | None = None
    neuron: Activation | None = None
    encode: Name | None = None
    timesteps: Int | None = None
    layers: tuple[Item, ...] = ()
    backres: tuple[BackRes, ...] = ()
    skips: tuple[Skip, ...] = ()
    printed: tuple[Printed, ...] = ()
    uses: tuple[Use, ...] = ()
    classify: Name | None = None
    comments: tuple[Comment, ...] = field(default=(), compare=False)
