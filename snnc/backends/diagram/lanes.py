"""Side by side without touching: which of the parallel lanes each interval gets."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

ROOM = 6.0  # between the ends of two intervals in one lane, in pixels

Interval = tuple[float, float]


def lanes(intervals: Sequence[Interval]) -> list[int]:
    """Return a lane for each interval, 0 being the innermost, so that none overlap.

    Short ones come first and stay inside, so nested intervals nest.
    """
    taken: list[list[Interval]] = []
    chosen = [0] * len(intervals)
    for number in sorted(range(len(intervals)), key=lambda n: (intervals[n][1] - intervals[n][0], n)):
        chosen[number] = _first_free(taken, intervals[number])
    return chosen


def _first_free(taken: list[list[Interval]], wanted: Interval) -> int:
    """Put an interval into the first lane with room for it; return the lane."""
    for lane, held in enumerate(taken):
        place = bisect_left(held, wanted)
        fits_before = place == 0 or held[place - 1][1] + ROOM <= wanted[0]
        fits_after = place == len(held) or wanted[1] + ROOM <= held[place][0]
        if fits_before and fits_after:
            held.insert(place, wanted)
            return lane
    taken.append([wanted])
    return len(taken) - 1
