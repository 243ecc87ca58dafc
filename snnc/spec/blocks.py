"""Appended specs: the layers of `use` clauses under new names; Table XIII.

A block brings its layers, each with the neuron of its own `neuron` line, its skips, its `printed` clauses
and its own blocks. Its `encode` and `timesteps` lines do not count: the network that uses it says these.
Its `Input` is what the layers before it make. Only the last block keeps its classifier.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from snnc.diagnostics import Reporter
from snnc.source import Span
from snnc.spec import model
from snnc.spec.chain import unrolled, with_modifiers, with_neuron
from snnc.spec.clauses import INPUT
from snnc.spec.errors import BlockTwice, JoinedBlockInput, TooManyLayers
from snnc.spec.groups import LONGEST
from snnc.spec.header import usable
from snnc.spec.places import Place, places
from snnc.syntax import tree

Load = Callable[[tree.Use], model.Network | None]


@dataclass(frozen=True)
class Blocks:
    """What the `use` clauses bring, in their order. ``ends``: each block's first and last layer."""

    layers: tuple[model.Item, ...] = ()
    skips: tuple[model.Skip, ...] = ()
    printed: tuple[model.Printed, ...] = ()
    blocks: tuple[model.Block, ...] = ()
    classify: str | None = None
    ends: dict[str, tuple[str, str]] = field(default_factory=dict)
    from_input: dict[str, Span] = field(default_factory=dict)  # a skip from a block's Input, by block
    unread: tuple[str, ...] = ()


def read_blocks(spec: tree.Spec, own: tuple[Place, ...], start: int, load: Load, report: Reporter) -> Blocks:
    """Return the blocks of a spec; ``own`` are its own layers, and ``start`` is how many items they take."""
    taken = {INPUT.lower(): spec.span, **{place.name.lower(): place.span for place in own}}
    before = own[-1].name if own else INPUT
    blocks = Blocks()
    for number, use in enumerate(spec.uses, 1):
        network = load(use)
        name = use.name.value
        if network is None or not _name_is_free(use, taken, report):
            blocks = replace(blocks, unread=(*blocks.unread, name))
            continue
        renaming = Renaming(name, before, network, keeps_classifier=number == len(spec.uses))
        blocks = _appended(blocks, renaming, use, start)
        before = blocks.ends[name][1]
        if _too_long(spec, blocks, use, report):
            break
    return blocks


def check_inputs(skips: tuple[model.Skip, ...], blocks: Blocks, report: Reporter) -> None:
    """Refuse a skip to a block that skips from its own Input: the value that it means would be another."""
    for name, inner in blocks.from_input.items():
        joined = next((skip for skip in skips if skip.target == blocks.ends[name][0]), None)
        if joined is not None:
            report(JoinedBlockInput(joined.span, name, inner))


@dataclass(frozen=True)
class Renaming:
    """How a network's entries read inside another; ``before`` is the layer whose value its Input is."""

    block: str
    before: str
    network: model.Network
    keeps_classifier: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The network's layers, by their own names."""
        return tuple(place.name for place in places(self.network.layers))

    def name(self, name: str) -> str:
        """A layer's or block's new name."""
        return self.before if name == INPUT else f"{self.block}_{name}"

    def layer(self, layer: model.Conv | model.Linear) -> model.Conv | model.Linear:
        return layer.model_copy(update={"name": self.name(layer.name)})

    def skip(self, skip: model.Skip) -> model.Skip:
        ends = {"origin": self.name(skip.origin), "target": self.name(skip.target)}
        return skip.model_copy(update=ends)

    def printed(self, printed: model.Printed) -> model.Printed:
        return printed.model_copy(update={"layer": self.layer(printed.layer)})

    def inner(self, block: model.Block, begin: int) -> model.Block:
        """A block of the network, which is now one of a block; neurons that are written out shift it."""
        start = begin + len(self.items(self.network.layers[: block.start]))
        moved = {"name": self.name(block.name), "first": self.name(block.first), "start": start}
        return block.model_copy(update=moved)

    def items(self, items: tuple[model.Item, ...]) -> tuple[model.Item, ...]:
        """The items, each layer with its neuron written out."""
        classifier = self.names[-1] if self.keeps_classifier else None
        done: list[model.Item] = []
        for item, modifiers in with_modifiers(items):
            match item:
                case model.Conv() | model.Linear():
                    silent = item.name == classifier
                    done.append(self.layer(item))
                    done += modifiers if silent else with_neuron(modifiers, self.network.neuron)
                case model.Group():
                    done += [item.model_copy(update={"items": self.items(item.items)}), *modifiers]
                case _:
                    done += [item, *modifiers]
        return tuple(done)


def _appended(blocks: Blocks, renaming: Renaming, use: tree.Use, start: int) -> Blocks:
    network, name = renaming.network, renaming.block
    begin = start + len(blocks.layers)
    first, last = renaming.name(renaming.names[0]), renaming.name(renaming.names[-1])
    block = model.Block(span=use.span, name=name, input=network.input, start=begin, first=first)
    from_input = next((skip.span for skip in network.skips if skip.origin == INPUT), None)
    return Blocks(
        layers=(*blocks.layers, *renaming.items(network.layers)),
        skips=(*blocks.skips, *map(renaming.skip, network.skips)),
        printed=(*blocks.printed, *map(renaming.printed, network.printed)),
        blocks=(*blocks.blocks, block, *(renaming.inner(one, begin) for one in network.blocks)),
        classify=network.classify,
        ends={**blocks.ends, name: (first, last)},
        from_input={**blocks.from_input, **({name: from_input} if from_input else {})},
        unread=blocks.unread,
    )


def _name_is_free(use: tree.Use, taken: dict[str, Span], report: Reporter) -> bool:
    name = use.name.value.lower()
    if name in taken:
        report(BlockTwice(use.name.span, use.name.value, taken[name]))
        return False
    taken[name] = use.name.span
    return usable(use.name, "block", report)


def _too_long(spec: tree.Spec, blocks: Blocks, use: tree.Use, report: Reporter) -> bool:
    count = unrolled(spec.layers) + unrolled(blocks.layers)
    if count > LONGEST:
        report(TooManyLayers(use.span, count, LONGEST, "too many with this block"))
    return count > LONGEST
