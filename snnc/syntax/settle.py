"""Settle neurons: one that is written behind a group moves to the layers in it that name none.

`[Conv2(...)] repeated 2 times, LIF` and `[Conv2(...) - LIF] repeated 2 times` are the same network.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from snnc.syntax.tree import Activation, BatchNorm, Conv, Group, Item, Linear
from snnc.syntax.units import parts


def settle(items: Iterable[Item]) -> tuple[Item, ...]:
    """Return the items with every group's neuron inside it; one that no layer needs stays behind."""
    return tuple(item for part in parts(items) for item in _settled(part))


def _settled(part: tuple[Item, ...]) -> tuple[Item, ...]:
    head, *rest = part
    if not isinstance(head, Group):
        return part
    items = settle(head.items)
    for number, item in enumerate(rest):
        if isinstance(item, Activation) and _needed(items):
            items = _give(items, item)
            del rest[number]
            break
    return (replace(head, items=items), *rest)


def _needed(items: tuple[Item, ...]) -> bool:
    """Whether a layer among the items, or in a group among them, names no neuron."""
    return any(_open(part) or _in_group(part) for part in parts(items))


def _give(items: tuple[Item, ...], neuron: Activation) -> tuple[Item, ...]:
    """Return the items with the neuron at each layer that names none."""
    return tuple(item for part in parts(items) for item in _given(part, neuron))


def _given(part: tuple[Item, ...], neuron: Activation) -> tuple[Item, ...]:
    if _open(part):
        place = 1 + sum(isinstance(item, BatchNorm) for item in part)  # behind BN, before Dropout
        return (*part[:place], neuron, *part[place:])
    head, *rest = part
    return (replace(head, items=_give(head.items, neuron)), *rest) if isinstance(head, Group) else part


def _open(part: tuple[Item, ...]) -> bool:
    """Whether it is a layer that names no neuron."""
    return isinstance(part[0], Conv | Linear) and not any(isinstance(item, Activation) for item in part)


def _in_group(part: tuple[Item, ...]) -> bool:
    return isinstance(part[0], Group) and _needed(part[0].items)
