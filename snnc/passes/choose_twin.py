"""Settle every neuron for one twin: the left of ``ReLU|LIF`` for the ANN, the right for the SNN."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from snnc.diagnostics import Reporter
from snnc.ir.facts import Fact
from snnc.ir.graph import Graph, Node
from snnc.ir.ops import Identity, Neuron, Repeat, Twin
from snnc.ir.program import Target


@dataclass(frozen=True)
class ChooseTwin:
    """Neurons of one twin; those that are ``identity`` go."""

    target: Target

    name: ClassVar[str] = "choose-twin"
    needs: ClassVar[frozenset[Fact]] = frozenset()
    gives: ClassVar[frozenset[Fact]] = frozenset({Fact.TWIN_CHOSEN})
    breaks: ClassVar[frozenset[Fact]] = frozenset()
    asks: ClassVar[bool] = False

    def __call__(self, graph: Graph, report: Reporter) -> Graph:
        """Return the graph of the target's twin."""
        return graph.rewrite(self._rule)

    def _rule(self, node: Node, _operands: tuple[Node, ...]) -> tuple[Node, ...]:
        match node.op:
            case Repeat(body=body):
                return (replace(node, op=replace(node.op, body=body.rewrite(self._rule))),)
            case Neuron(unit=Twin(ann=ann, snn=snn)):
                unit = ann if self.target is Target.ANN else snn
                return () if isinstance(unit, Identity) else (replace(node, op=replace(node.op, unit=unit)),)
            case _:
                return (node,)
