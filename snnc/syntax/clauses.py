"""Put clauses together: from the clauses of a file, in any order, to one `tree.Spec`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from snnc.diagnostics import Reporter
from snnc.source import Span
from snnc.syntax.errors.clauses import GivenTwice
from snnc.syntax.tree import Spec, Tree

WORDS = {"name": "network name", "layers": "chain of layers"}  # fields that are called otherwise by users


@dataclass(frozen=True)
class Clause:
    """A clause: the field of the spec that it fills, and its one value."""

    field: str
    value: Tree | tuple[Tree, ...]
    span: Span


@dataclass(frozen=True)
class Clauses:
    """A clause that adds to a field, as `Skip` does: a file may have several."""

    field: str
    values: tuple[Tree, ...]


def assemble(clauses: Iterable[Clause | Clauses], span: Span, report: Reporter) -> Spec:
    """Return the spec of these clauses; what can be said once must not be said twice."""
    lists: dict[str, list[Tree]] = {}
    first: dict[str, Clause] = {}
    again: dict[str, Clause] = {}
    for clause in clauses:
        if isinstance(clause, Clauses):
            lists.setdefault(clause.field, []).extend(clause.values)
        elif first.setdefault(clause.field, clause) is not clause:
            again.setdefault(clause.field, clause)
    for field, clause in again.items():
        if field != "name" or "layers" not in again:  # a second network is told by its chain
            report(GivenTwice(clause.span, WORDS.get(field, f"`{field}`"), first[field].span))
    fields: dict[str, Any] = {field: clause.value for field, clause in first.items()}
    fields |= {field: tuple(values) for field, values in lists.items()}
    return Spec(**fields, span=span)
