"""What can stand in the way of a conversion, as diagnostics with a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from snnc.diagnostics import Diagnostic
from snnc.diagnostics.diagnostic import Severity


@dataclass(frozen=True)
class SpikingMaxPool(Diagnostic):
    """A max pool of spikes: the largest spike of a window says little of its largest rate.

    Allowed: ``Pool(2x2/2)``; ``MaxPool(2x2/2)`` with ``--max-pool gate``.
    Not allowed: ``MaxPool(2x2/2)`` behind spiking neurons, unless it is asked for.
    """

    code: ClassVar[str] = "conversion-max-pool"
    title: ClassVar[str] = "a max pool of spike trains has no rate to match"
    label: ClassVar[str] = "of spikes"
    help: ClassVar[str] = "train with average pools, or let the neuron with most spikes pass: --max-pool gate"


@dataclass(frozen=True)
class SharedBias(Diagnostic):
    """Unrolled steps share a bias and have no neurons in which each could scale it for itself.

    Allowed: ``[Conv2(8,8,3x3/1, bias)] repeated 2 times`` with neurons or with BN.
    Not allowed: the same with ``identity`` in its spiking twin.
    """

    code: ClassVar[str] = "conversion-bias"
    title: ClassVar[str] = "the steps of {layer} share a bias that each would have to scale differently"
    label: ClassVar[str] = "no neurons and no BN after it"
    help: ClassVar[str] = "leave the bias out, or put BN or a neuron behind the layer"

    layer: str


@dataclass(frozen=True)
class RealBetweenSpikes(Diagnostic):
    """Spikes, then real values, then spikes again: a rate is known at the end of all time-steps only.

    Allowed: ReLU layers in front of all spiking ones, or behind them.
    Not allowed: a layer that is ReLU in both twins between two that spike.
    """

    code: ClassVar[str] = "conversion-interleaved"
    title: ClassVar[str] = "a layer of real values stands between spiking ones"
    label: ClassVar[str] = "spikes before it and after it"
    help: ClassVar[str] = "let it spike, or put all ReLU layers at one end"


@dataclass(frozen=True)
class HardReset(Diagnostic):
    """A neuron that does not subtract its threshold loses what exceeds it: its rate does not converge.

    Allowed: ``IF``; ``IF(reset=subtract)``.
    Not allowed: ``IF(reset=zero)``, ``IF(refractory=2)``, unless the loss is meant.
    """

    code: ClassVar[str] = "conversion-reset"
    severity: ClassVar[Severity] = Severity.WARNING
    title: ClassVar[str] = "with {what} the rates do not converge to the activations, at any T"
    label: ClassVar[str] = "these neurons"
    help: ClassVar[str] = "use reset=subtract without a refractory period"

    what: str


@dataclass(frozen=True)
class Leak(Diagnostic):
    """A neuron that leaks forgets small currents; the converted network integrates without leak.

    Allowed: ``neuron ReLU|IF``.
    Not allowed: ``neuron ReLU|LIF``, which is converted as if it were IF.
    """

    code: ClassVar[str] = "conversion-leak"
    severity: ClassVar[Severity] = Severity.WARNING
    title: ClassVar[str] = "the converted neurons do not leak, though the spec's do"
    label: ClassVar[str] = "becomes IF"
    help: ClassVar[str] = "write ReLU|IF to say so"
