"""Compare the listings of a repeated layer: they are one layer, so they have to be alike.

Where their channel numbers differ, the data flow decides which one is the slip (Table IX prints
`Conv3(3,64,3x3/1)-Conv3(64,64,3x3/1)` behind 64 channels). Where nothing decides, both are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

from snnc.diagnostics import Reporter
from snnc.syntax.fold_errors import ListingsDiffer, SharedNumber
from snnc.syntax.tree import Activation, Conv, Group, Int, Item, Linear, Spec, Window
from snnc.syntax.units import Unit

Weighted = Conv | Linear
_OPTIONS = ("window", "padding", "groups", "dilation", "bias")
WRITTEN = {"padding": "pad"}  # options that are spelt otherwise in the notation


@dataclass(frozen=True)
class Flow:
    """What the neighbours of each layer say about its channels, in the order of the listing."""

    spec: Spec

    @cached_property
    def _layers(self) -> tuple[Weighted, ...]:
        return tuple(_weighted(self.spec.layers))

    @cached_property
    def _arriving(self) -> dict[int, Int]:
        found = {
            id(layer): before.outputs
            for before, layer in zip(self._layers, self._layers[1:], strict=False)
            if type(before) is type(layer)
        }
        first = self._layers[0]
        if self.spec.input is not None and isinstance(first, Conv):
            found[id(first)] = self.spec.input.channels
        return found

    @cached_property
    def _taken(self) -> dict[int, Int]:
        return {
            id(layer): behind.inputs
            for layer, behind in zip(self._layers, self._layers[1:], strict=False)
            if type(behind) is type(layer)
        }

    def arriving(self, layer: Weighted) -> Int | None:
        """Return the number that comes from the layer before; None where a map is flattened."""
        return self._arriving.get(id(layer))

    def taken(self, layer: Weighted) -> Int | None:
        """Return the number that the layer behind takes."""
        return self._taken.get(id(layer))


def compare(listings: list[list[Unit]], flow: Flow, report: Reporter) -> None:
    """Compare the listings of a block, each a list of units; their layers have the same names."""
    for units in zip(*listings, strict=True):
        layers = [unit.head for unit in units if isinstance(unit.head, Conv | Linear)]
        if layers:
            _compare_layers(layers, flow, report)
        else:
            _compare_groups(units, report)
        _compare_modifiers(units, report)


def _compare_layers(layers: list[Weighted], flow: Flow, report: Reporter) -> None:
    name = layers[0].name.value
    unit = " channels" if isinstance(layers[0], Conv) else "s"
    inputs = [(layer.inputs, flow.arriving(layer)) for layer in layers]
    outputs = [(layer.outputs, flow.taken(layer)) for layer in layers]
    _compare_numbers(f"input{unit}", "arrive", name, inputs, report)
    _compare_numbers(f"output{unit}", "are taken", name, outputs, report)
    for option in _OPTIONS:
        values = [getattr(layer, option, None) for layer in layers]
        odd = _first_odd(values)
        if odd:
            here, there = _said(option, values[odd]), _said(option, values[0])
            report(ListingsDiffer(layers[odd].span, name, option, here, there, layers[0].span))
            return


def _compare_numbers(
    what: str, verb: str, layer: str, numbers: list[tuple[Int, Int | None]], report: Reporter
) -> None:
    """Report each number that its neighbour contradicts, where the others and the neighbours agree."""
    written = [number for number, _ in numbers]
    odd = _first_odd(written)
    if not odd:
        return
    wrong = [(number, other) for number, other in numbers if other is not None and other != number]
    right = [number for number, other in numbers if other is None or other == number]
    if len({number.value for number in right} | {other.value for _, other in wrong}) > 1:
        here, there = str(written[odd].value), str(written[0].value)
        report(ListingsDiffer(written[odd].span, layer, f"number of {what}", here, there, written[0].span))
        return
    for number, other in wrong:
        shared = right[0].span if right else other.span
        report(SharedNumber(number.span, layer, what, verb, number.value, other.value, other.span, shared))


def _compare_groups(units: tuple[Unit, ...], report: Reporter) -> None:
    """Compare groups that were written as such; those of a clause were compared when they were made."""
    odd = 0 if units[0].compared else _first_odd([unit.head for unit in units])
    if odd:
        name = f"[{' - '.join(units[0].names)}]"
        report(
            ListingsDiffer(
                units[odd].head.span, name, "group", "this group", "that group", units[0].head.span
            )
        )


def _compare_modifiers(units: tuple[Unit, ...], report: Reporter) -> None:
    rests = [unit.items[1:] for unit in units]
    odd = _first_odd(rests)
    if not odd:
        return
    pairs = zip_longest(rests[odd], rests[0])
    here, there = next((here, there) for here, there in pairs if here != there)
    report(
        ListingsDiffer(
            (here or units[odd].head).span,
            " - ".join(units[0].names),
            "neuron" if isinstance(here or there, Activation) else "modifiers",
            f"`{here.span.text}`" if here else "none",
            f"`{there.span.text}`" if there else "none",
            (there or units[0].head).span,
        )
    )


def _first_odd(values: Sequence[object]) -> int:
    """Return the index of the first value that differs from the first one; 0 where all are alike."""
    return next((number for number, value in enumerate(values) if value != values[0]), 0)


def _said(option: str, value: Window | Int | bool | None) -> str:  # noqa: FBT001  # a value, no switch
    """Return an option as a message shows it: ``pad=1``, ``no bias``."""
    match value:
        case Window():
            return f"`{value.span.text}`"
        case Int():
            return f"`{WRITTEN.get(option, option)}={value.value}`"
        case _:
            return f"`{option}`" if value else f"no {option}"


def _weighted(items: Iterable[Item]) -> Iterator[Weighted]:
    for item in items:
        if isinstance(item, Conv | Linear):
            yield item
        elif isinstance(item, Group):
            yield from _weighted(item.items)
