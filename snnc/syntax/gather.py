"""Gather: put every block that a `BackRes` clause counts into a group, in place of its listings.

Refused is a clause that does not fit the listing: an unknown layer, a block that is counted twice, whose
layers do not stand together, or whose listings differ from the count or from each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate

from snnc.diagnostics import Reporter
from snnc.diagnostics.near import closest
from snnc.syntax.errors.listing import BackResTwice, BackResUnknown, RepeatCount
from snnc.syntax.listings import Flow, compare
from snnc.syntax.runs import Run, apart, find_runs, names_of, show
from snnc.syntax.tree import BackRes, Group, Item, Name, Spec
from snnc.syntax.units import Chain, Unit, link, unlink

_MOST_GUESSES = 20  # wrong names that are compared with the right ones, which takes time


def gather(spec: Spec, report: Reporter) -> tuple[Item, ...]:
    """Return the chain with a group for each clause that fits; the others are reported."""
    work = Gathering(link(spec.layers), Flow(spec), report)
    work.all(spec.backres)
    return unlink(work.chain.first)


@dataclass
class Gathering:
    """The work on one chain."""

    chain: Chain
    flow: Flow
    report: Reporter
    spoilt: set[str] = field(default_factory=set)  # the layers of clauses that do not fit
    counted: list[tuple[BackRes, Run]] = field(default_factory=list)
    guesses: int = 0

    def all(self, clauses: tuple[BackRes, ...]) -> None:
        """Fold every clause that fits, inner groups before outer ones."""
        known = sorted(self.distinct(clauses), key=lambda clause: len(clause.names))
        about: dict[str, list[frozenset[str]]] = {}
        for clause in known:
            about.setdefault(clause.names[0].value, [])
        for clause in known:
            for name in names_of(clause):
                about.get(name, []).append(names_of(clause))
        for clause in known:
            self.one(clause, about[clause.names[0].value])
        self.report_counts()

    def distinct(self, clauses: tuple[BackRes, ...]) -> Iterator[BackRes]:
        """Yield the clauses that count a block of distinct, listed layers for the first time."""
        first: dict[frozenset[str], BackRes] = {}
        for clause in clauses:
            names = names_of(clause)
            if names in first:
                self.report(BackResTwice(clause.span, show(clause), first[names].span))
            elif self.well_named(clause):
                first[names] = clause
                yield clause
            else:
                self.spoilt |= names

    def well_named(self, clause: BackRes) -> bool:
        """Whether each name of a clause is a listed layer and stands there once."""
        seen: dict[str, Name] = {}
        well = True
        for name in clause.names:
            if name.value in seen:
                self.report(BackResTwice(name.span, f"`{name.value}`", seen[name.value].span))
                well = False
            elif name.value not in self.chain.layers:
                self.report(BackResUnknown(name.span, name.value, self.closest(name.value)))
                well = False
            seen[name.value] = name
        return well

    def closest(self, name: str) -> tuple[str, ...]:
        """Return the listed names that a wrong one may have meant, for the first wrong ones."""
        self.guesses += 1
        if self.guesses > _MOST_GUESSES:
            return ()
        return closest(name, self.chain.layers)

    def one(self, clause: BackRes, about: list[frozenset[str]]) -> None:
        """Fold one clause; ``about`` holds the blocks of the clauses that name its first layer."""
        if not self.spoilt.isdisjoint(names_of(clause)):
            return
        runs = find_runs(clause, self.chain, self.report)
        if len(runs) > 1 and not any(names_of(clause) < outer for outer in about):
            self.report(apart(clause, runs[1][0][0].span, "stands apart from the others"))
            runs = ()
        if not runs:
            self.spoilt |= names_of(clause)
            return
        compare([listing for run in runs for listing in run], self.flow, self.report)
        self.counted += [(clause, run) for run in runs]
        self.enclose(clause, runs)

    def enclose(self, clause: BackRes, runs: tuple[Run, ...]) -> None:
        """Make a group of each run; its layers are those of the first listing."""
        starts = tuple(accumulate((len(run) for run in runs[:-1]), initial=0))
        for name in names_of(clause):
            self.chain.layers[name] = [self.chain.layers[name][start] for start in starts]
        for run in runs:
            self.chain.enclose(run[0], run[-1][-1], group_of(clause, run))

    def report_counts(self) -> None:
        """Report the counts that the listing contradicts.

        A count that several blocks share is mended only where the listings agree on another one.
        """
        listed: dict[int, set[int]] = {}
        for clause, run in self.counted:
            listed.setdefault(clause.times.span.start, set()).add(len(run))
        told: set[int] = set()
        for clause, run in self.counted:
            times, number = clause.times, len(run)
            if number not in (1, times.value) and times.span.start not in told:
                told.add(times.span.start)
                mendable = listed[times.span.start] <= {1, number}
                span = run[0][0].span.to(run[-1][-1].span)
                self.report(RepeatCount(times.span, show(clause), times.value, number, span, mendable))


def group_of(clause: BackRes, run: Run) -> Unit:
    """Return the group that a run of listings becomes."""
    span = run[0][0].span.to(run[-1][-1].span)
    names = tuple(name.value for name in clause.names)
    return Unit((Group((), clause.times, clause.keep, span=span),), names, compared=True)
