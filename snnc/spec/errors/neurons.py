"""Mistakes about neurons: their constants, their twins and their places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from snnc.diagnostics import Diagnostic, Fix, Label
from snnc.source import Span


@dataclass(frozen=True)
class ConstantUnknown(Diagnostic):
    """A constant that the neuron does not have.

    Allowed: ``LIF(leak=0.95)``, ``IF(threshold=2)``. Not allowed: ``IF(leak=0.95)``, ``ReLU(threshold=2)``.
    """

    code: ClassVar[str] = "constant-unknown"
    title: ClassVar[str] = "{neuron} has no constant `{name}`"
    label: ClassVar[str] = "{label_words}"
    help: ClassVar[str] = "{way_out}"

    neuron: str
    name: str
    label_words: str
    way_out: str
    mend: Fix | None = None

    def fix(self) -> Fix | None:
        return self.mend


@dataclass(frozen=True)
class AnnNeuronSpikes(Diagnostic):
    """A spiking neuron on the left of `|`, where the ANN twin's stands.

    Allowed: ``ReLU|LIF``. Not allowed: ``LIF|ReLU``, ``LIF|LIF``.
    """

    code: ClassVar[str] = "ann-neuron-spikes"
    title: ClassVar[str] = "the ANN twin cannot have {neuron} neurons"
    label: ClassVar[str] = "the ANN twin's neuron stands here, left of the `|`"
    help: ClassVar[str] = "write `ReLU` or `identity` on the left and the spiking neuron on the right"

    neuron: str
    mend: Fix

    def fix(self) -> Fix:
        return self.mend


@dataclass(frozen=True)
class NeuronAfterPool(Diagnostic):
    """A neuron behind a pool, though the layer before the pool has one.

    Allowed: ``Conv1(3,64,3x3/1) - LIF - Pool(2x2/2)``, and
    ``Conv1(3,64,3x3/1) - identity - Pool(2x2/2) - LIF``.
    Not allowed: ``Conv1(3,64,3x3/1) - Pool(2x2/2) - LIF``.
    """

    code: ClassVar[str] = "neuron-after-pool"
    title: ClassVar[str] = "a neuron after a pool"
    label: ClassVar[str] = "pools have no neuron"
    help: ClassVar[str] = (
        "write the neuron before the pool, as in Table XV; or give {layer} the neuron `identity` "
        "if the pooled value shall fire"
    )

    layer: str
    layer_span: Span
    layer_label: str
    mend: Fix | None = None

    def labels(self) -> tuple[Label, ...]:
        return (Label(self.layer_span, self.layer_label),)

    def fix(self) -> Fix | None:
        return self.mend


@dataclass(frozen=True)
class NeuronOnClassifier(Diagnostic):
    """A neuron on the last layer, whose outputs are the class scores.

    Allowed: ``FC2(512,10)`` at the end. Not allowed: ``FC2(512,10) - LIF`` at the end.
    """

    code: ClassVar[str] = "neuron-on-classifier"
    title: ClassVar[str] = "{layer} is the classifier and has no neuron"
    label: ClassVar[str] = "a neuron here would squash the class scores"
    help: ClassVar[str] = "leave the neuron out: the scores go to softmax or stochmax as they are (Sec. V)"

    layer: str
    layer_span: Span
    mend: Fix | None = None

    def labels(self) -> tuple[Label, ...]:
        return (Label(self.layer_span, "the last layer with weights"),)

    def fix(self) -> Fix | None:
        return self.mend
