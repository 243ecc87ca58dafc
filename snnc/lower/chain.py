"""The state of a lowering: the chain of nodes being made, and what is known of the whole network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from snnc.ir import ops
from snnc.ir.graph import Node, Origin
from snnc.ir.ids import NodeId
from snnc.spec import model

Weighted = model.Conv | model.Linear
Modifier = model.BatchNorm | model.Dropout | model.Activation


@dataclass(frozen=True)
class Step:
    """A layer with what follows it and belongs to it."""

    layer: model.Conv | model.Linear | model.Pool | model.Group
    modifiers: tuple[Modifier, ...]


@dataclass(frozen=True)
class Plan:
    """What is known of the whole network before the first node is made."""

    skips: Mapping[str, tuple[model.Skip, ...]]
    last: str

    @classmethod
    def of(cls, network: model.Network) -> Plan:
        """Gather the skips by the layer at whose input they join, and find the classifier."""
        skips: dict[str, tuple[model.Skip, ...]] = {}
        for skip in network.skips:
            skips[skip.target] = (*skips.get(skip.target, ()), skip)
        return cls(skips, weighted_names(network.layers)[-1])


@dataclass
class Chain:
    """The nodes of one graph while it is being made: the main chain, or a group's body."""

    plan: Plan
    outer: Chain | None = None
    nodes: list[Node] = field(default_factory=list)
    values: dict[str, NodeId] = field(default_factory=dict)
    captured: list[NodeId] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def last(self) -> NodeId:
        """The value that the next layer takes."""
        return self.nodes[-1].id

    def add(self, node: NodeId, op: ops.Op, operands: tuple[NodeId, ...], origin: Origin) -> None:
        """Append a node; its value becomes the last one."""
        self.nodes.append(Node(node, op, operands, origin=origin))

    def extend(self, node: NodeId, op: ops.Op, origin: Origin) -> None:
        """Append a node that takes the last value."""
        self.add(node, op, (self.last,), origin)

    def number(self, kind: str) -> NodeId:
        """Return the next name of an unnamed thing: Pool1, Pool2, ... over the whole network."""
        root = self
        while root.outer is not None:
            root = root.outer
        root.counts[kind] = root.counts.get(kind, 0) + 1
        return NodeId(f"{kind}{root.counts[kind]}")

    def value_of(self, layer: str, origin: Origin) -> NodeId:
        """Return the node with a layer's output, captured from outside where need be."""
        if layer in self.values:
            return self.values[layer]
        if self.outer is None:
            raise KeyError(layer)
        outside = self.outer.value_of(layer, origin)
        self.captured.append(outside)
        capture = NodeId(f"{layer}.captured")
        # A capture takes no operands: it may stand first, so that the last value stays the last.
        self.nodes.insert(0, Node(capture, ops.Capture(len(self.captured) - 1), (), origin=origin))
        self.values[layer] = capture
        return capture


def steps_of(items: tuple[model.Item, ...]) -> Iterator[Step]:
    """Yield layers with their modifiers, in order."""
    start = 0
    while start < len(items):
        end = start + 1
        while end < len(items) and isinstance(items[end], Modifier):
            end += 1
        yield Step(items[start], items[start + 1 : end])  # type: ignore[arg-type]  # the model begins with a layer
        start = end


def weighted_names(items: tuple[model.Item, ...]) -> list[str]:
    """Return the names of the weighted layers, those inside groups included, in order."""
    names: list[str] = []
    for item in items:
        if isinstance(item, model.Group):
            names += weighted_names(item.items)
        elif isinstance(item, Weighted):
            names.append(item.name)
    return names


def neuron_of(modifiers: tuple[Modifier, ...]) -> model.Activation | None:
    """Return the neuron that is named among the modifiers."""
    return next((one for one in modifiers if isinstance(one, model.Activation)), None)
