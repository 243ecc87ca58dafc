"""What can be wrong with a text before anybody asks what it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from snnc.diagnostics import Diagnostic, Fix, Label
from snnc.source import Span


@dataclass(frozen=True)
class TooLarge(Diagnostic):
    """The text is longer than any network's description.

    Allowed: a text of up to 2**20 characters and 100,000 words and marks, a chain of 10,000 items.
    Not allowed: more.
    """

    code: ClassVar[str] = "too-large"
    title: ClassVar[str] = "the spec has {found}"
    label: ClassVar[str] = "at most {most} are read"
    help: ClassVar[str] = "repeated layers are written once: `[X - Y] repeated n times`"

    found: str
    most: str


@dataclass(frozen=True)
class TooDeep(Diagnostic):
    """Groups stand within groups beyond reason.

    Allowed: ``[[Conv2(64,64,3x3/1)] repeated 2 times] repeated 2 times``
    Not allowed: 33 brackets open at one place
    """

    code: ClassVar[str] = "too-deep"
    title: ClassVar[str] = "brackets are nested more than {most} deep"
    label: ClassVar[str] = "this one is too many"
    help: ClassVar[str] = "counts of nested groups multiply: write one group with their product"

    most: int


@dataclass(frozen=True)
class HiddenCharacter(Diagnostic):
    """A control, bidirectional or zero-width character, which shows as nothing or as something else.

    Allowed: ``Conv1(3,64,3x3/1)``
    Not allowed: ``Conv1(3,<U+200B>64,3x3/1)``, not in a comment or a string either
    """

    code: ClassVar[str] = "hidden-character"
    title: ClassVar[str] = "the invisible character {name} stands here"
    label: ClassVar[str] = "delete it"

    name: str

    def fix(self) -> Fix:
        return Fix(self.span, "")


@dataclass(frozen=True)
class OddCharacter(Diagnostic):
    """A character that the notation does not have.

    Allowed: ASCII letters and digits, ``- – — × . , ( ) [ ] / = | & _ " #``
    Not allowed: ``FC1(2048;512)``
    """

    code: ClassVar[str] = "odd-character"
    title: ClassVar[str] = "the notation has no {name}"

    name: str
    meant: str | None

    def label_text(self) -> str:
        if self.meant is None:
            return ""
        return f"`{self.meant}` is meant?" if self.meant.strip() else "delete it"

    def help_text(self) -> str:
        if self.meant is None:
            return "outside comments and quoted texts stand ASCII letters, digits and - . , ( ) [ ] / = | &"
        return ""

    def fix(self) -> Fix | None:
        return None if self.meant is None else Fix(self.span, self.meant)


@dataclass(frozen=True)
class UnclosedText(Diagnostic):
    """A quoted text that does not end on its line.

    Allowed: ``use "convnn_72.spec" as ConvNN``
    Not allowed: ``use "convnn_72.spec as ConvNN``
    """

    code: ClassVar[str] = "unclosed-text"
    title: ClassVar[str] = "a quoted text is not closed"
    label: ClassVar[str] = "it starts here"
    help: ClassVar[str] = 'close it with `"` on the same line'


@dataclass(frozen=True)
class NumberTooLong(Diagnostic):
    """A number that no layer has.

    Allowed: whole numbers of up to 7 digits; decimal numbers of up to 24 characters, below 1e308
    Not allowed: ``FC1(40960000,512)``, ``threshold=1e999``
    """

    code: ClassVar[str] = "number-too-long"
    title: ClassVar[str] = "a number of {characters} characters"
    label: ClassVar[str] = "too large to be meant"
    help: ClassVar[str] = (
        "whole numbers have at most 7 digits, decimal ones at most 24 characters and 308 zeros"
    )

    characters: int


@dataclass(frozen=True)
class RepeatedModifier(Diagnostic):
    """A neuron, BN or Dropout is repeated without the layer that it belongs to.

    Allowed: ``[Conv2(64,64,3x3/1) - LIF] repeated 2 times``, ``Conv2(64,64,3x3/1), LIF repeated 2 times``
    Not allowed: ``Conv2(64,64,3x3/1) - LIF repeated 2 times``
    """

    code: ClassVar[str] = "repeated-modifier"
    title: ClassVar[str] = "`{what}` alone cannot be repeated"
    label: ClassVar[str] = "belongs to the layer before it"
    help: ClassVar[str] = "put the layer and what belongs to it in brackets: `[X - {what}] repeated n times`"

    what: str


@dataclass(frozen=True)
class GivenTwice(Diagnostic):
    """A clause, an option or a constant is given a second time.

    Allowed: ``timesteps 25``
    Not allowed: ``timesteps 25`` and, elsewhere, ``timesteps 100``
    """

    code: ClassVar[str] = "given-twice"
    title: ClassVar[str] = "a second {what}"
    label: ClassVar[str] = "given again here"
    help: ClassVar[str] = "keep one of the two"

    what: str
    first: Span

    def labels(self) -> tuple[Label, ...]:
        return (Label(self.first, "first given here"),)


@dataclass(frozen=True)
class Unexpected(Diagnostic):
    """A word or mark stands where another one belongs.

    Allowed: ``Input - Conv1(3,64,3x3/1)``
    Not allowed: ``Input - Conv1(3,64,,3x3/1)``
    """

    code: ClassVar[str] = "unexpected"
    title: ClassVar[str] = "expected {expected}, found {found}"
    label: ClassVar[str] = "expected {expected}"

    expected: str
    found: str
