"""Items of the tree to items of the model, one by one. What follows what is `order`'s question."""

from __future__ import annotations

from typing import assert_never

from snnc.diagnostics import Reporter
from snnc.spec import model
from snnc.spec.entry import entry
from snnc.spec.errors import GroupsIndivisible, WindowNotSquare
from snnc.spec.neurons import activation
from snnc.syntax import tree


def layers(
    items: tuple[tree.Item, ...], line: model.Activation | None, report: Reporter
) -> tuple[model.Item, ...]:
    """Return the items that could be built; for the others it has been reported why not."""
    built = (_item(item, line, report) for item in items)
    return tuple(item for item in built if item is not None)


def weighted_layer(node: tree.Conv | tree.Linear, report: Reporter) -> model.Conv | model.Linear | None:
    """Return a Conv or FC layer."""
    if isinstance(node, tree.Linear):
        return entry(model.Linear, node, report)
    window = _window(node.window, report)
    padding = {} if node.padding is not None else {"padding": node.window.height.value // 2}
    layer = entry(model.Conv, node, report, window=window, **padding)
    if layer is not None:
        _divisible(layer, node, report)
    return layer


def _window(node: tree.Window, report: Reporter) -> model.Window | None:
    """Return a kernel or pool, whose sides have to be equal."""
    height, width = node.height.value, node.width.value
    if height != width:
        report(WindowNotSquare(node.width.span, height, width))
        return None
    return entry(model.Window, node, report)


def _item(item: tree.Item, line: model.Activation | None, report: Reporter) -> model.Item | None:
    match item:
        case tree.Conv() | tree.Linear():
            return weighted_layer(item, report)
        case tree.Pool():
            window = None if item.window is None else _window(item.window, report)
            if window is None and item.window is not None:
                return None
            return entry(model.Pool, item, report, window=window)
        case tree.BatchNorm():
            return entry(model.BatchNorm, item, report)
        case tree.Dropout():
            return entry(model.Dropout, item, report)
        case tree.Activation():
            return activation(item, line, report)
        case tree.Group():
            return entry(model.Group, item, report, items=layers(item.items, line, report))
        case _:
            assert_never(item)


def _divisible(layer: model.Conv, node: tree.Conv, report: Reporter) -> None:
    """Report the channels that a grouped convolution cannot split evenly: one mistake, told of one side."""
    span = node.span if node.groups is None else node.groups.span
    if layer.inputs % layer.groups:
        place = layer.inputs_span
        report(GroupsIndivisible(span, layer.name, layer.groups, "input", layer.inputs, place))
    elif layer.outputs % layer.groups:
        place = layer.outputs_span
        report(GroupsIndivisible(span, layer.name, layer.groups, "output", layer.outputs, place))
