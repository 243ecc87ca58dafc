"""The clauses that name layers: forward residuals and what the paper prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

from snnc.diagnostics import Reporter
from snnc.diagnostics.near import closest
from snnc.spec import model
from snnc.spec.entry import entry
from snnc.spec.errors import PrintedTwice, SkipBackwards, SkipLeavesGroup, SkipTwice, UnknownLayer
from snnc.spec.layers import weighted_layer
from snnc.spec.places import Place
from snnc.syntax import tree

INPUT = "Input"
LISTED = 12  # names that a message lists
GUESSED = 50  # clauses in which it is guessed what was meant


@dataclass(frozen=True)
class Names:
    """The layers that a clause may name, in order of execution.

    A block's name stands for its first layer where a skip ends, and for its last where one begins
    (``blocks`` holds both). Names in a block that could not be read, ``unread``, are not judged.
    """

    places: tuple[Place, ...]
    blocks: Mapping[str, tuple[str, str]]
    unread: tuple[str, ...] = ()

    @cached_property
    def order(self) -> Mapping[str, int]:
        """Where a layer stands in the order of execution; the input before them all."""
        return {INPUT: -1, **{place.name: number for number, place in enumerate(self.places)}}

    @cached_property
    def known(self) -> tuple[str, ...]:
        """All that may be said."""
        return (*self.order, *self.blocks)

    def find(self, name: tree.Name, report: Reporter, end: int = 0, *, guess: bool = True) -> str | None:
        """Return the layer that a name stands for; ``end`` is 0 for a block's first, 1 for its last.

        To ``guess`` what was meant by an unknown name takes time.
        """
        said = name.value
        if said in self.order:
            return said
        if said in self.blocks:
            return self.blocks[said][end]
        if said.lower() == INPUT.lower():
            return INPUT
        if not any(said == block or said.startswith(f"{block}_") for block in self.unread):
            near = closest(said, self.known) if guess else ()
            report(UnknownLayer(name.span, said, near, self.known[:LISTED], len(self.known[LISTED:])))
        return None


def skips(spec: tree.Spec, names: Names, report: Reporter) -> tuple[model.Skip, ...]:
    """Return the skips, forwards all of them."""
    found = (_skip(node, names, report, guess=number < GUESSED) for number, node in enumerate(spec.skips))
    done = tuple(skip for skip in found if skip is not None)
    _once_each(done, report)
    return done


def printed(spec: tree.Spec, names: Names, report: Reporter) -> tuple[model.Printed, ...]:
    """Return what the paper prints for layers that are built otherwise."""
    found = (
        _printed(node, names, report, guess=number < GUESSED) for number, node in enumerate(spec.printed)
    )
    return tuple(_told_once(found, report))


def _skip(node: tree.Skip, names: Names, report: Reporter, *, guess: bool) -> model.Skip | None:
    origin = names.find(node.origin, report, end=1, guess=guess)
    target = names.find(node.target, report, guess=guess)
    if origin is None or target is None:
        return None
    if names.order[origin] >= names.order[target]:
        report(SkipBackwards(node.target.span, origin, target))
        return None
    if origin != INPUT and not _may_leave(node, names, origin, target, report):
        return None
    return entry(model.Skip, node, report, origin=origin, target=target)


def _may_leave(node: tree.Skip, names: Names, origin: str, target: str, report: Reporter) -> bool:
    """Whether the value leaves its groups from their ends; told of the outermost where it does not."""
    start, end = names.places[names.order[origin]], names.places[names.order[target]]
    for loop, other in zip_longest(start.loops, end.loops):
        if loop is not None and loop != other:
            if loop.last != origin:
                report(SkipLeavesGroup(node.origin.span, origin, target, loop.times, loop.last, loop.span))
            return loop.last == origin
    return True


def _once_each(skips: tuple[model.Skip, ...], report: Reporter) -> None:
    first: dict[tuple[str, str], model.Skip] = {}
    for skip in skips:
        key = (skip.origin, skip.target)
        if key in first:
            report(SkipTwice(skip.span, skip.origin, skip.target, first[key].span))
        first.setdefault(key, skip)


def _printed(node: tree.Printed, names: Names, report: Reporter, *, guess: bool) -> model.Printed | None:
    name = names.find(node.layer.name, report, guess=guess)
    layer = weighted_layer(node.layer, report)
    if name is None or layer is None:
        return None
    return entry(model.Printed, node, report, layer=layer)


def _told_once(found: Iterator[model.Printed | None], report: Reporter) -> Iterator[model.Printed]:
    first: dict[str, model.Printed] = {}
    for one in found:
        if one is None:
            continue
        name = one.layer.name
        if name in first:
            report(PrintedTwice(one.layer.span, name, first[name].layer.span))
        first.setdefault(name, one)
        yield one
