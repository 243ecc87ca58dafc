"""Mistakes between a listing and the `BackRes` clauses about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from snnc.diagnostics import Diagnostic, Fix, Label
from snnc.source import Span


@dataclass(frozen=True)
class BackResUnknown(Diagnostic):
    """A BackRes clause names a layer that is not in the chain.

    Allowed: ``BackRes [Conv2] repeated 2 times`` where Conv2 is listed.
    Not allowed: the same where it is not.
    """

    code: ClassVar[str] = "backres-unknown-layer"
    title: ClassVar[str] = "the chain has no layer `{name}`"
    label: ClassVar[str] = "is not listed"

    name: str
    closest: tuple[str, ...]

    def help_text(self) -> str:
        if not self.closest:
            return "a BackRes clause names layers of the chain: `BackRes [Conv2] repeated 2 times`"
        return f"there is {' and '.join(f'`{name}`' for name in self.closest)}"

    def fix(self) -> Fix | None:
        return Fix(self.span, self.closest[0]) if len(self.closest) == 1 else None


@dataclass(frozen=True)
class BackResTwice(Diagnostic):
    """A layer is counted twice: by two clauses, twice in one block, or in the chain and by a clause.

    Allowed: ``BackRes [Conv2] repeated 2 times, [Conv2 - Conv3] repeated 3 times`` (a group in a group)
    Not allowed: ``BackRes [Conv2] repeated 2 times, [Conv2] repeated 4 times``
    """

    code: ClassVar[str] = "backres-twice"
    title: ClassVar[str] = "{block} is repeated twice over"
    label: ClassVar[str] = "counted here"
    help: ClassVar[str] = "a block has one count; keep the right one"

    block: str
    first: Span

    def labels(self) -> tuple[Label, ...]:
        return (Label(self.first, "and here"),)


@dataclass(frozen=True)
class BackResApart(Diagnostic):
    """The layers of a BackRes block are not listed side by side and in the clause's order.

    Allowed: ``Conv2 - Conv3 - Conv2 - Conv3`` or ``Conv2 - Conv3`` with ``[Conv2 - Conv3] repeated 2 times``
    Not allowed: ``Conv2 - Conv2 - Conv3 - Conv3`` or ``Conv2 - Pool - Conv3`` with it
    """

    code: ClassVar[str] = "backres-apart"
    title: ClassVar[str] = "{block} is not listed side by side and in this order"
    label: ClassVar[str] = "{words}"
    help: ClassVar[str] = "a repeated block runs on its own output: list it once, or {times} times in a row"

    block: str
    words: str
    times: int
    clause: Span

    def labels(self) -> tuple[Label, ...]:
        return (Label(self.clause, "the block"),)


@dataclass(frozen=True)
class RepeatCount(Diagnostic):
    """A BackRes clause counts otherwise than the chain lists.

    Allowed: a block listed once or four times with ``repeated 4 times``
    Not allowed: a block listed three times with ``repeated 4 times``
    """

    code: ClassVar[str] = "repeat-count"
    title: ClassVar[str] = "{block} is repeated {times} times, but listed {listed} times"
    label: ClassVar[str] = "the chain lists it {listed} times"
    help: ClassVar[str] = "list the block once or as often as it runs"

    block: str
    times: int
    listed: int
    listing: Span
    mendable: bool

    def labels(self) -> tuple[Label, ...]:
        return (Label(self.listing, "listed here"),)

    def fix(self) -> Fix | None:
        return Fix(self.span, str(self.listed)) if self.mendable else None


@dataclass(frozen=True)
class SharedNumber(Diagnostic):
    """One listing of a shared layer has a channel number that its neighbour contradicts; Table IX.

    Allowed: ``Conv2(64,64,3x3/1) - Conv3(64,64,3x3/1) - Conv3(64,64,3x3/1)``
    Not allowed: ``Conv2(64,64,3x3/1) - Conv3(3,64,3x3/1) - Conv3(64,64,3x3/1)``
    """

    code: ClassVar[str] = "shared-number"
    title: ClassVar[str] = "{layer} is listed with {found} {what}, but {expected} {verb}"
    label: ClassVar[str] = "expected {expected}"
    help: ClassVar[str] = "all listings of a repeated layer are one layer with one set of weights"

    layer: str
    what: str
    verb: str
    found: int
    expected: int
    because: Span
    shared: Span

    def labels(self) -> tuple[Label, ...]:
        remark = f"{self.expected} {'leave' if self.verb == 'arrive' else 'are taken'} here"
        because = Label(self.because, remark)
        return (because,) if self.shared == self.because else (because, Label(self.shared, "the same layer"))

    def fix(self) -> Fix:
        return Fix(self.span, str(self.expected))


@dataclass(frozen=True)
class ListingsDiffer(Diagnostic):
    """Two listings of a shared layer differ, and nothing says which one is right.

    Allowed: ``Conv2(64,64,3x3/1) - LIF - Conv2(64,64,3x3/1) - LIF``
    Not allowed: ``Conv2(64,64,3x3/1) - LIF - Conv2(64,64,5x5/1) - LIF``, ``Conv2(...) - LIF - Conv2(...)``
    """

    code: ClassVar[str] = "listings-differ"
    title: ClassVar[str] = "{layer} is repeated, but two of its listings differ in the {what}"
    label: ClassVar[str] = "{here} here"
    help: ClassVar[str] = (
        "all listings of a repeated layer are one layer: write them alike, or list it once; "
        "a layer of its own needs a name of its own"
    )

    layer: str
    what: str
    here: str
    there: str
    first: Span

    def labels(self) -> tuple[Label, ...]:
        return (Label(self.first, f"{self.there} here"),)
