"""One network at many points: every combination of time-steps, activities and profiles.

Nothing is counted twice: a point differs from another in its last multiplication only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product

from snnc.analysis.activity import assumed
from snnc.analysis.cost import CostOptions, CostReport, cost
from snnc.analysis.exact import exact
from snnc.analysis.profile import Profile, names, profile_named
from snnc.ir.program import Program

MOST_POINTS = 100_000


class SweepError(ValueError):
    """A sweep cannot be read; the message says what it should look like."""


@dataclass(frozen=True)
class Sweep:
    """The axes; an empty one keeps what the options say."""

    timesteps: tuple[int, ...] = ()
    activities: tuple[Fraction, ...] = ()
    profiles: tuple[Profile, ...] = ()

    @property
    def points(self) -> int:
        """How many reports there will be."""
        return max(len(self.timesteps), 1) * max(len(self.activities), 1) * max(len(self.profiles), 1)


def read_sweep(axes: tuple[str, ...], profile: Callable[[str], Profile] = profile_named) -> Sweep:
    """Read ``T=5,10,25``, ``S_A=0.01:0.1:0.01`` (both ends included) and ``profile=paper,horowitz-fp32``.

    ``profile=all`` are all that come along; ``profile`` finds the others by their names. Raises
    `SweepError`, and `ProfileError` for a profile that does not exist.
    """
    sweep = Sweep()
    for axis in axes:
        name, _, given = axis.partition("=")
        values = [value.strip() for value in given.split(",")]
        if name.strip() == "profile":
            chosen = names() if values == ["all"] else values
            sweep = replace(sweep, profiles=tuple(map(profile, chosen)))
        else:
            sweep = _with(sweep, name.strip(), values)
    if sweep.points > MOST_POINTS:
        raise SweepError(f"a sweep has at most {MOST_POINTS:,} points, not {sweep.points:,}")
    return sweep


def _with(sweep: Sweep, name: str, values: list[str]) -> Sweep:
    if name not in ("T", "S_A"):
        raise SweepError(f"a sweep is over T, S_A or profile, not {name!r}")
    numbers = tuple(number for value in values for number in _range(value))
    if name == "S_A":
        return replace(sweep, activities=numbers)
    if any(number.denominator != 1 or number < 1 for number in numbers):
        raise SweepError("T is a whole number, at least 1")
    return replace(sweep, timesteps=tuple(number.numerator for number in numbers))


def _range(text: str) -> Iterator[Fraction]:
    try:
        parts = [exact(part) for part in text.split(":")]
    except ValueError as error:
        raise SweepError(str(error)) from None
    if len(parts) == 1:
        yield parts[0]
        return
    if len(parts) != 3 or parts[2] <= 0 or parts[1] < parts[0]:
        raise SweepError(f"a range is first:last:step with a positive step, not {text!r}")
    first, last, step = parts
    count = (last - first) // step + 1
    if count > MOST_POINTS:
        raise SweepError(f"a sweep has at most {MOST_POINTS:,} points, not {count:,}")
    yield from (first + index * step for index in range(count))


def run_sweep(snn: Program, ann: Program, options: CostOptions, sweep: Sweep) -> Iterator[CostReport]:
    """Yield a report per point: T outermost, then S_A, then the profile."""
    steps = sweep.timesteps or (options.timesteps or snn.timesteps,)
    activities = [
        replace(options.activity, assumed=assumed(one).assumed, rates={}) for one in sweep.activities
    ] or [options.activity]
    profiles = sweep.profiles or (options.profile,)
    base = cost(snn, ann, options)
    for timesteps, activity, profile in product(steps, activities, profiles):
        chosen = replace(options, timesteps=timesteps, activity=activity, profile=profile)
        yield base.at(chosen)
