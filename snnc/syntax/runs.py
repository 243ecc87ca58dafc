"""Find the listings of a BackRes block in a chain: where it stands, and how often in a row."""

from __future__ import annotations

from snnc.diagnostics import Reporter
from snnc.source import Span
from snnc.syntax.errors.listing import BackResApart, BackResTwice
from snnc.syntax.tree import BackRes, Group
from snnc.syntax.units import Chain, Unit

Listing = list[Unit]
"""A block as it is listed once: its units."""

Run = list[Listing]
"""A block as it is listed once or several times in a row."""


def find_runs(clause: BackRes, chain: Chain, report: Reporter) -> tuple[Run, ...]:
    """Return the runs of a clause's block in order, none after a report.

    Every layer that the clause names is in one of them.
    """
    runs: list[Run] = []
    covered: set[int] = set()
    names = names_of(clause)
    for layer in chain.layers[clause.names[0].value]:
        start = layer.outermost(names)
        if id(start) in covered:
            continue
        run = read_run(clause, start, report)
        if not run:
            return ()
        runs.append(run)
        covered.update(id(unit) for listing in run for unit in listing)
    for name in clause.names:
        for layer in chain.layers[name.value]:
            if id(layer.outermost(names)) not in covered:
                report(apart(clause, layer.span, "stands apart from the block"))
                return ()
    return tuple(runs)


def read_run(clause: BackRes, start: Unit, report: Reporter) -> Run:
    """Return the listings of a block that follow each other from here; none after a report."""
    run: Run = []
    unit: Unit | None = start
    while unit is not None and unit.names[:1] == (clause.names[0].value,):
        listing = read_listing(clause, unit, report)
        if not listing:
            return []
        run.append(listing)
        unit = listing[-1].next
    return run


def read_listing(clause: BackRes, start: Unit, report: Reporter) -> Listing:
    """Return the units of a block listed from here; none after a report."""
    wanted = tuple(name.value for name in clause.names)
    if isinstance(start.head, Group) and start.names == wanted:
        report(BackResTwice(clause.span, show(clause), start.head.span))
        return []
    listing: Listing = []
    read = 0
    unit: Unit | None = start
    while read < len(wanted):
        if unit is None or not unit.names or unit.names != wanted[read : read + len(unit.names)]:
            report(missing(clause, wanted[read], unit, listing))
            return []
        listing.append(unit)
        read += len(unit.names)
        unit = unit.next
    return listing


def missing(clause: BackRes, name: str, found: Unit | None, listing: Listing) -> BackResApart:
    """Say which layer should stand where another unit, or nothing, stands."""
    if found is None:
        return apart(clause, listing[-1].span, f"`{name}` should follow")
    return apart(clause, found.head.span, f"`{name}` should stand here")


def apart(clause: BackRes, span: Span, words: str) -> BackResApart:
    """Return the diagnostic of a block whose layers do not stand together."""
    return BackResApart(span, show(clause), words, clause.times.value, clause.span)


def names_of(clause: BackRes) -> frozenset[str]:
    """Return the names that a clause's block has."""
    return frozenset(name.value for name in clause.names)


def show(clause: BackRes) -> str:
    """Return a clause's block as it is written: ``[Conv2 - Conv3]``."""
    return f"[{' - '.join(name.value for name in clause.names)}]"
