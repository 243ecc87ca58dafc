"""Where a spiking twin stops paying, and what it can save at most.

The energy of any set of rows is ``once + per_step T + per_spike T S_A``. Set equal to E_ANN it gives the
activity, the number of steps or their product at which both twins cost the same; at S_A = 0 it gives
the upper bound of EE; set equal to E_ANN / EE it gives the activity that a claimed EE implies.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from snnc.analysis.rows import CostRow, price, ratio, sum_known, times_known

ZERO = Fraction(0)


@dataclass(frozen=True)
class Terms:
    """E_ANN and the three parts of E_SNN, in pJ; the activity is the same in all rows."""

    artificial: Fraction
    once: Fraction
    per_step: Fraction
    per_spike: Fraction

    def energy(self, timesteps: int, activity: Fraction) -> Fraction:
        """E_SNN for one T and one S_A."""
        return self.once + timesteps * (self.per_step + activity * self.per_spike)

    def efficiency(self, timesteps: int, activity: Fraction) -> Fraction | None:
        """EE for one T and one S_A; None where the spiking twin costs nothing."""
        return ratio(self.artificial, self.energy(timesteps, activity))

    def bound(self, timesteps: int) -> Fraction | None:
        """The EE that no activity can reach, that of S_A = 0; None where there is no bound."""
        return self.efficiency(timesteps, ZERO)

    def activity(self, timesteps: int, efficiency: Fraction = Fraction(1)) -> Fraction | None:
        """The S_A that gives this EE; by default the break-even. Negative where nothing can.

        None where spikes cause no operation.
        """
        left = self.artificial / efficiency - self.once - timesteps * self.per_step
        return ratio(left, timesteps * self.per_spike)

    def steps(self, activity: Fraction) -> Fraction | None:
        """The T at which both twins cost the same; None where T makes no difference."""
        return ratio(self.artificial - self.once, self.per_step + activity * self.per_spike)

    @property
    def product(self) -> Fraction | None:
        """The S_A x T at which both cost the same; None where T alone costs too."""
        return None if self.per_step else ratio(self.artificial - self.once, self.per_spike)


def terms(rows: Iterable[CostRow]) -> Terms | None:
    """Return the parts that a set of rows adds up to; None where the profile lacks an energy."""
    rows = tuple(rows)
    artificial = sum_known(row.artificial_energy for row in rows)
    once = sum_known(_part(row, per_step=False, per_spike=False) for row in rows)
    per_step = sum_known(_part(row, per_step=True, per_spike=False) for row in rows)
    per_spike = sum_known(_part(row, per_step=True, per_spike=True) for row in rows)
    if artificial is None or once is None or per_step is None or per_spike is None:
        return None
    return Terms(artificial, once, per_step, per_spike)


def _part(row: CostRow, *, per_step: bool, per_spike: bool) -> Fraction | None:
    booked = row.booking
    if (booked.per_step, booked.per_spike) != (per_step, per_spike):
        return ZERO
    return times_known(booked.count, price(row.profile, booked))
