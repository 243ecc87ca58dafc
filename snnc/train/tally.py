"""Sums of whole numbers over all presentations: what was fired, what was read, what it met."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import sqrt

from torch import Tensor


@dataclass
class Tally:
    """What is added up of one train over all presentations.

    ``events`` in ``values`` places cause ``operations``, ``steps`` are events per time-step; of the
    ``shown`` values that a layer reads ``nonzero`` are not zero and meet ``contacts`` weights.
    """

    events: int = 0
    values: int = 0
    operations: int = 0
    shown: int = 0
    nonzero: int = 0
    contacts: int = 0
    steps: list[int] = field(default_factory=list)
    samples: int = 0
    rates: float = 0.0
    squares: float = 0.0

    def add_steps(self, events: list[int]) -> None:
        if not self.steps:
            self.steps = [0] * len(events)
        self.steps = [old + new for old, new in zip(self.steps, events, strict=True)]

    def add_samples(self, rates: list[float]) -> None:
        self.samples += len(rates)
        self.rates += sum(rates)
        self.squares += sum(rate * rate for rate in rates)

    @property
    def spread(self) -> Fraction:
        """The standard deviation over the samples."""
        mean = self.rates / self.samples
        return Fraction(sqrt(max(0.0, self.squares / self.samples - mean * mean)))


def rates_per_step(total: Tally) -> tuple[Fraction, ...]:
    """Return the events per value at each time-step."""
    each = total.values // len(total.steps)
    return tuple(Fraction(events, each) for events in total.steps)


def add_events(total: Tally, events: Tensor, synapses: Tensor | int) -> None:
    """Add a train [T, B, ...] of events with so many synapses each. Whole numbers below 2^53 are exact."""
    counted = events.double()
    per_sample = counted.transpose(0, 1).flatten(1)
    per_step = [int(one) for one in counted.flatten(1).sum(1).tolist()]
    total.events += sum(per_step)
    total.values += events.numel()
    total.operations += int((counted * synapses).sum())
    total.add_steps(per_step)
    total.add_samples((per_sample.sum(1) / per_sample.shape[1]).tolist())


def add_shown(total: Tally, shown: Tensor, synapses: Tensor | int) -> None:
    """Add what a layer reads, [T, B, ...] or [1, B, ...], with so many synapses each."""
    nonzero = (shown != 0).double()
    total.shown += shown.numel()
    total.nonzero += int(nonzero.sum())
    total.contacts += int((nonzero * synapses).sum())
