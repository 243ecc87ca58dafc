"""The model: a network's description with every value checked and every default filled in.

Frozen pydantic models. Field names are those of `snnc.syntax.tree`. Spans come along, since the
graph that is lowered from the model has to know where each layer was written.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from snnc.source import Span

Size = Annotated[int, Field(ge=1, le=9_999_999)]
Mode = Literal["add", "concat", "tile"]
Keep = Literal["mean", "top", "random"]
Coding = Literal["poisson", "direct"]
Head = Literal["softmax", "stochmax"]


class Entry(BaseModel):
    """What all entries share: they are frozen, refuse unknown fields and know their place."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    span: Span = Field(exclude=True, repr=False)


class Unit(Entry):
    """A neuron model; Eqns (2)-(3). ``leak`` is the paper's alpha, per step; IF has leak 1."""

    kind: Literal["relu", "if", "lif", "identity"]
    leak: float = Field(default=0.95, gt=0, le=1, allow_inf_nan=False)
    threshold: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    reset: Literal["subtract", "zero", "none"] = "subtract"
    refractory: int = Field(default=0, ge=0, le=1000)


class Activation(Entry):
    """A layer's neuron in the ANN twin and in the SNN twin; both are always filled in."""

    ann: Unit
    snn: Unit


class Window(Entry):
    """A square kernel or pool. The spans of its parts are those that diagnostics point at."""

    size: Size
    stride: Size
    size_span: Span = Field(exclude=True, repr=False)
    stride_span: Span = Field(exclude=True, repr=False)


class Conv(Entry):
    """A convolution; padding is filled in, ``size // 2`` unless said."""

    name: str
    inputs: Size
    outputs: Size
    window: Window
    padding: int = Field(ge=0, le=9_999_999)
    groups: Size = 1
    dilation: Size = 1
    bias: bool = False
    inputs_span: Span = Field(exclude=True, repr=False)
    outputs_span: Span = Field(exclude=True, repr=False)


class Linear(Entry):
    """A fully connected layer; it flattens a map first."""

    name: str
    inputs: Size
    outputs: Size
    bias: bool = False
    inputs_span: Span = Field(exclude=True, repr=False)
    outputs_span: Span = Field(exclude=True, repr=False)


class Pool(Entry):
    """A pooling layer; without a window it takes the whole map (GlobalPool)."""

    mode: Literal["average", "max"]
    window: Window | None = None


class BatchNorm(Entry):
    """Batch normalisation of the layer before it, with statistics per unrolled step."""


class Dropout(Entry):
    """Dropout of the layer before it, one mask per presentation."""

    probability: float = Field(ge=0, lt=1, allow_inf_nan=False)


class Group(Entry):
    """A BackRes block: the items run ``times`` times on their own output; Sec. IV."""

    items: tuple[Item, ...] = Field(min_length=1)
    times: int = Field(ge=1, le=10_000)
    keep: Keep | None = None
    times_span: Span = Field(exclude=True, repr=False)


Item = Conv | Linear | Pool | BatchNorm | Dropout | Activation | Group


class Shape(Entry):
    """The input map."""

    channels: Size
    height: Size
    width: Size


class Skip(Entry):
    """A forward residual from one layer's output to another's input; Table VII."""

    origin: str
    target: str
    mode: Mode | None = None


class Printed(Entry):
    """What the paper prints for a layer that cannot be built so."""

    layer: Conv | Linear
    reason: str = ""


class Block(Entry):
    """A spec appended by a `use` clause, whose layers are named ``name_...``; Table XIII.

    ``layers[start]`` of the network is its first item and ``first`` its first weighted layer. ``input``
    is the map that the spec was written for: what arrives must have its shape.
    """

    name: str
    input: Shape
    start: int = Field(ge=0)
    first: str


class Network(Entry):
    """A whole network, folded.

    ``layers`` holds weighted layers, each followed by its modifiers as written. A weighted layer
    that names no neuron takes ``neuron``; the last one takes none. Blocks of a ``use`` clause are
    already appended, their layer names prefixed with ``Block_``; `blocks` says where.
    """

    name: str
    input: Shape
    neuron: Activation
    encode: Coding
    timesteps: int = Field(ge=1, le=1_000_000)
    layers: tuple[Item, ...] = Field(min_length=1)
    skips: tuple[Skip, ...] = ()
    printed: tuple[Printed, ...] = ()
    blocks: tuple[Block, ...] = ()
    classify: Head = "softmax"
