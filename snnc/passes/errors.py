"""What can be wrong with a network once shapes are known. Each class is one kind of mistake."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from snnc.diagnostics import Diagnostic, Fix, Label
from snnc.source import Span


@dataclass(frozen=True)
class ChannelMismatch(Diagnostic):
    """A convolution is written for other channels than those that arrive.

    Allowed: ``Conv1(3,64,3x3/1) - Conv2(64,64,3x3/1)``.
    Not allowed: ``Conv1(3,64,3x3/1) - Conv2(3,64,3x3/1)``.
    """

    code: ClassVar[str] = "channel-mismatch"
    title: ClassVar[str] = "{layer} takes {found} channels, but {expected} arrive"
    label: ClassVar[str] = "expected {expected}, found {found}"
    help: ClassVar[str] = "write {expected} here, or change what comes before {layer}"

    layer: str
    expected: int
    found: int
    made: Span

    def labels(self) -> tuple[Label, ...]:
        """Where the channels come from."""
        return (Label(self.made, f"the {self.expected} channels come from here"),)

    def fix(self) -> Fix:
        """Take what arrives."""
        return Fix(self.span, str(self.expected))


@dataclass(frozen=True)
class FanIn(Diagnostic):
    """A fully connected layer is written for another number of inputs than arrive.

    Allowed: ``FC1(1024,512)`` after a map of 64x4x4.
    Not allowed: ``FC1(2048,512)`` after it (Table III).
    """

    code: ClassVar[str] = "fan-in"
    title: ClassVar[str] = "{layer} takes {found} inputs, but {expected} arrive"
    label: ClassVar[str] = "expected {expected}, found {found}"
    help: ClassVar[str] = (
        "write {expected} here; where the paper prints {found}, say so in a line "
        '`printed {written} "where"` to have it counted as printed'
    )

    layer: str
    expected: int
    found: int
    arriving: str
    written: str
    made: Span

    def labels(self) -> tuple[Label, ...]:
        """Where the values come from, and how many they are."""
        return (Label(self.made, f"{self.arriving} = {self.expected} values come from here"),)

    def fix(self) -> Fix:
        """Take what arrives."""
        return Fix(self.span, str(self.expected))


@dataclass(frozen=True)
class MapTooSmall(Diagnostic):
    """A kernel or a pool does not fit on the map that arrives.

    Allowed: ``Pool(2x2/2)`` on a map of 2x2.
    Not allowed: ``Pool(2x2/2)`` on a map of 1x1.
    """

    code: ClassVar[str] = "map-too-small"
    title: ClassVar[str] = "a window of {size}x{size} does not fit on a map of {height}x{width}"
    label: ClassVar[str] = "the map is {height}x{width} here"
    help: ClassVar[str] = "use a smaller window, a larger input, or fewer pools before this layer"

    size: int
    height: int
    width: int


@dataclass(frozen=True)
class NeedsMap(Diagnostic):
    """A convolution or a pool stands where the map was already flattened.

    Allowed: ``Conv1(3,8,3x3/1) - FC1(8192,10)``.
    Not allowed: ``FC1(3072,64) - Conv1(64,8,3x3/1)``.
    """

    code: ClassVar[str] = "needs-map"
    title: ClassVar[str] = "{layer} needs a map, but a vector of {size} arrives"
    label: ClassVar[str] = "this needs channels x height x width"
    help: ClassVar[str] = "move it before the first FC layer, which flattens the map"

    layer: str
    size: int


@dataclass(frozen=True)
class GroupResizes(Diagnostic):
    """A repeated block changes the map's size, so that it cannot run on its own output.

    Allowed: ``[Conv2(64,64,3x3/1)] repeated 2 times``.
    Not allowed: ``[Conv2(64,64,3x3/2)] repeated 2 times``.
    """

    code: ClassVar[str] = "group-resizes"
    title: ClassVar[str] = "a repeated block must keep the map's size, but {before} becomes {after}"
    label: ClassVar[str] = "{before} becomes {after} here"
    help: ClassVar[str] = "{advice}"

    before: str
    after: str
    advice: str
    replacement: str

    def fix(self) -> Fix | None:
        """The stride or the kernel that keeps the size, where one number does it."""
        return Fix(self.span, self.replacement) if self.replacement else None


@dataclass(frozen=True)
class GroupNeedsKeep(Diagnostic):
    """A repeated block gives other channels than it takes and does not say which to keep (Sec. IV).

    Allowed: ``[Conv2(64,128,3x3/1)] repeated 2 times keep mean``.
    Not allowed: ``[Conv2(64,128,3x3/1)] repeated 2 times``.
    """

    code: ClassVar[str] = "group-needs-keep"
    title: ClassVar[str] = "the repeated block takes {before} channels and gives {after}"
    label: ClassVar[str] = "{after} channels cannot go round into {before}"
    help: ClassVar[str] = "make them equal, or add `keep mean`, `keep top` or `keep random` after the count"

    before: int
    after: int


@dataclass(frozen=True)
class KeepImpossible(Diagnostic):
    """A ``keep`` clause cannot bring the block's output to its input's channels.

    Allowed: ``[Conv2(64,128,3x3/1)] repeated 2 times keep mean``.
    Not allowed: ``[Conv2(64,32,3x3/1)] repeated 2 times keep top``, or ``keep mean`` of 96 channels into 64.
    """

    code: ClassVar[str] = "keep-impossible"
    title: ClassVar[str] = "`keep {keep}` cannot make {before} channels out of {after}"
    label: ClassVar[str] = "{after} channels in, {before} out"
    help: ClassVar[str] = "keeping needs at least as many channels as it gives; a mean needs a whole multiple"

    keep: str
    before: int
    after: int


@dataclass(frozen=True)
class SkipUndecided(Diagnostic):
    """The widths do not decide how a skip joins, and it does not say so.

    Allowed: ``Skip Input-to-Conv2 tile``.
    Not allowed: ``Skip Input-to-Conv2`` where 3 channels meet 36 and Conv2 takes 36.
    """

    code: ClassVar[str] = "skip-undecided"
    title: ClassVar[str] = (
        "{skipped} channels meet {main} before {target}, which takes {taken}: add or concat?"
    )
    label: ClassVar[str] = "how these join is not said"
    help: ClassVar[str] = "{advice}"

    target: str
    skipped: int
    main: int
    taken: int
    advice: str
    replacement: str

    def fix(self) -> Fix | None:
        """Say the one mode that fits, where there is one."""
        return Fix(self.span, self.replacement) if self.replacement else None


@dataclass(frozen=True)
class SkipMisfit(Diagnostic):
    """A skip cannot join as it says: the values do not fit.

    Allowed: ``Skip Conv1-to-Conv3 add`` where both are 64x16x16.
    Not allowed: the same where Conv2 has stride 2, or where they have 36 and 64 channels.
    """

    code: ClassVar[str] = "skip-misfit"
    title: ClassVar[str] = "a skip of {skipped} cannot {mode} to {main}"
    label: ClassVar[str] = "{skipped} arrives here beside {main}"
    help: ClassVar[str] = (
        "add needs equal shapes, concat equal height and width, tile no more channels than the main path; "
        "a skip passes through the pools it jumps over, not through strided convolutions"
    )

    skipped: str
    main: str
    mode: str


@dataclass(frozen=True)
class StochmaxNeedsLinear(Diagnostic):
    """Stochmax learns its retain probabilities from the last fully connected layer's input (Sec. V).

    Allowed: ``... - FC2(512,10)`` with ``classify stochmax``.
    Not allowed: ``... - Conv9(192,10,1x1/1) - GlobalPool`` with ``classify stochmax``.
    """

    code: ClassVar[str] = "stochmax-needs-fc"
    title: ClassVar[str] = "stochmax needs a fully connected last layer"
    label: ClassVar[str] = "the last layer is {layer}"
    help: ClassVar[str] = "end the network with an FC layer, or use `classify softmax`"

    layer: str


@dataclass(frozen=True)
class BlockInput(Diagnostic):
    """Another shape arrives at a block than its spec was written for (Table XIII).

    Allowed: ``use "convnn_72.spec" as ConvNN`` where 72x16x16 arrives.
    Not allowed: the same where 36x16x16 arrives.
    """

    code: ClassVar[str] = "block-input"
    title: ClassVar[str] = "{block} is written for an input of {expected}, but {arriving} arrives"
    label: ClassVar[str] = "{arriving} arrives here"
    help: ClassVar[str] = "change the layers before the block, or use a spec whose input is {arriving}"

    block: str
    expected: str
    arriving: str
    written: Span

    def labels(self) -> tuple[Label, ...]:
        """Where the block's spec says its input."""
        return (Label(self.written, f"{self.block} takes {self.expected}"),)
