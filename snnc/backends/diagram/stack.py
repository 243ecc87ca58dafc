"""One column from top to bottom: how high each box and frame stands, and how far frames reach out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from snnc.backends.diagram.columns import Enter, Leave, Token
from snnc.backends.diagram.drawing import Box, Loop, Panel

ARROW = 18.0  # the least room for an arrow between two boxes, in pixels
LABEL = 17.0  # the room for a shape below a box
BREATH = 7.0  # between a frame's edge or words and the box inside
HEAD = 17.0  # the room for a panel's words
LOOP_REACH = 34.0  # how far a loop's frame stands out at the left, where the way back runs
EDGE_REACH = 8.0  # and at the right; a panel does so at both sides


@dataclass(frozen=True)
class Size:
    """What the column has to know of a box: its size, and whether a shape is written below it."""

    width: float
    height: float
    labelled: bool

    @property
    def room(self) -> float:
        """Its height with the room for the arrow behind it."""
        return self.height + (LABEL + BREATH if self.labelled else ARROW)


@dataclass(frozen=True)
class Span:
    """A frame's height in one column, and how far it reaches out beyond the boxes of layers."""

    frame: Panel | Loop
    again: bool
    top: float
    bottom: float
    left: float
    right: float
    outermost: bool


@dataclass
class Stack:
    """A column while it is filled, and when it is full."""

    sizes: Mapping[str, Size]
    y: float
    tops: dict[str, float] = field(default_factory=dict)
    spans: list[Span] = field(default_factory=list)
    _open: list[tuple[Enter, float, list[tuple[float, float]]]] = field(default_factory=list)
    _below: float | None = None

    def fill(self, tokens: Sequence[Token]) -> Stack:
        """Place everything; the frames are in the order of painting, outer ones first."""
        for token in tokens:
            match token:
                case Enter():
                    self._enter(token)
                case Leave():
                    self._leave()
                case Box():
                    self._place(token)
        self.spans.sort(key=lambda span: (span.top, -span.bottom))
        return self

    def _enter(self, token: Enter) -> None:
        self.y += BREATH
        self._open.append((token, self.y, [(0.0, 0.0)]))
        self.y += HEAD if isinstance(token.frame, Panel) else BREATH

    def _leave(self) -> None:
        token, top, inside = self._open.pop()
        self.y += BREATH + 2
        left = max(reach for reach, _ in inside) + (
            LOOP_REACH if isinstance(token.frame, Loop) else EDGE_REACH
        )
        right = max(reach for _, reach in inside) + EDGE_REACH
        self.spans.append(Span(token.frame, token.again, top, self.y, left, right, not self._open))
        if self._open:
            self._open[-1][2].append((left, right))

    def _place(self, box: Box) -> None:
        size = self.sizes[box.key]
        self.y += BREATH
        if self._below is not None:
            self.y = max(self.y, self._below + ARROW)
        self.tops[box.key] = self.y
        self._below = self.y + size.height
        self.y = self._below + (LABEL if size.labelled else 0.0)
