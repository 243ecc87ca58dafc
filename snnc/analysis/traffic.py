"""Energy with memory, under named regimes; Sec. VII's "EE will remain unaffected" is not so.

    compute   operations alone, as in the paper
    once      every weight is fetched once per inference from off-chip memory, by both twins
    per-step  every application fetches its weights at every time-step at which it runs
    per-event after Lemaire et al. 2022: each synaptic operation reads a weight and reads and writes a
              potential; each step reads and writes all potentials that leak; each MAC reads a weight and
              an input, each artificial output is written once

On-chip accesses cost what a memory just large enough for the layer's weights, potentials or inputs costs,
between two sizes in proportion; what is larger than the largest lies off the chip. Moving the spikes
themselves is not counted, nor are buffers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType

from snnc.analysis.activity import assumed
from snnc.analysis.breakeven import Terms
from snnc.analysis.cost import CostOptions, CostReport
from snnc.analysis.profile import Profile, Sram
from snnc.analysis.rows import CostRow, ratio, sum_known, times_known


@dataclass(frozen=True)
class Regime:
    """Both twins' energy in pJ with the memory of one regime, and the EE that follows."""

    name: str
    title: str
    energy_ann: Fraction | None
    energy_snn: Fraction | None

    @property
    def ee(self) -> Fraction | None:
        """E_ANN / E_SNN."""
        return ratio(self.energy_ann, self.energy_snn)


Memory = Callable[[CostRow], Fraction | None]

TITLES: Mapping[str, str] = MappingProxyType(
    {
        "compute": "operations alone",
        "once": "each weight fetched once",
        "per-step": "weights fetched at every step",
        "per-event": "each operation reads and writes memory",
    }
)


def regimes(report: CostReport) -> tuple[Regime, ...]:
    """Return all regimes, for values of the report's width; unavailable ones have None."""
    profile, bits = report.profile, report.bits
    fetch = times_known(profile.dram_per_bit, bits)
    events = _Events(profile, bits)
    return (
        _regime(report, "compute", lambda _: Fraction(0), lambda _: Fraction(0)),
        _regime(
            report,
            "once",
            lambda row: times_known(row.layer.parameters, fetch),
            lambda row: times_known(row.layer.parameters, fetch),
        ),
        _regime(
            report,
            "per-step",
            lambda row: times_known(row.layer.unshared, fetch),
            lambda row: times_known(row.layer.unshared * row.runs, fetch),
        ),
        _regime(report, "per-event", events.artificial, events.spiking),
    )


def regime_terms(report: CostReport) -> Mapping[str, Terms | None]:
    """Return each regime's energies as parts, for any T and mean S_A; None where figures are missing.

    The rates of the rows keep their proportions. Every energy is linear in T and in T S_A, so that three
    points tell its parts.
    """
    mean = report.mean_activity
    activity, unit = (report.activity, mean) if mean else (assumed(1), Fraction(1))
    once, twice, firing = (
        {
            regime.name: regime
            for regime in regimes(report.at(CostOptions(steps, report.profile, activity=rates)))
        }
        for steps, rates in ((1, assumed(0)), (2, assumed(0)), (1, activity))
    )
    return {name: _parts(once[name], twice[name], firing[name], unit) for name in TITLES}


def _parts(once: Regime, twice: Regime, firing: Regime, activity: Fraction) -> Terms | None:
    """The parts from a silent step, two silent steps and one with this mean activity."""
    ann, first, second, third = once.energy_ann, once.energy_snn, twice.energy_snn, firing.energy_snn
    if ann is None or first is None or second is None or third is None:
        return None
    return Terms(ann, 2 * first - second, second - first, (third - first) / activity)


def _regime(report: CostReport, name: str, artificial: Memory, spiking: Memory) -> Regime:
    ann = sum_known(_both(row.artificial_energy, artificial(row)) for row in report.rows)
    snn = sum_known(_both(row.energy, spiking(row)) for row in report.rows)
    return Regime(name, TITLES[name], ann, snn)


def _both(operations: Fraction | None, memory: Fraction | None) -> Fraction | None:
    return sum_known((operations, memory))


@dataclass(frozen=True)
class _Events:
    """The accesses of one layer; Lemaire et al. 2022. ``known`` remembers the energy of one by the size."""

    profile: Profile
    bits: int
    known: dict[int, Fraction | None] = field(default_factory=dict)

    def artificial(self, row: CostRow) -> Fraction | None:
        """Each MAC reads a weight and an input; what has no weights of its own is not counted."""
        if not row.layer.macs:
            return Fraction(0)
        weight, value, out = self._accesses(row)
        macs = Fraction(row.layer.macs)
        return sum_known(
            (times_known(macs, weight), times_known(macs, value), times_known(row.layer.shape.size, out))
        )

    def spiking(self, row: CostRow) -> Fraction | None:
        """Spiking rows pay per synaptic operation and per leak; the others as the artificial twin does."""
        if not row.booking.per_spike:
            return times_known(self.artificial(row), row.runs)
        weight, _, potential = self._accesses(row)
        updates = row.layer.shape.size * row.timesteps if row.leaks else 0
        return sum_known(
            (
                times_known(row.operations, weight),
                times_known(times_known(row.operations, 2), potential),
                times_known(2 * updates, potential),
            )
        )

    def _accesses(self, row: CostRow) -> tuple[Fraction | None, Fraction | None, Fraction | None]:
        sizes = (row.layer.unshared, row.layer.inputs, row.layer.shape.size)
        weight, value, out = map(self._access, sizes)
        return weight, value, out

    def _access(self, values: int) -> Fraction | None:
        if values not in self.known:
            self.known[values] = access(self.profile, values, self.bits)
        return self.known[values]


def access(profile: Profile, values: int, bits: int) -> Fraction | None:
    """The energy of reading or writing one value of a memory that holds ``values`` of ``bits`` bits."""
    size = Fraction(values * bits, 8)
    if not profile.sram:
        return None
    if size > profile.sram[-1].bytes:
        return times_known(profile.dram_per_bit, bits)
    return _interpolated(profile.sram, size) * bits


def _interpolated(memories: tuple[Sram, ...], size: Fraction) -> Fraction:
    """The energy per bit of a memory of this size, between two known ones in proportion."""
    points = [(one.bytes, one.pj / one.bits) for one in memories]
    if size <= points[0][0]:
        return points[0][1]
    for (small, low), (large, high) in pairwise(points):
        if size <= large:
            return low + (high - low) * (size - small) / (large - small)
    raise ValueError("larger than the largest memory")
