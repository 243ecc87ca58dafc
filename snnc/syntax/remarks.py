"""Comments on their way from a spec to its formatted text.

A comment on its own line belongs to what follows it, one at a line's end to what stands before it. The
comments at the top of a file, before everything else, stay there.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from snnc.syntax.tree import Activation, BatchNorm, Comment, Dropout, Group, Item, Spec


class Placed(Protocol):
    """Something with the places whose comments stand before and behind it."""

    @property
    def before(self) -> tuple[int, ...]: ...

    @property
    def behind(self) -> tuple[int, ...]: ...


class Remarks:
    """The comments of a spec, by the places (offsets in the source) of what they belong to."""

    def __init__(self, spec: Spec) -> None:
        self.top: list[str] = []
        self.end: list[str] = []
        self._before: dict[int, list[str]] = {}
        self._behind: dict[int, str] = {}
        starts = sorted(set(_starts(spec)))
        for comment in spec.comments:
            if comment.own_line or not self._put_behind(comment, starts):
                self._put_before(comment, starts)

    def take(self, before: Iterable[int], behind: Iterable[int]) -> tuple[list[str], str]:
        """Take the comments before and behind what belongs to these places, one of them behind.

        What is taken is gone, so that nothing is written twice.
        """
        above = [text for start in before for text in self._before.pop(start, ())]
        aside = [self._behind.pop(start) for start in behind if start in self._behind]
        return above + aside[:-1], "".join(aside[-1:])

    def between(self, parts: Sequence[Placed]) -> bool:
        """Whether a comment stands between parts that follow each other."""
        above = (start in self._before for part in parts[1:] for start in part.before)
        aside = (start in self._behind for part in parts[:-1] for start in part.behind)
        return any(above) or any(aside)

    def _put_behind(self, comment: Comment, starts: list[int]) -> bool:
        """Put a comment behind what begins last before it, if there is no other one yet."""
        index = bisect_left(starts, comment.span.start) - 1
        if index < 0 or starts[index] in self._behind:
            return False
        self._behind[starts[index]] = show(comment)
        return True

    def _put_before(self, comment: Comment, starts: list[int]) -> None:
        """Put a comment before what begins first behind it."""
        index = bisect_right(starts, comment.span.start)
        if not index:
            self.top += [show(comment)] + [""] * _blank_behind(comment)
        elif index < len(starts):
            self._before.setdefault(starts[index], []).append(show(comment))
        else:
            self.end.append(show(comment))


def show(comment: Comment) -> str:
    """Return a comment as it is written."""
    return f"# {comment.text}".rstrip()


def _blank_behind(comment: Comment) -> bool:
    """Whether an empty line follows, which parts what is said about the file from the rest."""
    source, line = comment.span.source, comment.span.line
    return line < len(source.line_starts) and not source.line(line + 1).strip()


def _starts(spec: Spec) -> Iterator[int]:
    """Yield where everything begins that comments can belong to."""
    single = (spec.name, spec.input, spec.neuron, spec.encode, spec.timesteps, spec.classify)
    many = (*spec.backres, *spec.skips, *spec.printed, *spec.uses)
    yield from (node.span.start for node in (*single, *many) if node is not None)
    yield from _heads(spec.layers)


def _heads(items: Iterable[Item]) -> Iterator[int]:
    for item in items:
        if not isinstance(item, BatchNorm | Dropout | Activation):
            yield item.span.start
        if isinstance(item, Group):
            yield item.times.span.start
            yield from _heads(item.items)
