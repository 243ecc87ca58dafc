"""What can be wrong with a recipe, and with a spec for a method, as diagnostics with a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from snnc.diagnostics import Diagnostic


@dataclass(frozen=True)
class RecipeSyntax(Diagnostic):
    """The recipe is no TOML, or an override on the command line is no ``key=value``.

    Allowed: ``epochs = 3``; ``--set optimiser.rate=1e-3``.
    Not allowed: ``epochs: 3``; ``--set optimiser.rate``.
    """

    code: ClassVar[str] = "recipe-syntax"
    title: ClassVar[str] = "this is no recipe: {reason}"
    label: ClassVar[str] = "here"
    help: ClassVar[str] = "a recipe is a TOML file; docs/training.md lists its entries"

    reason: str


@dataclass(frozen=True)
class RecipeKey(Diagnostic):
    """The recipe has an entry that no recipe has.

    Allowed: ``[optimiser]`` with ``rate = 1e-3``.
    Not allowed: ``[optimiser]`` with ``learning_speed = 1e-3``.
    """

    code: ClassVar[str] = "recipe-key"
    title: ClassVar[str] = "a recipe has no entry {key}"
    label: ClassVar[str] = "unknown"
    help: ClassVar[str] = "{near}"

    key: str
    near: str


@dataclass(frozen=True)
class RecipeValue(Diagnostic):
    """A recipe's entry has a value that it cannot have, or two entries contradict each other.

    Allowed: ``epochs = 3``; ``method = "agd"``.
    Not allowed: ``epochs = 0``; ``method = "magic"``.
    """

    code: ClassVar[str] = "recipe-value"
    title: ClassVar[str] = "{key}: {reason}"
    label: ClassVar[str] = "this value"
    help: ClassVar[str] = "docs/training.md lists the entries and what they may be"

    key: str
    reason: str


@dataclass(frozen=True)
class RecipeLacks(Diagnostic):
    """The recipe lacks an entry that has no default.

    Allowed: a recipe with ``spec``, ``method`` and ``epochs``.
    Not allowed: one without them, unless the command line gives them.
    """

    code: ClassVar[str] = "recipe-lacks"
    title: ClassVar[str] = "the recipe lacks {key}"
    help: ClassVar[str] = "write it into the recipe, or give it with --set {key}=..."

    key: str


@dataclass(frozen=True)
class StdpLayer(Diagnostic):
    """A layer stands among the spiking ones that spike-timing-dependent plasticity cannot train.

    It trains convolutions that read spike trains and feed spiking neurons, and nothing between the two.

    Allowed: ``Conv1(3,36,3x3/1) - Pool(2x2/2) - FC1(9216,10)`` with ``neuron ReLU|LIF``, ``encode poisson``.
    Not allowed: ``Conv1(3,36,3x3/1) - BN - Pool(2x2/2) - FC1(9216,64) - FC2(64,10)`` with them: BN, FC1.
    """

    code: ClassVar[str] = "stdp-layer"
    title: ClassVar[str] = "STDP cannot train {layer}: {reason}"
    label: ClassVar[str] = "here"
    help: ClassVar[str] = "{advice}"

    layer: str
    reason: str
    advice: str


@dataclass(frozen=True)
class StdpParts(Diagnostic):
    """A network does not fall into convolutions that spike and a classifier behind them that does not.

    Spike-timing-dependent plasticity trains the first part, back-propagation the second, on the mean of the
    spikes over time.

    Allowed: ``Conv1(3,36,3x3/1) - Pool(2x2/2) - FC1(9216,1024) - ReLU - FC2(1024,10)``.
    Not allowed: a network of ReLU layers alone; one whose classifier also reads the image itself.
    """

    code: ClassVar[str] = "stdp-parts"
    title: ClassVar[str] = "STDP needs spiking convolutions and one classifier behind them: {reason}"
    label: ClassVar[str] = "here"
    help: ClassVar[str] = "specs/resnet2.spec is a network that it trains; docs/stdp.md says which are"

    reason: str
