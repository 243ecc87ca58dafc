"""Mistakes in the chain of layers: what follows what, and under which name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from snnc.diagnostics import Diagnostic, Label
from snnc.source import Span


@dataclass(frozen=True)
class ModifierMisplaced(Diagnostic):
    """A BN, a Dropout or a neuron that follows no layer that could have it.

    Allowed: ``Conv1(3,64,3x3/1) - BN - Pool(2x2/2)``.
    Not allowed: ``Input - BN - Conv1(3,64,3x3/1)``, ``Pool(2x2/2) - Dropout(0.5)``.
    """

    code: ClassVar[str] = "modifier-misplaced"
    title: ClassVar[str] = "{modifier} follows {before}"
    label: ClassVar[str] = "belongs to a Conv or FC layer"
    help: ClassVar[str] = "write it right after the layer that it belongs to, before any pool"

    modifier: str
    before: str


@dataclass(frozen=True)
class ModifierAfterGroup(Diagnostic):
    """A BN or Dropout behind a BackRes group, where it is unclear to which layer and step it belongs.

    Allowed: ``[Conv1(64,64,3x3/1) - BN] repeated 2 times``.
    Not allowed: ``[Conv1(64,64,3x3/1)] repeated 2 times - BN``.
    """

    code: ClassVar[str] = "modifier-after-group"
    title: ClassVar[str] = "{modifier} follows a repeated block"
    label: ClassVar[str] = "for the last step only, or for each?"
    help: ClassVar[str] = "write it inside the brackets, after its layer: it then belongs to every step"

    modifier: str
    group: Span

    def labels(self) -> tuple[Label, ...]:
        return (Label(self.group, "the repeated block"),)


@dataclass(frozen=True)
class ModifierTwice(Diagnostic):
    """A second neuron, BN or Dropout on one layer.

    Allowed: ``Conv1(3,64,3x3/1) - BN - LIF``. Not allowed: ``Conv1(3,64,3x3/1) - LIF - ReLU``.
    """

    code: ClassVar[str] = "modifier-twice"
    title: ClassVar[str] = "{layer} gets a second {modifier}"
    label: ClassVar[str] = "the second one"
    help: ClassVar[str] = "a layer has one neuron, one BN and one Dropout at most"

    layer: str
    modifier: str
    first: Span

    def labels(self) -> tuple[Label, ...]:
        return (Label(self.first, "the first one"),)


@dataclass(frozen=True)
class DuplicateLayer(Diagnostic):
    """A layer that is listed twice without a clause that repeats it.

    Allowed: ``Conv2(...) - Conv2(...)`` with ``BackRes [Conv2] repeated 2 times``.
    Not allowed: the same without the clause.
    """

    code: ClassVar[str] = "duplicate-layer"
    title: ClassVar[str] = "{layer} is listed twice"
    label: ClassVar[str] = "{words}"
    help: ClassVar[str] = (
        "if the weights are shared, say `[{layer}(...)] repeated n times`, or keep the listing and add "
        "`BackRes [{layer}] repeated n times`; if not, give the second one another name"
    )

    layer: str
    words: str
    first: Span

    def labels(self) -> tuple[Label, ...]:
        return (Label(self.first, "first listed here"),)

    def help_text(self) -> str:
        if self.first.text != self.layer:
            return f"write `{self.first.text}` both times if it is one layer, and give it another name if not"
        return self.fill(self.help)


@dataclass(frozen=True)
class NoLayers(Diagnostic):
    """A network without a Conv or FC layer.

    Allowed: ``Input - FC1(3072,10)``. Not allowed: ``Input - Pool(2x2/2)``.
    """

    code: ClassVar[str] = "no-layers"
    title: ClassVar[str] = "the network has no Conv or FC layer"
    label: ClassVar[str] = "nothing here has weights"
    help: ClassVar[str] = (
        "a network ends in its classifier, for instance `Input - Conv1(3,64,3x3/1) - GlobalPool - FC1(64,10)`"
    )
