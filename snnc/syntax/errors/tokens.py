"""Mistakes in the order of words and marks: what is missing, too much, or another word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from snnc.diagnostics import Diagnostic, Fix, Label
from snnc.source import Span


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
class TooFewNumbers(Diagnostic):
    """A layer with fewer numbers in its parentheses than it takes.

    Allowed: ``Conv1(3,64,3x3/1)``, ``FC1(4096,512)``
    Not allowed: ``Conv1(64,3x3/1)``, ``FC1(4096)``
    """

    code: ClassVar[str] = "too-few-numbers"
    title: ClassVar[str] = "`{layer}` takes {takes}; one of these is missing"
    label: ClassVar[str] = "not all of them"
    help: ClassVar[str] = "{usage}"

    layer: str
    takes: str
    usage: str


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
