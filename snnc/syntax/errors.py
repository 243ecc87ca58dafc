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
class MissingMark(Diagnostic):
    """A comma, bracket, dash or other mark was left out.

    Allowed: ``Conv2(64,64,3x3/1) - Pool(2x2/2)``
    Not allowed: ``Conv2(64 64,3x3/1)``, ``Conv2(64,64,3x3/1) Pool(2x2/2)``
    """

    code: ClassVar[str] = "missing-mark"
    title: ClassVar[str] = "expected `{mark}`, found {found}"
    label: ClassVar[str] = "`{mark}` is missing here"
    help: ClassVar[str] = "{usage}"

    mark: str
    found: str
    usage: str
    mend: Fix

    def fix(self) -> Fix:
        return self.mend


@dataclass(frozen=True)
class StrayMark(Diagnostic):
    """A mark that nothing needs.

    Allowed: ``Conv1(3,64,3x3/1)``
    Not allowed: ``Conv1(3,,64,3x3/1)``, ``Conv1(3,64,3x3/1))``
    """

    code: ClassVar[str] = "stray-mark"
    title: ClassVar[str] = "`{mark}` does not belong here"
    label: ClassVar[str] = "{words}"
    help: ClassVar[str] = "{usage}"

    mark: str
    words: str
    usage: str
    mend: Fix | None

    def fix(self) -> Fix | None:
        return self.mend


@dataclass(frozen=True)
class WrongMark(Diagnostic):
    """One mark stands where another belongs.

    Allowed: ``Conv1(3,64,3x3/1)``
    Not allowed: ``Conv1(3,64,3x3,1)``, ``(Conv2(64,64,3x3/1)) repeated 2 times``
    """

    code: ClassVar[str] = "wrong-mark"
    title: ClassVar[str] = "expected `{mark}`, found `{found}`"
    label: ClassVar[str] = "expected `{mark}`"
    help: ClassVar[str] = "{usage}"

    mark: str
    found: str
    usage: str

    def fix(self) -> Fix:
        return Fix(self.span, self.mark)


@dataclass(frozen=True)
class UnclosedBracket(Diagnostic):
    """A BackRes block that is opened and not closed.

    Allowed: ``[Conv2(64,64,3x3/1) - Conv3(64,64,3x3/1)] repeated 2 times``
    Not allowed: ``[Conv2(64,64,3x3/1) - Conv3(64,64,3x3/1) repeated 2 times``
    """

    code: ClassVar[str] = "unclosed-bracket"
    title: ClassVar[str] = "this `[` is never closed"
    label: ClassVar[str] = "opened here"
    help: ClassVar[str] = "a block ends with `] repeated n times`"

    place: Span | None

    def labels(self) -> tuple[Label, ...]:
        return () if self.place is None else (Label(self.place, "`]` is meant here?"),)

    def fix(self) -> Fix | None:
        return None if self.place is None else Fix(self.place, "]")


@dataclass(frozen=True)
class UnknownWord(Diagnostic):
    """A word that the notation does not have, or not here; mostly a misspelt one.

    Allowed: ``Conv1(3,64,3x3/1) - LIF``
    Not allowed: ``Cnov1(3,64,3x3/1) - LIFF``
    """

    code: ClassVar[str] = "unknown-word"
    title: ClassVar[str] = "expected {expected}, found `{word}`"
    help: ClassVar[str] = "{usage}"

    word: str
    expected: str
    meant: tuple[str, ...]
    usage: str

    def title_text(self) -> str:
        return f"unknown word `{self.word}`" if self.meant else super().title_text()

    def label_text(self) -> str:
        choice = " or ".join(f"`{word}`" for word in self.meant)
        return f"is {choice} meant?" if choice else "not a word of the notation"

    def fix(self) -> Fix | None:
        return Fix(self.span, self.meant[0]) if len(self.meant) == 1 else None


@dataclass(frozen=True)
class ReservedWord(Diagnostic):
    """A word of the notation where a name belongs.

    Allowed: ``network VGG5``
    Not allowed: ``network Pool``
    """

    code: ClassVar[str] = "reserved-word"
    title: ClassVar[str] = "`{word}` is a word of the notation and cannot be a name"
    label: ClassVar[str] = "expected a name"
    help: ClassVar[str] = "choose another name, such as `{word}Net`"

    word: str


@dataclass(frozen=True)
class LayerWithoutNumber(Diagnostic):
    """A Conv or FC layer without its number, which tells the layers apart.

    Allowed: ``Conv1(3,64,3x3/1) - Conv2(64,64,3x3/1)``
    Not allowed: ``Conv(3,64,3x3/1) - Conv(64,64,3x3/1)``
    """

    code: ClassVar[str] = "layer-without-number"
    title: ClassVar[str] = "`{word}` has no number"
    label: ClassVar[str] = "which {kind} layer?"
    help: ClassVar[str] = "layers are told apart by a number: `{kind}1`, `{kind}2`, ..."

    word: str
    kind: str
    free: str | None

    def fix(self) -> Fix | None:
        return None if self.free is None else Fix(self.span, self.free)


@dataclass(frozen=True)
class Unexpected(Diagnostic):
    """A number, a word or the end of the text stands where something else belongs.

    Allowed: ``Conv2(64,64,3x3/1) repeated 4 times``
    Not allowed: ``Conv2(64,64,3x3) repeated times``
    """

    code: ClassVar[str] = "unexpected"
    title: ClassVar[str] = "expected {expected}, found {found}"
    label: ClassVar[str] = "expected {expected}"
    help: ClassVar[str] = "{usage}"

    expected: str
    found: str
    usage: str
    mend: Fix | None = None

    def fix(self) -> Fix | None:
        return self.mend
