"""A gate for continuous integration: bounds on what a network may cost, and which are not met.

A bound on something that is not known is not met.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from snnc.analysis.cost import CostReport
from snnc.analysis.exact import exact

SUFFIXES = MappingProxyType({"k": 3, "K": 3, "M": 6, "G": 9, "T": 12})
ENERGIES = MappingProxyType({"pJ": 0, "nJ": 3, "uJ": 6, "µJ": 6, "mJ": 9, "J": 12})

Question = Callable[[CostReport], Fraction | int | None]


@dataclass(frozen=True)
class Limit:
    """``most`` or least of one figure; ``unit`` is only for the message."""

    name: str
    bound: Fraction
    most: bool
    unit: str = ""


QUESTIONS: Mapping[str, Question] = MappingProxyType(
    {
        "parameters": lambda report: report.parameters,
        "MACs": lambda report: report.macs,
        "E_SNN": lambda report: report.energy_snn,
        "EE": lambda report: report.ee,
    }
)


def quantity(text: str, units: Mapping[str, int] = SUFFIXES) -> Fraction:
    """Read ``2.3M`` or, with ``ENERGIES``, ``13 uJ`` in pJ. Raises `ValueError`."""
    stripped = text.strip()
    for suffix in sorted(units, key=len, reverse=True):
        if stripped.endswith(suffix):
            return exact(stripped.removesuffix(suffix)) * Fraction(10) ** units[suffix]
    return exact(stripped)


def unmet(report: CostReport, limits: Iterable[Limit]) -> tuple[str, ...]:
    """Return a sentence for each limit that a report does not keep."""
    return tuple(sentence for limit in limits if (sentence := _broken(report, limit)))


def _broken(report: CostReport, limit: Limit) -> str:
    actual = QUESTIONS[limit.name](report)
    word = "at most" if limit.most else "at least"
    wanted = f"{word} {_number(limit.bound)}{limit.unit}"
    if actual is None:
        return f"{report.network}: {limit.name} is not known, wanted {wanted}"
    kept = actual <= limit.bound if limit.most else actual >= limit.bound
    return "" if kept else f"{report.network}: {limit.name} is {_number(actual)}{limit.unit}, wanted {wanted}"


def _number(value: Fraction | int) -> str:
    """Integers exactly; others to six digits."""
    exactly = Fraction(value)
    return f"{exactly.numerator:,}" if exactly.denominator == 1 else f"{float(exactly):,.6g}"
