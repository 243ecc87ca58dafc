"""Shapes of one sample's values, without batch and time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Map:
    """A feature map: channels x height x width."""

    channels: int
    height: int
    width: int

    @property
    def size(self) -> int:
        """The number of values (neurons) in it."""
        return self.channels * self.height * self.width

    def __str__(self) -> str:
        return f"{self.channels}x{self.height}x{self.width}"


@dataclass(frozen=True)
class Vector:
    """A flat value."""

    size: int

    @property
    def channels(self) -> int:
        """A vector's features are its channels."""
        return self.size

    def __str__(self) -> str:
        return str(self.size)


Shape = Map | Vector
