"""What a pass is: a frozen dataclass that maps a graph to a graph and declares its contract."""

from __future__ import annotations

from typing import ClassVar, Protocol

from snnc.diagnostics import Reporter
from snnc.ir.facts import Fact
from snnc.ir.graph import Graph


class Pass(Protocol):
    """One step from graph to graph; its fields are its options.

    ``needs`` must hold before it, ``gives`` hold after it, ``breaks`` may no longer hold. The
    pipeline checks all three. A pass is pure; what the user did wrong goes to ``report``. One that
    ``asks`` questions about the spec also runs on a graph with mistakes, to find the others.
    """

    name: ClassVar[str]
    needs: ClassVar[frozenset[Fact]]
    gives: ClassVar[frozenset[Fact]]
    breaks: ClassVar[frozenset[Fact]]
    asks: ClassVar[bool]

    def __call__(self, graph: Graph, report: Reporter) -> Graph:
        """Return the graph that this pass makes of ``graph``."""
        ...
