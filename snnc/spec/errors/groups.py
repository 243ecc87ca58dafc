"""Mistakes about BackRes groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from snnc.diagnostics import Diagnostic, Label
from snnc.source import Span


@dataclass(frozen=True)
class GroupWithoutLayer(Diagnostic):
    """A repeated block in which nothing has weights.

    Allowed: ``[Conv2(64,64,3x3/1)] repeated 2 times``. Not allowed: ``[Pool(1x1/1)] repeated 2 times``.
    """

    code: ClassVar[str] = "group-without-layer"
    title: ClassVar[str] = "the repeated block has no Conv or FC layer"
    label: ClassVar[str] = "nothing here has weights"
    help: ClassVar[str] = (
        "BackRes uses a layer's weights again (Sec. II); write a pool out as often as it is wanted"
    )


@dataclass(frozen=True)
class GroupsTooDeep(Diagnostic):
    """Groups inside groups inside groups, more than 8 of them.

    Allowed: ``[[Conv2(...)] repeated 2 times - Conv3(...)] repeated 2 times``.
    Not allowed: nine pairs of brackets about one layer.
    """

    code: ClassVar[str] = "groups-too-deep"
    title: ClassVar[str] = "groups are nested more than {most} deep"
    label: ClassVar[str] = "group number {depth} about the same layers"
    help: ClassVar[str] = (
        "multiply the counts: `[[X] repeated 2 times] repeated 3 times` is `[X] repeated 6 times`"
    )

    depth: int
    most: int


@dataclass(frozen=True)
class TooManyLayers(Diagnostic):
    """A network that is too long once its groups are unrolled.

    Allowed: 20,000 layers. Not allowed: ``[[X] repeated 1000 times] repeated 1000 times``.
    """

    code: ClassVar[str] = "too-many-layers"
    title: ClassVar[str] = "the unrolled network has {count:,} layers"
    label: ClassVar[str] = "{words}"
    help: ClassVar[str] = "at most {most:,} layers are unrolled; the paper repeats a block 4 times at most"

    count: int
    most: int
    words: str


@dataclass(frozen=True)
class ClassifierInGroup(Diagnostic):
    """A repeated last layer: its scores would be its own next input.

    Allowed: ``[FC1(512,512)] repeated 2 times - FC2(512,10)``.
    Not allowed: ``[FC1(512,512)] repeated 2 times`` at the end.
    """

    code: ClassVar[str] = "classifier-in-group"
    title: ClassVar[str] = "{layer} is the classifier and stands in a repeated block"
    label: ClassVar[str] = "the last layer with weights"
    help: ClassVar[str] = "end the network with a layer outside the block, such as `FC2(512,10)`"

    layer: str
    group: Span

    def labels(self) -> tuple[Label, ...]:
        return (Label(self.group, "repeated here"),)
