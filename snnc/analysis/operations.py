"""What a layer's application computes in one inference, as a closed form in T and S_A.

Eqn (9), FLOPS_SNN = O^2 N k^2 M S_A per time-step, and the T of Eqn (11), with exact integers: a form
is a count, times T where it is repeated at every step, times S_A where only spikes cause it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from snnc.analysis.layers import LayerRow
from snnc.analysis.policy import Policy
from snnc.analysis.signals import Kind, Signal


class Operation(StrEnum):
    """Multiply-and-accumulate, or accumulate alone."""

    MAC = "MAC"
    AC = "AC"


@dataclass(frozen=True)
class Booking:
    """The operations of one row: ``count``, x T if ``per_step``, x S_A if ``per_spike``; and why.

    ``updates``: they are updates of neurons, for which a profile may have a figure of its own.
    """

    operation: Operation
    count: int
    per_step: bool
    per_spike: bool
    why: str
    updates: bool = False

    def operations(self, timesteps: int, activity: Fraction | None) -> Fraction | None:
        """Operations per inference; None where S_A is needed and not known."""
        if self.per_spike and activity is None:
            return None
        steps = timesteps if self.per_step else 1
        return Fraction(self.count * steps) * (activity if self.per_spike and activity is not None else 1)

    def __str__(self) -> str:
        factors = [f"{self.count:,}", *["T"] * self.per_step, *["S_A"] * self.per_spike]
        return " ".join(factors)


def book(row: LayerRow, signal: Signal, *, spiking: bool, output: bool, policy: Policy) -> Booking:
    """Return what a row costs in the spiking twin.

    ``signal`` is its input; ``spiking`` whether its own neuron spikes; ``output`` whether it has no
    neuron and gives the scores.
    """
    if row.kind == "heads":
        return _multiply(0, "not counted")
    if signal.train:
        return _book_train(row.macs, signal, policy)
    if spiking:
        return _book_interface(row.macs, policy)
    if output and signal.kind is Kind.ACCUMULATED and policy.readout == "ac":
        return _accumulate(row.macs, "the output layer accumulates spikes")
    if signal.after_spikes and policy.relu == "per-step":
        return _multiply(row.macs, "behind spikes, every step", per_step=True)
    return _multiply(row.macs, "on the accumulated spikes" if signal.after_spikes else "a value without time")


def book_artificial(row: LayerRow) -> Booking:
    """Return what a row costs in the artificial twin; Eqn (8)."""
    return _multiply(row.macs, "artificial")


def _book_train(macs: int, signal: Signal, policy: Policy) -> Booking:
    if not signal.spikes:
        return _multiply(macs, "an analog train", per_step=True)
    if signal.area > 1 and policy.pooled == "mac":
        return _multiply(macs, "averages of spikes are multiplied", per_step=True)
    if signal.area > 1 and policy.pooled == "events":
        return _accumulate(macs * signal.area, f"{signal.area} spikes to an average")
    return _accumulate(macs, "spikes")


def _book_interface(macs: int, policy: Policy) -> Booking:
    match policy.interface:
        case "ac":
            return _accumulate(macs, "a real value booked as spikes")
        case "mac":
            return _multiply(macs, "a constant value, computed once")
        case "mac-per-step":
            return _multiply(macs, "a constant value, computed every step", per_step=True)


def _accumulate(count: int, why: str) -> Booking:
    return Booking(Operation.AC, count, per_step=True, per_spike=True, why=why)


def _multiply(count: int, why: str, *, per_step: bool = False) -> Booking:
    return Booking(Operation.MAC, count, per_step=per_step, per_spike=False, why=why)
