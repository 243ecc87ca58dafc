"""Build the tree: from Lark's parse tree to `tree.Spec`.

Refuses what the grammar cannot: numbers and chains that are too long, a neuron repeated without its
layer, and what is given twice. What the numbers mean is not asked here.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import cast

import lark
from lark import Token, Transformer, v_args
from lark.tree import Meta

from snnc.diagnostics import Reporter
from snnc.source import Source, Span
from snnc.syntax.clauses import Clause, Clauses, assemble
from snnc.syntax.errors.clauses import GivenTwice, RepeatedModifier
from snnc.syntax.errors.text import TooLarge
from snnc.syntax.leaves import leaf
from snnc.syntax.tree import (
    Activation,
    BackRes,
    BatchNorm,
    Constant,
    Conv,
    Dropout,
    Group,
    Int,
    Item,
    Layer,
    Linear,
    Name,
    Pool,
    Printed,
    Real,
    Shape,
    Skip,
    Spec,
    Text,
    Unit,
    Use,
    Window,
)

MOST_ITEMS = 10_000  # layers and their modifiers


@dataclass(frozen=True)
class Option:
    """``pad=1`` inside a Conv's parentheses; a bare ``bias`` has no value."""

    name: Name
    value: Int | None = None


@dataclass(frozen=True)
class Repeat:
    """``repeated 2 times keep mean``."""

    times: Int
    keep: Name | None


def build(parsed: lark.Tree[Token], source: Source, report: Reporter) -> Spec:
    """Return the spec of a parse tree, without its comments."""
    return _Build(source, report).transform(parsed)


@v_args(inline=True, meta=True)
class _Build(Transformer[Token, Spec]):
    """One method per rule and per terminal that carries a value; see `grammar/topology.lark`."""

    def __init__(self, source: Source, report: Reporter) -> None:
        super().__init__()
        self._source = source
        self._report = report

    def _span(self, at: Meta) -> Span:
        return self._source.span(at.start_pos, at.end_pos)

    def __default_token__(self, token: Token) -> Int | Real | Name | Text:
        return leaf(token, self._source, self._report)

    # Items of a chain

    def window(self, meta: Meta, height: Int, width: Int, stride: Int) -> Window:
        return Window(height, width, stride, span=self._span(meta))

    def conv(
        self, meta: Meta, name: Name, inputs: Int, outputs: Int, window: Window, *options: Option
    ) -> Conv:
        self._check_once(options)
        said = {option.name.value: option.value for option in options}
        return Conv(
            name,
            inputs,
            outputs,
            window,
            padding=said.get("pad"),
            groups=said.get("groups"),
            dilation=said.get("dilation"),
            bias="bias" in said,
            span=self._span(meta),
        )

    def option(self, _meta: Meta, name: Name, value: Int | None = None) -> Option:
        return Option(name, value)

    def linear(self, meta: Meta, name: Name, inputs: Int, outputs: Int, bias: Name | None) -> Linear:
        return Linear(name, inputs, outputs, bias=bias is not None, span=self._span(meta))

    def pool(self, meta: Meta, mode: Name, window: Window | None = None) -> Pool:
        return Pool(mode, window, span=self._span(meta))

    def batchnorm(self, meta: Meta, _keyword: Name) -> BatchNorm:
        return BatchNorm(span=self._span(meta))

    def dropout(self, meta: Meta, _keyword: Name, probability: Int | Real) -> Dropout:
        return Dropout(probability, span=self._span(meta))

    def activation(self, meta: Meta, ann: Unit, snn: Unit | None = None) -> Activation:
        return Activation(ann, snn, span=self._span(meta))

    def unit(self, meta: Meta, kind: Name, *constants: Constant) -> Unit:
        self._check_once(constants)
        return Unit(kind, constants, span=self._span(meta))

    def constant(self, meta: Meta, name: Name, value: Int | Real | Name) -> Constant:
        return Constant(name, value, span=self._span(meta))

    def repeat(self, _meta: Meta, times: Int, keep: Name | None) -> Repeat:
        return Repeat(times, keep)

    def single(self, meta: Meta, layer: Layer, *rest: Layer | Repeat) -> Group:
        if not isinstance(layer, Conv | Linear | Pool):
            self._report(RepeatedModifier(layer.span, layer.span.text))
        return self.several(meta, layer, *rest)

    def several(self, meta: Meta, *parts: Item | Repeat) -> Group:
        items, repeat = cast("tuple[Item, ...]", parts[:-1]), cast("Repeat", parts[-1])
        return Group(items, repeat.times, repeat.keep, span=self._span(meta))

    # Clauses

    def network(self, meta: Meta, name: Name) -> tuple[Clause]:
        return (Clause("name", name, self._span(meta)),)

    def shape(self, meta: Meta, channels: Int, height: Int, width: Int) -> Shape:
        return Shape(channels, height, width, span=self._span(meta))

    def input(self, meta: Meta, _keyword: Name, shape: Shape) -> tuple[Clause]:
        return (Clause("input", shape, self._span(meta)),)

    def neuron(self, meta: Meta, activation: Activation) -> tuple[Clause]:
        return (Clause("neuron", activation, self._span(meta)),)

    def encode(self, meta: Meta, coding: Name) -> tuple[Clause]:
        return (Clause("encode", coding, self._span(meta)),)

    def timesteps(self, meta: Meta, number: Int) -> tuple[Clause]:
        return (Clause("timesteps", number, self._span(meta)),)

    def classify(self, meta: Meta, head: Name) -> tuple[Clause]:
        return (Clause("classify", head, self._span(meta)),)

    def chain(self, meta: Meta, _input: Name, *items: Item) -> tuple[Clause]:
        number = count(items)
        if number > MOST_ITEMS:
            self._report(TooLarge(self._span(meta), f"{number:,} items in its chain", f"{MOST_ITEMS:,}"))
        return (Clause("layers", items, self._span(meta)),)

    def ref(self, _meta: Meta, name: Name) -> Name:
        return name

    def block(self, _meta: Meta, *names: Name) -> tuple[Name, ...]:
        return names

    def count(self, meta: Meta, *parts: tuple[Name, ...] | Repeat) -> tuple[BackRes, ...]:
        blocks, repeat = cast("tuple[tuple[Name, ...], ...]", parts[:-1]), cast("Repeat", parts[-1])
        return tuple(BackRes(names, repeat.times, repeat.keep, span=self._span(meta)) for names in blocks)

    def blocks(self, _meta: Meta, *counts: tuple[BackRes, ...]) -> Clauses:
        return Clauses("backres", tuple(block for one in counts for block in one))

    def link(self, meta: Meta, origin: Name, target: Name, mode: Name | None) -> Skip:
        return Skip(origin, target, mode, span=self._span(meta))

    def skips(self, _meta: Meta, *links: Skip) -> Clauses:
        return Clauses("skips", links)

    def backres(self, _meta: Meta, *found: Clauses) -> tuple[Clauses, ...]:
        return found

    skip = backres

    def printed(self, meta: Meta, layer: Conv | Linear, reason: Text | None) -> tuple[Clauses]:
        return (Clauses("printed", (Printed(layer, reason, span=self._span(meta)),)),)

    def use(self, meta: Meta, path: Text, name: Name) -> tuple[Clauses]:
        return (Clauses("uses", (Use(path, name, span=self._span(meta)),)),)

    def line(
        self, _meta: Meta, layers: tuple[Clause], *cells: Clauses | None
    ) -> tuple[Clause | Clauses, ...]:
        return (*layers, *(cell for cell in cells if cell is not None))

    def row(
        self, meta: Meta, name: Name, layers: tuple[Clause], *cells: Clauses | None
    ) -> tuple[Clause | Clauses, ...]:
        return (Clause("name", name, name.span), *self.line(meta, layers, *cells))

    def start(self, _meta: Meta, *clauses: tuple[Clause | Clauses, ...]) -> Spec:
        return assemble(chain.from_iterable(clauses), self._source.span(), self._report)

    # What the grammar lets through

    def _check_once(self, options: tuple[Option, ...] | tuple[Constant, ...]) -> None:
        """Refuse ``pad=1, pad=0`` and ``LIF(leak=0.9, leak=0.8)``."""
        first: dict[str, Span] = {}
        for option in options:
            name = option.name
            if name.value in first:
                self._report(GivenTwice(name.span, f"`{name.value}`", first[name.value]))
            first.setdefault(name.value, name.span)


def count(items: tuple[Item, ...]) -> int:
    """Return the number of items in a chain, those within groups included."""
    return sum(1 + count(item.items) if isinstance(item, Group) else 1 for item in items)
