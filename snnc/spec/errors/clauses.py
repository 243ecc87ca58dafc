"""Mistakes in the clauses that name layers: Skip, printed and use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from snnc.diagnostics import Diagnostic, Fix, Label
from snnc.source import Span


@dataclass(frozen=True)
class UnknownLayer(Diagnostic):
    """A clause about a layer that the network does not have.

    Allowed: ``Skip Conv1-to-FC1`` where both are listed. Not allowed: ``Skip Conv1-to-FC9`` where FC9 is not.
    """

    code: ClassVar[str] = "unknown-layer"
    title: ClassVar[str] = "no layer is named `{name}`"
    label: ClassVar[str] = "not in this network"

    name: str
    near: tuple[str, ...]
    some: tuple[str, ...]  # of the names that there are
    more: int

    def help_text(self) -> str:
        if self.near:
            return f"did you mean {' or '.join(f'`{name}`' for name in self.near)}?"
        return f"the layers are {', '.join(self.some)}{f' and {self.more} more' if self.more else ''}"

    def fix(self) -> Fix | None:
        return Fix(self.span, self.near[0]) if len(self.near) == 1 else None


@dataclass(frozen=True)
class SkipBackwards(Diagnostic):
    """A skip to the layer itself, or to one that has run before.

    Allowed: ``Skip Conv1-to-FC1``. Not allowed: ``Skip FC1-to-Conv1``, ``Skip Conv1-to-Conv1``.
    """

    code: ClassVar[str] = "skip-backwards"
    title: ClassVar[str] = "the skip from {origin} to {target} leads {direction}"
    label: ClassVar[str] = "{target} has run before {origin} has a value"
    help: ClassVar[str] = "a skip leads forward; BackRes leads back: `[{loop}] repeated n times`"

    origin: str
    target: str

    def title_text(self) -> str:
        direction = "back to its own start" if self.origin == self.target else "backwards"
        return self.title.format(origin=self.origin, target=self.target, direction=direction)

    def label_text(self) -> str:
        if self.origin == self.target:
            return "a layer's own output is not there yet when it runs"
        return self.fill(self.label)

    def help_text(self) -> str:
        loop = f"{self.target}(...)"
        if self.origin != self.target:
            loop += f" - ... - {self.origin}(...)"
        return self.help.format(loop=loop)


@dataclass(frozen=True)
class SkipLeavesGroup(Diagnostic):
    """A skip from the middle of a repeated block to the outside: it is unclear from which step.

    Allowed: ``Skip Conv3-to-FC1`` about ``[Conv2 - Conv3] repeated 2 times`` (from the last step).
    Not allowed: ``Skip Conv2-to-FC1`` about it.
    """

    code: ClassVar[str] = "skip-leaves-group"
    title: ClassVar[str] = "the skip from {origin} to {target} leaves a repeated block from its middle"
    label: ClassVar[str] = "{origin} runs {times} times: which of its values?"
    help: ClassVar[str] = "start at {last}, the last layer of the block: the skip is then from its last step"

    origin: str
    target: str
    times: int
    last: str
    group: Span

    def labels(self) -> tuple[Label, ...]:
        return (Label(self.group, f"the repeated block; its last layer is {self.last}"),)


@dataclass(frozen=True)
class SkipTwice(Diagnostic):
    """The same skip, said twice.

    Allowed: ``Skip Conv1-to-FC1``. Not allowed: ``Skip Conv1-to-FC1, Conv1-to-FC1``.
    """

    code: ClassVar[str] = "skip-twice"
    title: ClassVar[str] = "the skip from {origin} to {target} is said twice"
    label: ClassVar[str] = "the second time"
    help: ClassVar[str] = "keep one of them"

    origin: str
    target: str
    first: Span

    def labels(self) -> tuple[Label, ...]:
        return (Label(self.first, "the first time"),)


@dataclass(frozen=True)
class PrintedTwice(Diagnostic):
    """Two `printed` clauses about one layer.

    Allowed: one ``printed FC1(2048,512)``. Not allowed: two of them.
    """

    code: ClassVar[str] = "printed-twice"
    title: ClassVar[str] = "what the paper prints for {layer} is said twice"
    label: ClassVar[str] = "the second time"
    help: ClassVar[str] = "keep one of them"

    layer: str
    first: Span

    def labels(self) -> tuple[Label, ...]:
        return (Label(self.first, "the first time"),)


@dataclass(frozen=True)
class BlockTwice(Diagnostic):
    """A block whose name is taken by another block or by a layer.

    Allowed: ``use "a.spec" as A`` and ``use "b.spec" as B``.
    Not allowed: ``use "a.spec" as A`` and ``use "b.spec" as A``.
    """

    code: ClassVar[str] = "block-twice"
    title: ClassVar[str] = "the name `{name}` is taken"
    label: ClassVar[str] = "names this block"
    help: ClassVar[str] = "give the block a name of its own, such as `{name}2`"

    name: str
    first: Span

    def labels(self) -> tuple[Label, ...]:
        return (Label(self.first, "and this"),)


@dataclass(frozen=True)
class JoinedBlockInput(Diagnostic):
    """A skip to a block that itself skips from its input: the two inputs would differ.

    Allowed: a block that uses its Input twice, or a skip to a block; not both.
    """

    code: ClassVar[str] = "joined-block-input"
    title: ClassVar[str] = "a skip joins at the input of {block}, which itself skips from its Input"
    label: ClassVar[str] = "changes what `Input` means inside {block}"
    help: ClassVar[str] = "write out the layers of {block} in this spec, with both skips"

    block: str
    inner: Span

    def labels(self) -> tuple[Label, ...]:
        return (Label(self.inner, "skips from the block's input"),)
