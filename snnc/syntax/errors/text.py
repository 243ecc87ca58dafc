"""Mistakes in the text itself: characters that have no place, and too many of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from snnc.diagnostics import Diagnostic, Fix


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
class UnquotedPath(Diagnostic):
    """The path of a `use` clause without its quotes.

    Allowed: ``use "convnn_72.spec" as ConvNN``
    Not allowed: ``use convnn_72.spec as ConvNN``
    """

    code: ClassVar[str] = "unquoted-path"
    title: ClassVar[str] = "a path stands in quotes"
    label: ClassVar[str] = "quotes are missing here"

    path: str

    def fix(self) -> Fix:
        return Fix(self.span, f'"{self.path}"')


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
