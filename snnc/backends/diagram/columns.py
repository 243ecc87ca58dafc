"""Break a long chain into columns of like height.

A column may end between any two boxes that no loop holds together: best behind a pool or at a border
between panels, worst among steps that share weights.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt

from snnc.backends.diagram.drawing import Box, Drawing, Item, Kind, Loop, Panel

ASPECT = 1.4  # width to height of the whole
FORM = 0.15  # how much a page of another form costs, against breaks in bad places
SINGLE = 660.0  # up to this height, in pixels, one column
CANDIDATES = 12  # how many places are tried for one break
REACH = 0.6  # of a column's height: how far a break may be from where the heights would be equal


@dataclass(frozen=True)
class Enter:
    """A frame begins. ``again``: it goes on from the column before."""

    frame: Panel | Loop
    again: bool = False


@dataclass(frozen=True)
class Leave:
    """The innermost frame ends, here or at the end of a column."""

    frame: Panel | Loop


Token = Enter | Leave | Box


@dataclass(frozen=True)
class _Cut:
    """A place where a column may end: what is above it, where in the row, how bad it looks there."""

    above: float
    position: int
    badness: float


@dataclass(frozen=True, order=True)
class _Way:
    """Some columns: what is bad about them, how much of the whole they hold, where they were broken."""

    cost: float
    above: float
    positions: tuple[int, ...]

    def to(self, above: float, height: float, badness: float, position: tuple[int, ...]) -> _Way:
        """Return these columns with one more, which is the worse the more it differs from that height."""
        uneven = ((above - self.above) / height - 1) ** 2
        return _Way(self.cost + uneven + badness, above, self.positions + position)


def columns(drawing: Drawing, heights: Mapping[str, float], width: float) -> list[list[Token]]:
    """Return the boxes and frames of each column.

    ``heights`` are those of the boxes with the room above them, ``width`` is a column's, in pixels.
    """
    row = _tokens(drawing.items)
    total = sum(heights.values())
    cuts = _cuts(row, heights)
    usual = 1 if total <= SINGLE or not cuts else max(1, round(sqrt(total * ASPECT / width)))
    numbers = {usual} if usual == 1 else {usual - 1, usual, usual + 1}
    ways = [_best(cuts, total, number, width) for number in sorted(numbers)]
    return _split(row, set(min(ways).positions))


def _tokens(items: Sequence[Item]) -> list[Token]:
    found: list[Token] = []
    for item in items:
        if isinstance(item, Box):
            found.append(item)
        else:
            found += [Enter(item), *_tokens(item.items), Leave(item)]
    return found


def _cuts(row: list[Token], heights: Mapping[str, float]) -> list[_Cut]:
    cuts: list[_Cut] = []
    above, loops, last = 0.0, 0, None
    for position, token in enumerate(row):
        between = not isinstance(token, Leave) and not isinstance(row[position - 1], Enter)
        if last is not None and not loops and between:
            cuts.append(_Cut(above, position, _badness(last, token)))
        if isinstance(token, Box):
            above += heights[token.key]
            last = token
        elif isinstance(token.frame, Loop):
            loops += 1 if isinstance(token, Enter) else -1
    return cuts


def _badness(before: Box, after: Token) -> float:
    """Return how much of a column's height a break here is worth avoiding."""
    if isinstance(after, Box) and after.kind is Kind.POOL:
        return 0.35
    if before.kind is Kind.POOL or isinstance(after, Enter):
        return 0.0
    if isinstance(after, Box) and before.family is not None and after.family is not None:
        return 0.6
    return 0.1


def _near(cuts: list[_Cut], ideal: float, height: float) -> list[_Cut]:
    """Return the best places for a break not too far from an ideal height; the nearest, if there is none."""
    start = bisect_left(cuts, ideal - REACH * height, key=lambda cut: cut.above)
    end = bisect_left(cuts, ideal + REACH * height, key=lambda cut: cut.above)
    near = cuts[start:end] or [min(cuts, key=lambda cut: abs(cut.above - ideal))]
    return sorted(near, key=lambda cut: abs(cut.above - ideal) / height + cut.badness)[:CANDIDATES]


def _best(cuts: list[_Cut], total: float, number: int, width: float) -> _Way:
    """Return the best breaks into that many columns: even heights, good places, a page of good form."""
    height = total / number
    found = [_Way(0.0, 0.0, ())]
    for k in range(1, number):
        found = [
            min(way.to(cut.above, height, cut.badness, (cut.position,)) for way in found)
            for cut in _near(cuts, height * k, height)
        ]
    form = FORM * abs(log(number * width / height / ASPECT))
    last = min(way.to(total, height, 0.0, ()) for way in found)
    return _Way(last.cost / number + form, total, last.positions)


def _split(row: list[Token], chosen: set[int]) -> list[list[Token]]:
    """Return the row broken at the chosen positions; frames are closed there and opened again."""
    found: list[list[Token]] = [[]]
    inside: list[Panel | Loop] = []
    for position, token in enumerate(row):
        if position in chosen:
            found[-1] += [Leave(frame) for frame in reversed(inside)]
            found.append([Enter(frame, again=True) for frame in inside])
        if isinstance(token, Enter):
            inside.append(token.frame)
        elif isinstance(token, Leave):
            inside.pop()
        found[-1].append(token)
    return found
