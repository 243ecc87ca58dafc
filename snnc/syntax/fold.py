"""Fold: from a tree as it was written to one in which every repetition is a `Group`.

The tables print a BackRes network unrolled, `Conv2(...)-Conv2(...)`, and say in another column that
`[Conv2]` is repeated. Here both become one group, so that all spellings of a network are equal trees:

1. a clause's block, listed once or n times in a row, becomes a group of its first listing;
2. a neuron behind a group becomes the neuron of the layers in it that name none.

Refused is a clause that does not fit the listing. Whether the layers fit each other, and what stays
listed twice without a clause, is asked later.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from itertools import accumulate

from snnc.diagnostics import Reporter
from snnc.syntax.errors import BackResTwice, BackResUnknown, RepeatCount
from snnc.syntax.listings import Flow, compare
from snnc.syntax.runs import Run, apart, find_runs, names_of, show
from snnc.syntax.settle import settle
from snnc.syntax.tree import BackRes, Group, Name, Spec
from snnc.syntax.units import Chain, Unit, link, unlink

_MOST_GUESSED = 500  # names that are compared letter by letter for a near miss


def fold(spec: Spec, report: Reporter) -> Spec:
    """Return the spec with groups only: no unrolled listing, no `BackRes` clause.

    A clause that does not fit is reported and left out.
    """
    layers = spec.layers
    if spec.backres:
        work = _Fold(link(layers), Flow(spec), report)
        work.all(spec.backres)
        layers = unlink(work.chain.first)
    return replace(spec, layers=settle(layers), backres=())


@dataclass
class _Fold:
    """The work on one chain."""

    chain: Chain
    flow: Flow
    report: Reporter
    spoilt: set[str] = field(default_factory=set)  # the layers of clauses that do not fit
    counted: list[tuple[BackRes, Run]] = field(default_factory=list)

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
        """Return the listed names that a wrong one may have meant."""
        names = list(self.chain.layers)
        same = [one for one in names if one.lower() == name.lower()]
        return tuple(same[:1] or get_close_matches(name, names[:_MOST_GUESSED], n=3, cutoff=0.75))

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
