"""A graph with what a back end has to know beside it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from snnc.ir.graph import Graph
from snnc.ir.ids import WeightId


class Target(StrEnum):
    """Which twin: the artificial or the spiking network."""

    ANN = "ann"
    SNN = "snn"


@dataclass(frozen=True)
class PrintedLayer:
    """What the paper prints for a layer: its weights as printed, and why they differ."""

    weight: WeightId
    parameters: int
    text: str
    reason: str


@dataclass(frozen=True)
class Program:
    """One twin of a network: its graph, name and default number of time-steps.

    ``printed`` holds the layers that the paper prints differently.
    """

    name: str
    target: Target
    timesteps: int
    graph: Graph
    printed: tuple[PrintedLayer, ...] = ()
