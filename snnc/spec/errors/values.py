"""Mistakes in a single value: a number, a word or a name that its place does not take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from snnc.diagnostics import Diagnostic, Fix, Label
from snnc.source import Span


@dataclass(frozen=True)
class WindowNotSquare(Diagnostic):
    """A kernel or a pool whose sides differ; the notation of the tables has square ones only.

    Allowed: ``Conv1(3,64,3x3/1)``. Not allowed: ``Conv1(3,64,3x4/1)``.
    """

    code: ClassVar[str] = "window-not-square"
    title: ClassVar[str] = "a window has equal sides, not {height} and {width}"
    label: ClassVar[str] = "expected {height}, found {width}"
    help: ClassVar[str] = "write {height}x{height}, or {width}x{width} if the other side is meant"

    height: int
    width: int

    def fix(self) -> Fix:
        return Fix(self.span, str(self.height))


@dataclass(frozen=True)
class OutOfRange(Diagnostic):
    """A number or word that its place does not take.

    Allowed: ``LIF(leak=0.95)``. Not allowed: ``LIF(leak=1.5)``.
    """

    code: ClassVar[str] = "out-of-range"
    title: ClassVar[str] = "{what} cannot be {found}"
    label: ClassVar[str] = "allowed: {allowed}"
    help: ClassVar[str] = "{why}"

    what: str
    found: str
    allowed: str
    why: str = ""


@dataclass(frozen=True)
class GroupsIndivisible(Diagnostic):
    """A grouped convolution whose channels do not split evenly.

    Allowed: ``Conv1(64,64,3x3/1,groups=4)``. Not allowed: ``Conv1(64,64,3x3/1,groups=3)``.
    """

    code: ClassVar[str] = "groups-indivisible"
    title: ClassVar[str] = "{groups} groups do not divide the {channels} {side} channels of {layer}"
    label: ClassVar[str] = "{channels} / {groups} leaves {remainder}"
    help: ClassVar[str] = "the input and the output channels are both split into `groups` equal parts"

    layer: str
    groups: int
    side: str
    channels: int
    channels_span: Span

    @property
    def remainder(self) -> int:
        """What the division leaves."""
        return self.channels % self.groups

    def label_text(self) -> str:
        return self.label.format(channels=self.channels, groups=self.groups, remainder=self.remainder)

    def labels(self) -> tuple[Label, ...]:
        return (Label(self.channels_span, f"{self.channels} {self.side} channels"),)


@dataclass(frozen=True)
class NameUnusable(Diagnostic):
    """A network or block whose name cannot be the name of a Python class or attribute.

    Allowed: ``network VGG7``. Not allowed: ``network class``.
    """

    code: ClassVar[str] = "name-unusable"
    title: ClassVar[str] = "`{name}` cannot be the name of a {thing}"
    label: ClassVar[str] = "{reason}"
    help: ClassVar[str] = (
        "the printed module bears this name: a letter, then letters, digits and underscores, 64 at most, "
        "and no word of Python"
    )

    name: str
    thing: str
    reason: str
    better: str = ""

    def fix(self) -> Fix | None:
        return Fix(self.span, self.better) if self.better else None


@dataclass(frozen=True)
class InputMissing(Diagnostic):
    """A spec that does not say what its input is.

    Allowed: ``input 3x32x32`` above the layers. Not allowed: layers alone.
    """

    code: ClassVar[str] = "input-missing"
    title: ClassVar[str] = "the input's shape is not said"
    label: ClassVar[str] = "takes maps of unknown height and width"
    help: ClassVar[str] = (
        "add a line above the layers: `input {channels}x32x32` for the size of CIFAR-10, "
        "`input {channels}x224x224` for that of ImageNet (channels x height x width)"
    )

    channels: int = 3
