"""Two reports side by side: rows matched by (layer, application), never by position, and what changed.

The order is that of both networks merged; a row that only one of them has stands where it runs there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from snnc.analysis.cost import CostReport
from snnc.analysis.rows import CostRow

Key = tuple[str, int]


@dataclass(frozen=True)
class Difference:
    """One row of both networks; None where a network does not have it. ``changes`` are words."""

    key: Key
    left: CostRow | None
    right: CostRow | None
    changes: tuple[str, ...]

    @property
    def label(self) -> str:
        """The layer's name as a graph writes it."""
        row = self.right or self.left
        return row.layer.label if row is not None else str(self.key)


def compare(left: CostReport, right: CostReport) -> tuple[Difference, ...]:
    """Return every row of both reports, in merged order."""
    lefts = {row.key: row for row in left.rows}
    rights = {row.key: row for row in right.rows}
    return tuple(
        _difference(key, lefts.get(key), rights.get(key)) for key in _merged(tuple(lefts), tuple(rights))
    )


def _merged(left: tuple[Key, ...], right: tuple[Key, ...]) -> Iterator[Key]:
    """Yield all keys once; those that both have in the order of the right one."""
    seen: set[Key] = set()
    both = set(left) & set(right)
    for _, start, end, first, last in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        only_left = (key for key in left[start:end] if key not in both)
        for key in (*only_left, *right[first:last]):
            if key not in seen:
                seen.add(key)
                yield key


def _difference(key: Key, left: CostRow | None, right: CostRow | None) -> Difference:
    if left is None:
        return Difference(key, left, right, ("added",))
    if right is None:
        return Difference(key, left, right, ("removed",))
    return Difference(key, left, right, tuple(_changes(left, right)))


def _changes(left: CostRow, right: CostRow) -> Iterator[str]:
    pairs = (
        ("kind", left.layer.kind, right.layer.kind),
        ("output", left.layer.shape, right.layer.shape),
        ("input", left.signal.kind, right.signal.kind),
        ("op", left.booking.operation, right.booking.operation),
        ("operations", left.booking, right.booking),
        ("parameters", left.layer.parameters, right.layer.parameters),
    )
    for name, before, after in pairs:
        if str(before) != str(after) and not (name == "operations" and left.layer.macs == right.layer.macs):
            yield f"{name} {_text(before)} -> {_text(after)}"


def _text(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
