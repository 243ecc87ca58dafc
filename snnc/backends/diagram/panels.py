"""Boxes of one time, side by side in execution, become a panel.

Images, encoders, integrators and heads are the borders between panels. A group that is of one time
throughout lies inside a panel; one that is not has panels of its own, so that frames always nest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from snnc.analysis.timing import Time
from snnc.backends.diagram.drawing import Box, Item, Kind, Loop, Panel, boxes_of

BORDERS = frozenset({Kind.INPUT, Kind.ENCODE, Kind.INTEGRATE, Kind.CLASSIFY})


def panelled(items: tuple[Box | Loop, ...]) -> tuple[Item, ...]:
    """Return the items with those of one time put into panels."""
    return tuple(_panelled(items))


def _panelled(items: tuple[Box | Loop, ...]) -> Iterator[Item]:
    for time, run in groupby(items, _time):
        if time is None:
            for item in run:
                yield replace(item, items=panelled(item.items)) if isinstance(item, Loop) else item  # type: ignore[arg-type]  # no panels in it yet
        else:
            yield _panel(tuple(run), time)


def _panel(items: tuple[Item, ...], time: Time) -> Panel:
    if time is Time.STATIC:
        return Panel(items, time, "ANN", "once")
    return Panel(items, time, "SNN", "at each of T steps")


def _time(item: Box | Loop) -> Time | None:
    """Return the time of a box or of all boxes in a loop; None for borders and mixed loops."""
    if isinstance(item, Box):
        return None if item.kind in BORDERS else item.time
    inside = {_time(box) for box in boxes_of(item.items)}
    return inside.pop() if len(inside) == 1 else None
