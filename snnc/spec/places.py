"""Where each Conv and FC layer stands: the table by which clauses about layers are judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from snnc.diagnostics import Reporter
from snnc.source import Span
from snnc.spec import model
from snnc.spec.chain import Items, weighted
from snnc.spec.errors import DuplicateLayer
from snnc.syntax import tree


@dataclass(frozen=True)
class Loop:
    """A group about a layer, and the layer whose value leaves it."""

    span: Span
    times: int
    last: str


@dataclass(frozen=True)
class Place:
    """A layer, where it was written, and the groups about it, outermost first."""

    name: str
    span: Span
    loops: tuple[Loop, ...] = ()


def places(items: Items, loops: tuple[Loop, ...] = ()) -> Iterator[Place]:
    """Yield the layers in order of execution, of a tree or of a model."""
    for item in items:
        match item:
            case tree.Conv() | tree.Linear():
                yield Place(item.name.value, item.name.span, loops)
            case model.Conv() | model.Linear():
                yield Place(item.name, item.span, loops)
            case tree.Group():
                yield from _inside(item.items, item.span, item.times.value, loops)
            case model.Group():
                yield from _inside(item.items, item.span, item.times, loops)
            case _:
                pass


def _inside(items: Items, span: Span, times: int, loops: tuple[Loop, ...]) -> Iterator[Place]:
    names = [place.name for place in places(items)]
    loop = (Loop(span, times, names[-1]),) if names and times > 1 else ()  # once is no loop
    yield from places(items, (*loops, *loop))


def check_names(items: tuple[tree.Item, ...], report: Reporter) -> None:
    """Report the names that are listed twice, each once, however often it is listed."""
    first: dict[str, tree.Conv | tree.Linear] = {}
    told: set[str] = set()
    for layer in weighted(items):
        key = layer.name.value.lower()
        if key in first and key not in told:
            told.add(key)
            report(_duplicate(first[key], layer))
        first.setdefault(key, layer)


def _duplicate(first: tree.Conv | tree.Linear, second: tree.Conv | tree.Linear) -> DuplicateLayer:
    name, other = second.name.value, first.name.value
    if name != other:
        words = f"differs from `{other}` in case alone"
    elif first == second:
        words = "listed again with the same numbers: shared weights, or a slip?"
    else:
        words = "listed again with other numbers: a slip?"
    return DuplicateLayer(second.name.span, name, words, first.name.span)
