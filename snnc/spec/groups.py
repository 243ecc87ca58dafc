"""BackRes groups: how deep, how long, and whose neuron stands behind them.

The neuron behind a group is that of every layer in it that names none. `spread` writes it to each of
these layers, so that nobody after it meets a neuron behind a group.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from snnc.diagnostics import Reporter
from snnc.spec.chain import Weighted, unrolled, weighted, with_modifiers, with_neuron
from snnc.spec.errors import GroupsTooDeep, GroupWithoutLayer, ModifierTwice, TooManyLayers
from snnc.spec.neurons import show
from snnc.syntax import tree

DEEPEST = 8
LONGEST = 20_000


def bounded(spec: tree.Spec, report: Reporter) -> bool:
    """Whether the groups may be unrolled at all: not too deep and not too long."""
    return _shallow(spec.layers, 1, report) and _short(spec, report)


def spread(items: tuple[tree.Item, ...], report: Reporter) -> tuple[tree.Item, ...]:
    """Return the items with every neuron behind a group given to the group's layers."""
    done: list[tree.Item] = []
    for item in items:
        behind = done[-1] if done else None
        if isinstance(item, tree.Group):
            done.append(_group(item, report))
        elif isinstance(item, tree.Activation) and isinstance(behind, tree.Group):
            done[-1] = _give(behind, item, report)
        else:
            done.append(item)
    return tuple(done)


def _shallow(items: tuple[tree.Item, ...], depth: int, report: Reporter) -> bool:
    groups = [item for item in items if isinstance(item, tree.Group)]
    if groups and depth > DEEPEST:
        report(GroupsTooDeep(groups[0].span, depth, DEEPEST))
        return False
    return all(_shallow(group.items, depth + 1, report) for group in groups)


def _short(spec: tree.Spec, report: Reporter) -> bool:
    count = unrolled(spec.layers)
    if count <= LONGEST:
        return True
    groups = [item for item in spec.layers if isinstance(item, tree.Group)]
    longest = max(groups, key=lambda group: unrolled((group,)), default=None)
    if longest is None:
        report(TooManyLayers(spec.layers[-1].span, count, LONGEST, "the last of them"))
    else:
        words = f"{unrolled((longest,)):,} of them are in this block"
        report(TooManyLayers(longest.times.span, count, LONGEST, words))
    return False


def _group(group: tree.Group, report: Reporter) -> tree.Group:
    if not any(True for _ in weighted((group,))):
        report(GroupWithoutLayer(group.span))
    return replace(group, items=spread(group.items, report))


def _give(group: tree.Group, neuron: tree.Activation, report: Reporter) -> tree.Group:
    """Give the neuron to the layers without one; it is one too many if there are none."""
    given = replace(group, items=_given(group.items, neuron))
    named = next(_neurons(group.items), None)
    if given == group and named is not None:
        report(ModifierTwice(neuron.span, "the repeated block", f"neuron, {show(neuron)}", named.span))
    return given


def _given(items: tuple[tree.Item, ...], neuron: tree.Activation) -> tuple[tree.Item, ...]:
    done: list[tree.Item] = []
    for layer, modifiers in with_modifiers(items):
        inner = replace(layer, items=_given(layer.items, neuron)) if isinstance(layer, tree.Group) else layer
        done += [inner, *(with_neuron(modifiers, neuron) if isinstance(layer, Weighted) else modifiers)]
    return tuple(done)


def _neurons(items: tuple[tree.Item, ...]) -> Iterator[tree.Activation]:
    for item in items:
        if isinstance(item, tree.Group):
            yield from _neurons(item.items)
        elif isinstance(item, tree.Activation):
            yield item
