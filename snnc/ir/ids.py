"""The three identities of a repeated layer.

An occurrence is a `NodeId` (``Conv2@3``), a trainable tensor a `WeightId` (``Conv2``), a threshold
with its membrane a `StateId` (``Conv2@3``). Unrolled steps share the weight and never the state
(Sec. IV). Parameters fold over WeightId, activity and thresholds over StateId, diagrams over NodeId.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

WeightId = NewType("WeightId", str)


@dataclass(frozen=True, order=True)
class Occurrence:
    """A name and which of its applications this is: 1, 2, ...; 0 where it is applied only once."""

    name: str
    application: int = 0

    def __str__(self) -> str:
        return f"{self.name}@{self.application}" if self.application else self.name


class NodeId(Occurrence):
    """A node of a graph."""


class StateId(Occurrence):
    """A neuron's threshold and membrane; ``name`` is the layer's."""
