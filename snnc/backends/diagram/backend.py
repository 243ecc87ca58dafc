"""The diagrams as back ends, to be found by name: ``dot`` and ``svg``. Both need no other program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from snnc.backends.diagram.dot import dot_text
from snnc.backends.diagram.sketch import draw
from snnc.backends.diagram.svg import svg_text
from snnc.ir.facts import Fact
from snnc.ir.program import Program


@dataclass(frozen=True)
class Dot:
    """A diagram in the DOT language, for Graphviz and what reads it."""

    name: ClassVar[str] = "dot"
    needs: ClassVar[frozenset[Fact]] = frozenset({Fact.SHAPED, Fact.TIMED})
    suffix: ClassVar[str] = ".dot"

    def __call__(self, program: Program) -> str:
        """Return the statements; a folded program's blocks are loops, an unrolled one's are written out."""
        return dot_text(draw(program))


@dataclass(frozen=True)
class Svg:
    """A diagram as SVG."""

    name: ClassVar[str] = "svg"
    needs: ClassVar[frozenset[Fact]] = frozenset({Fact.SHAPED, Fact.TIMED})
    suffix: ClassVar[str] = ".svg"

    def __call__(self, program: Program) -> str:
        """Return the document; a folded program's blocks are loops, an unrolled one's are written out."""
        return svg_text(draw(program))
