"""Compare the listings of a repeated layer: they are one layer, so they have to be alike.

Where their channel numbers differ, the data flow decides which one is the slip (Table IX prints
`Conv3(3,64,3x3/1)-Conv3(64,64,3x3/1)` behind 64 channels). Where nothing decides, both are shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

from snnc.diagnostics import Reporter
from snnc.source import Span
from snnc.syntax.errors.listing import ListingsDiffer, SharedNumber
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
        pair = _odd_one([getattr(layer, option, None) for layer in layers])
        if pair:
            (here, at), (there, before) = (_said(option, layers[number]) for number in pair)
            report(ListingsDiffer(at, name, option, here, there, before))
            return


def _compare_numbers(
    what: str, verb: str, layer: str, numbers: list[tuple[Int, Int | None]], report: Reporter
) -> None:
    """Report each number that its neighbour contradicts, where the others and the neighbours agree."""
    written = [number for number, _ in numbers]
    pair = _odd_one(written)
    if pair is None:
        return
    wrong = [(number, other) for number, other in numbers if other is not None and other != number]
    right = [number for number, other in numbers if other is None or other == number]
    if len({number.value for number in right} | {other.value for _, other in wrong}) > 1:
        odd, usual = written[pair[0]], written[pair[1]]
        here, there = str(odd.value), str(usual.value)
        report(ListingsDiffer(odd.span, layer, f"number of {what}", here, there, usual.span))
        return
    for number, other in wrong:
        shared = right[0].span if right else other.span
        report(SharedNumber(number.span, layer, what, verb, number.value, other.value, other.span, shared))


def _compare_groups(units: tuple[Unit, ...], report: Reporter) -> None:
    """Compare groups that were written as such; those of a clause were compared when they were made."""
    pair = None if units[0].compared else _odd_one([unit.head for unit in units])
    if pair:
        odd, usual = units[pair[0]].head, units[pair[1]].head
        name = f"[{' - '.join(units[0].names)}]"
        report(ListingsDiffer(odd.span, name, "group", "this group", "that group", usual.span))


def _compare_modifiers(units: tuple[Unit, ...], report: Reporter) -> None:
    rests = [unit.items[1:] for unit in units]
    pair = _odd_one(rests)
    if pair is None:
        return
    odd, usual = pair
    pairs = zip_longest(rests[odd], rests[usual])
    here, there = next((here, there) for here, there in pairs if here != there)
    report(
        ListingsDiffer(
            (here or units[odd].head).span,
            " - ".join(units[0].names),
            "neuron" if isinstance(here or there, Activation) else "modifiers",
            f"`{here.span.text}`" if here else "none",
            f"`{there.span.text}`" if there else "none",
            (there or units[usual].head).span,
        )
    )


def _odd_one(values: Sequence[object]) -> tuple[int, int] | None:
    """Return the index of the first value that is not the most frequent one, and of the first that is.

    None where all are alike. Where several are as frequent, the first counts as the usual one, but a
    window with stride 1 before any other: nothing in a block may change the map's size.
    """
    counted = Counter(values)
    most = max(counted.values())
    often = [value for value, number in counted.items() if number == most]
    usual = next((one for one in often if isinstance(one, Window) and one.stride.value == 1), often[0])
    odd = next((number for number, value in enumerate(values) if value != usual), None)
    return None if odd is None else (odd, values.index(usual))


def _said(option: str, layer: Weighted) -> tuple[str, Span]:
    """Return an option as a message shows it, ``pad=1`` or ``no bias``, and where it stands."""
    value = getattr(layer, option)
    if isinstance(value, Window):
        return f"`{value.span.text}`", value.span
    if isinstance(value, Int):
        return f"`{WRITTEN.get(option, option)}={value.value}`", value.span
    return f"`{option}`" if value else f"no {option}", layer.span


def _weighted(items: Iterable[Item]) -> Iterator[Weighted]:
    for item in items:
        if isinstance(item, Conv | Linear):
            yield item
        elif isinstance(item, Group):
            yield from _weighted(item.items)
