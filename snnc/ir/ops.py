"""The operations of the graph: a closed union. Every `match` over it ends in `assert_never`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from snnc.ir.ids import StateId, WeightId
from snnc.ir.shape import Map

if TYPE_CHECKING:
    from snnc.ir.graph import Graph

Reset = Literal["subtract", "zero", "none"]
Keep = Literal["mean", "top", "random"]
JoinMode = Literal["infer", "add", "concat", "tile"]


@dataclass(frozen=True)
class Relu:
    """An artificial neuron: max(0, x)."""


@dataclass(frozen=True)
class Identity:
    """No neuron."""


@dataclass(frozen=True)
class Spiking:
    """A leaky integrate-and-fire neuron, Eqns (2)-(3); leak 1 is the IF neuron."""

    leak: float
    threshold: float
    reset: Reset = "subtract"
    refractory: int = 0


Unit = Relu | Identity | Spiking


@dataclass(frozen=True)
class Twin:
    """A neuron whose twin is not chosen yet."""

    ann: Unit
    snn: Unit


@dataclass(frozen=True)
class Input:
    """The image. No operands."""

    shape: Map


@dataclass(frozen=True)
class Conv:
    """A two-dimensional convolution with a square kernel."""

    weight: WeightId
    inputs: int
    outputs: int
    kernel: int
    stride: int
    padding: int
    groups: int = 1
    dilation: int = 1
    bias: bool = False


@dataclass(frozen=True)
class Linear:
    """A fully connected layer on a vector."""

    weight: WeightId
    inputs: int
    outputs: int
    bias: bool = False


@dataclass(frozen=True)
class Pool:
    """Average or max pooling; ``size`` and ``stride`` 0 take the whole map."""

    mode: Literal["average", "max"]
    size: int
    stride: int


@dataclass(frozen=True)
class Flatten:
    """A map becomes a vector, channels first."""


@dataclass(frozen=True)
class BatchNorm:
    """Batch normalisation. Each application has its own statistics and affine weights."""

    weight: WeightId
    channels: int


@dataclass(frozen=True)
class Dropout:
    """Dropout; one mask per presentation."""

    probability: float


@dataclass(frozen=True)
class Neuron:
    """A non-linearity with (if spiking) a state of its own for each application."""

    state: StateId
    unit: Unit | Twin


@dataclass(frozen=True)
class Join:
    """Forward residual: the first operand is the main path. ``tile`` repeats the others' channels to add."""

    mode: JoinMode


@dataclass(frozen=True)
class Narrow:
    """Bring a step's output to the channels that the next step takes (Sec. IV)."""

    keep: Keep
    inputs: int
    outputs: int


@dataclass(frozen=True)
class Repeat:
    """A BackRes block: ``body`` runs ``times`` times, its `Carry` going round.

    Operands: the first step's input, then the captured values. ``narrow`` acts between steps.
    """

    body: Graph
    times: int
    narrow: Narrow | None = None


@dataclass(frozen=True)
class Carry:
    """Inside a body: the previous step's output, at first the block's input. No operands."""


@dataclass(frozen=True)
class Capture:
    """Inside a body: an outer value that every step sees, operand ``index + 1`` of the `Repeat`."""

    index: int


@dataclass(frozen=True)
class Encode:
    """A static value becomes a train: ``poisson`` draws signed spikes, ``hold`` repeats the value."""

    coding: Literal["poisson", "hold"]


@dataclass(frozen=True)
class Integrate:
    """A train becomes static: its mean over the time-steps."""


@dataclass(frozen=True)
class Classify:
    """The classifier's head. Operands: the scores; for stochmax also the features they came from."""

    head: Literal["softmax", "stochmax"]
    features: int
    classes: int


Op = (
    Input
    | Conv
    | Linear
    | Pool
    | Flatten
    | BatchNorm
    | Dropout
    | Neuron
    | Join
    | Narrow
    | Repeat
    | Carry
    | Capture
    | Encode
    | Integrate
    | Classify
)
