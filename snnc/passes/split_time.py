"""Place `Encode` where static values meet spiking, and `Integrate` where trains meet a static consumer.

What does not change over time is then computed once, not at every step: the ReLU prefix of a hybrid,
the first convolution on a real-valued input, the classifier on the mean over the spikes.

1. Poisson coding: an `Encode` right behind the input.
2. A spiking neuron on a static current: an `Encode` that holds the current, in front of the neuron.
3. A layer whose neuron is a ReLU, or that classifies, on a train: an `Integrate` in front of the layer.
4. A join of both: the static ones are held, or the trains integrated where the result has to be static.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

from snnc.analysis.timing import Time, body_demands, demand, demands
from snnc.diagnostics import Reporter
from snnc.ir.facts import Fact
from snnc.ir.graph import Graph, Node
from snnc.ir.ids import NodeId
from snnc.ir.ops import (
    Capture,
    Carry,
    Classify,
    Conv,
    Encode,
    Flatten,
    Input,
    Integrate,
    Join,
    Linear,
    Neuron,
    Repeat,
)


@dataclass(frozen=True)
class SplitTime:
    """Encode and Integrate in their places. ``coding`` is how the image becomes a train, if it does."""

    coding: Literal["poisson", "direct"]

    name: ClassVar[str] = "split-time"
    needs: ClassVar[frozenset[Fact]] = frozenset({Fact.TWIN_CHOSEN, Fact.SHAPED, Fact.PEELED})
    gives: ClassVar[frozenset[Fact]] = frozenset({Fact.TIMED})
    breaks: ClassVar[frozenset[Fact]] = frozenset()
    asks: ClassVar[bool] = False

    def __call__(self, graph: Graph, report: Reporter) -> Graph:
        """Return the timed graph."""
        return graph.rewrite(_Walk(demands(graph, Time.STATIC), self.coding))


@dataclass(frozen=True)
class _Walk:
    """The rule for one graph. ``times`` grows with it; ``outside`` is that of the carry and the captures."""

    wanted: dict[NodeId, Time]
    coding: Literal["poisson", "direct"] = "direct"
    outside: tuple[Time, ...] = ()
    times: dict[NodeId, Time] = field(default_factory=dict)
    turned: dict[tuple[NodeId, Time], Node] = field(default_factory=dict)

    def __call__(self, node: Node, operands: tuple[Node, ...]) -> tuple[Node, ...]:
        """Return a node behind the Encode or Integrate that its operands need."""
        match node.op:
            case Input():
                self.times[node.id] = Time.STATIC
                return (node, self._encoded(node)) if self.coding == "poisson" else (node,)
            case Carry():
                return self._timed(node, self.outside[0])
            case Capture(index=index):
                return self._timed(node, self.outside[index + 1])
            case Repeat():
                return self._group(node, node.op, operands)
            case Conv() | Linear() | Flatten() | Neuron() | Classify() | Join():
                return self._with(node, operands)
            case _:
                return self._timed(node, self.times[operands[0].id])

    def _timed(self, node: Node, time: Time) -> tuple[Node, ...]:
        self.times[node.id] = time
        return (node,)

    def _encoded(self, image: Node) -> Node:
        return self._turn(image, Time.TRAIN, Encode("poisson"), "encoded")

    def _with(self, node: Node, operands: tuple[Node, ...]) -> tuple[Node, ...]:
        """Make all operands of the time that the node computes in, and put the node behind that."""
        time = self._computes_in(node, operands)
        turned = tuple(self._as(operand, time) for operand in operands)
        self.times[node.id] = time
        new = (one for one, operand in zip(turned, operands, strict=True) if one is not operand)
        return (*new, replace(node, operands=tuple(one.id for one in turned)))

    def _computes_in(self, node: Node, operands: tuple[Node, ...]) -> Time:
        """A weighted sum of static values is static whatever is wanted; all else is as it is wanted."""
        known = {self.times[operand.id] for operand in operands}
        wanted = demand(node, self.wanted.get(node.id, Time.STATIC))
        if known == {Time.STATIC} and not isinstance(node.op, Neuron):
            return Time.STATIC
        if known == {Time.TRAIN} and isinstance(node.op, Join):
            return Time.TRAIN
        return wanted

    def _as(self, value: Node, time: Time) -> Node:
        if self.times[value.id] is time:
            return value
        if time is Time.TRAIN:
            return self._turn(value, time, Encode("hold"), "held")
        return self._turn(value, time, Integrate(), "mean")

    def _turn(self, value: Node, time: Time, op: Encode | Integrate, suffix: str) -> Node:
        """Return the node that turns a value over; one such node serves all users."""
        if (value.id, time) not in self.turned:
            name = NodeId(f"{value.id.name}.{suffix}", value.id.application)
            made = Node(name, op, (value.id,), origin=value.origin, shape=value.shape)
            self.turned[value.id, time] = made
            self.times[name] = time
        return self.turned[value.id, time]

    def _group(self, node: Node, op: Repeat, operands: tuple[Node, ...]) -> tuple[Node, ...]:
        """A block that makes a static value of a train takes its mean instead; inside, the rule goes on."""
        first, *captured = operands
        body, time = self._body(node, op, operands)
        if time is Time.STATIC and self.times[first.id] is Time.TRAIN:
            first = self._as(first, Time.STATIC)
            body, time = self._body(node, op, (first, *captured))
        self.times[node.id] = time
        group = replace(node, op=replace(op, body=body), operands=(first.id, *node.operands[1:]))
        return (group,) if first is operands[0] else (first, group)

    def _body(self, node: Node, op: Repeat, operands: tuple[Node, ...]) -> tuple[Graph, Time]:
        """Return the timed body for operands of the times known, and the time of its output."""
        wanted = body_demands(op.body, self.wanted.get(node.id, Time.STATIC))
        walk = _Walk(wanted, outside=tuple(self.times[one.id] for one in operands))
        body = op.body.rewrite(walk)
        return body, walk.times[body.output.id]
