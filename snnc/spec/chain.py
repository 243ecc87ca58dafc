"""The chain of layers, in the tree and in the model alike: a layer and what follows and belongs to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from snnc.spec import model
from snnc.syntax import tree

Weighted = tree.Conv | tree.Linear
Modifier = tree.BatchNorm | tree.Dropout | tree.Activation

MODIFIERS = (Modifier, model.BatchNorm | model.Dropout | model.Activation)
NEURONS = (tree.Activation, model.Activation)
NORMS = (tree.BatchNorm, model.BatchNorm)

Items = tuple[tree.Item, ...] | tuple[model.Item, ...]

Item = TypeVar("Item")


def with_modifiers(items: tuple[Item, ...]) -> Iterator[tuple[Item, tuple[Item, ...]]]:
    """Yield each layer, pool and group with the BN, Dropout and neurons behind it."""
    start = 0
    while start < len(items):
        end = start + 1
        while end < len(items) and isinstance(items[end], MODIFIERS):
            end += 1
        yield items[start], items[start + 1 : end]
        start = end


def with_neuron(modifiers: tuple[Item, ...], neuron: Item) -> tuple[Item, ...]:
    """Return the modifiers with a neuron; one that is not named stands behind BN and before Dropout."""
    if any(isinstance(one, NEURONS) for one in modifiers):
        return modifiers
    at = max((place + 1 for place, one in enumerate(modifiers) if isinstance(one, NORMS)), default=0)
    return (*modifiers[:at], neuron, *modifiers[at:])


def weighted(items: tuple[tree.Item, ...]) -> Iterator[Weighted]:
    """Yield the Conv and FC layers as they are listed, those inside groups included."""
    for item in items:
        if isinstance(item, tree.Group):
            yield from weighted(item.items)
        elif isinstance(item, Weighted):
            yield item


def unrolled(items: Items) -> int:
    """Return how many Conv, FC and pool layers run, each step of a group counted."""
    return sum(_runs(item) for item in items)


def _runs(item: tree.Item | model.Item) -> int:
    match item:
        case tree.Group():
            return unrolled(item.items) * item.times.value
        case model.Group():
            return unrolled(item.items) * item.times
        case _:
            return 0 if isinstance(item, MODIFIERS) else 1
