"""Runs passes in order and holds each to its contract."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from snnc.analysis.checks import violations
from snnc.diagnostics import Reporter
from snnc.ir.facts import Fact
from snnc.ir.graph import Graph
from snnc.passes.base import Pass

Watcher = Callable[[str, Graph], None]


class ContractError(Exception):
    """A pass did not keep its word. A fault of the compiler, never of the spec."""


@dataclass(frozen=True)
class Pipeline:
    """Passes in an order that is checked when it is built.

    Raises `ContractError` when a pass needs what no earlier one gives or when, after a pass, a
    fact does not hold; `CompileError` when a pass reports errors about the spec.
    """

    passes: tuple[Pass, ...]
    known: frozenset[Fact] = field(default=frozenset())

    def __post_init__(self) -> None:
        known = self.known
        for step in self.passes:
            if missing := step.needs - known:
                raise ContractError(
                    f"{step.name} needs {', '.join(sorted(missing))}, which no pass before it gives"
                )
            known = known - step.breaks | step.gives

    @property
    def gives(self) -> frozenset[Fact]:
        """What holds at the end."""
        known = self.known
        for step in self.passes:
            known = known - step.breaks | step.gives
        return known

    def run(self, graph: Graph, watch: Watcher | None = None) -> Graph:
        """Return the graph after all passes. ``watch`` sees each one's name and result."""
        known, report = self.known, Reporter()
        for step in self.passes:
            if not step.asks:
                report.stop_on_errors()
            graph = step(graph, report)
            known = known - step.breaks | step.gives
            if not report.failed:
                _hold_to(step, graph, known)
            if watch is not None:
                watch(step.name, graph)
        report.stop_on_errors()
        return graph


def _hold_to(step: Pass, graph: Graph, known: frozenset[Fact]) -> None:
    for violation in violations(graph, known):
        raise ContractError(f"after {step.name}: {violation}")
