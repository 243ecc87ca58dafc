"""What follows what: BN, Dropout and neurons belong to the layer before them.

The last layer, the classifier, has no neuron.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from snnc.diagnostics import Fix, Reporter
from snnc.source import Span
from snnc.spec.chain import Modifier, Weighted
from snnc.spec.errors import (
    ClassifierInGroup,
    ModifierAfterGroup,
    ModifierMisplaced,
    ModifierTwice,
    NeuronAfterPool,
    NeuronOnClassifier,
    NoLayers,
)
from snnc.spec.neurons import show
from snnc.syntax import tree

SEPARATORS = " \t\r\n-–—,"


@dataclass
class Order:
    """A walk along the chain, which knows the layer that a modifier would belong to."""

    report: Reporter
    layer: Weighted | None = None
    group: tree.Group | None = None  # the outermost one about `layer` that repeats it
    modifiers: dict[type[tree.Tree], Modifier] = field(default_factory=dict)
    pools: list[tree.Pool] = field(default_factory=list)  # since `layer`
    before: tree.Item | None = None
    start: str = "the input"

    def walk(self, items: tuple[tree.Item, ...], group: tree.Group | None = None) -> None:
        """Check a chain or a group's body, in order of execution."""
        for item in items:
            match item:
                case tree.Conv() | tree.Linear():
                    self.layer, self.group, self.modifiers, self.pools = item, group, {}, []
                case tree.Pool():
                    self.pools.append(item)
                case tree.Group():
                    self.before, self.start = None, "the start of a repeated block"
                    self.walk(item.items, group or (item if item.times.value > 1 else None))
                case _:
                    self._modifier(item)
                    continue
            self.before = item

    def finish(self, spec: tree.Spec) -> None:
        """Check the last layer of a chain that nothing is appended to: the classifier."""
        layer, neuron = self.layer, self.modifiers.get(tree.Activation)
        if layer is None:
            self.report(NoLayers(spec.layers[0].span if spec.layers else spec.span))
        elif self.group is not None:
            self.report(ClassifierInGroup(layer.name.span, layer.name.value, self.group.span))
        elif isinstance(neuron, tree.Activation) and not silent(neuron):
            mend = _removal(layer.span, neuron.span)
            self.report(NeuronOnClassifier(neuron.span, layer.name.value, layer.name.span, mend))

    def _modifier(self, item: Modifier) -> None:
        match self.before:
            case None:
                self.report(ModifierMisplaced(item.span, _name(item), self.start))
            case tree.Group():
                self.report(ModifierAfterGroup(item.span, _name(item), self.before.span))
            case tree.Pool():
                self._after_pool(item)
            case _:
                self._after_layer(item)

    def _after_layer(self, item: Modifier) -> None:
        assert self.layer is not None  # noqa: S101  # for the type checker: `before` is a layer
        first = self.modifiers.setdefault(type(item), item)
        if first is not item:
            what = _name(item).removeprefix("the ")
            self.report(ModifierTwice(item.span, self.layer.name.value, what, first.span))

    def _after_pool(self, item: Modifier) -> None:
        if not isinstance(item, tree.Activation) or self.layer is None:
            self.report(ModifierMisplaced(item.span, _name(item), "a pool"))
            return
        if silent(item):
            return
        neuron = self.modifiers.get(tree.Activation)
        if isinstance(neuron, tree.Activation) and silent(neuron):
            self.modifiers[tree.Activation] = item
            return
        name = self.layer.name
        if isinstance(neuron, tree.Activation):
            label, mend = f"has the neuron {show(neuron)} already", None
        else:
            label, mend = "fires here, before the pool", _exchange(self.pools, item)
        self.report(NeuronAfterPool(item.span, name.value, name.span, label, mend))


def silent(neuron: tree.Activation) -> bool:
    """Whether a neuron is `identity` in both twins, which is to say none."""
    return all(unit is None or unit.kind.value == "identity" for unit in (neuron.ann, neuron.snn))


def _name(item: Modifier) -> str:
    match item:
        case tree.BatchNorm():
            return "BN"
        case tree.Dropout():
            return "Dropout"
        case tree.Activation():
            return f"the neuron {show(item)}"


def _exchange(pools: list[tree.Pool], neuron: tree.Activation) -> Fix:
    """Write the neuron before the pools that it stands behind."""
    whole, before = pools[0].span.to(neuron.span), pools[0].span.to(pools[-1].span)
    return Fix(whole, f"{neuron.span.text} - {before.text}")


def _removal(layer: Span, neuron: Span) -> Fix | None:
    """Take the neuron away with the dash or comma before it, where nothing else stands between."""
    gap = Span(layer.source, layer.end, neuron.start)
    return None if gap.text.strip(SEPARATORS) else Fix(Span(layer.source, layer.end, neuron.end), "")
