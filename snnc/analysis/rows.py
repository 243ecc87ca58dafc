"""One application of a layer in both twins: its operations, energies and activity.

A figure that cannot be known, for want of an activity or of an energy, is None, and so is every sum that
it would have been part of.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from snnc.analysis.activity import Activity, Rate
from snnc.analysis.layers import LayerRow
from snnc.analysis.operations import Booking, Operation
from snnc.analysis.profile import Profile
from snnc.analysis.signals import Kind, Signal
from snnc.ir.ops import Spiking, Twin, Unit


def sum_known(values: Iterable[Fraction | None]) -> Fraction | None:
    """Return the sum, or None as soon as one value is not known."""
    total = Fraction(0)
    for value in values:
        if value is None:
            return None
        total += value
    return total


def times_known(left: Fraction | int | None, right: Fraction | int | None) -> Fraction | None:
    """Return the product, or None where a factor is not known."""
    return None if left is None or right is None else Fraction(left) * right


@dataclass(frozen=True)
class CostRow:
    """One application of a layer in both twins.

    ``signal`` is its input in the spiking twin, ``neuron`` its own there. Energies are in pJ per
    inference.
    """

    layer: LayerRow
    signal: Signal
    neuron: Unit | Twin | None
    booking: Booking
    artificial: Booking
    rate: Rate | None
    timesteps: int
    profile: Profile

    @property
    def spiking(self) -> bool:
        """Whether its neuron spikes."""
        return isinstance(self.neuron, Spiking)

    @property
    def leaks(self) -> bool:
        """Whether its potentials change at every step, spikes or not."""
        return isinstance(self.neuron, Spiking) and self.neuron.leak < 1

    @property
    def key(self) -> tuple[str, int]:
        """What identifies the row in files and comparisons."""
        return (self.layer.layer, self.layer.application)

    @cached_property
    def operations(self) -> Fraction | None:
        """Operations per inference; Eqn (9) times T. Steps with rates of their own are added up."""
        activity = self.rate.value if self.rate else None
        return self.booking.operations(self.timesteps, activity)

    @property
    def operations_per_step(self) -> Fraction | None:
        """Operations at one time-step on the average; Eqn (9). None also where the row runs once."""
        return (
            None if self.operations is None or not self.booking.per_step else self.operations / self.timesteps
        )

    @cached_property
    def energy(self) -> Fraction | None:
        """E_SNN of the row; Eqn (11)."""
        return times_known(self.operations, price(self.profile, self.booking))

    @cached_property
    def artificial_energy(self) -> Fraction | None:
        """E_ANN of the row; Eqn (10)."""
        return times_known(self.artificial.count, price(self.profile, self.artificial))

    @property
    def effective(self) -> Fraction | None:
        """Measured operations: spikes times the synapses they reach, borders and strides minded.

        A real value that is booked as spikes is one at every step.
        """
        if self.rate is None or not self.booking.per_spike:
            return None
        held = self.signal.kind is Kind.ANALOG and not self.signal.train
        return times_known(self.rate.effective, self.timesteps if held else 1)

    @property
    def effective_macs(self) -> Fraction | None:
        """Measured multiplications by values that are not zero, of a row that spikes do not cause."""
        measured = self.rate.effective_macs if self.rate else None
        return times_known(measured, 1 if self.signal.train else self.runs)

    @property
    def runs(self) -> int:
        """How often the row is computed in an inference: T times or once."""
        return self.timesteps if self.booking.per_step else 1

    @property
    def saves(self) -> Fraction | None:
        """E_ANN / E_SNN of the row; None where it has no operations."""
        return ratio(self.artificial_energy, self.energy)


def price(profile: Profile, booking: Booking) -> Fraction | None:
    """The energy of one operation in pJ; None where the profile does not know it."""
    if booking.updates and profile.neuron is not None:
        return profile.neuron
    return profile.mac if booking.operation is Operation.MAC else profile.ac


def ratio(above: Fraction | None, below: Fraction | None) -> Fraction | None:
    """Return a quotient; None where a side is not known or the divisor is zero."""
    return None if above is None or not below else above / below


def rate_of(row: CostRow, activity: Activity) -> Rate | None:
    """Return what an activity says of a row's input."""
    return activity.rate(*row.key, coded_image=row.signal.kind is Kind.SIGNED)
