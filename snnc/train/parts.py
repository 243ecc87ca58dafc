"""The parts of a printed module by the identities of the graph."""

from __future__ import annotations

from torch import nn

from snnc.nn import SpikingNeurons


def spiking(module: nn.Module) -> dict[str, SpikingNeurons]:
    """Return the spiking neurons by the text of their `StateId`, ``Conv2`` or ``Conv3@2``, in order."""
    return {state_id(name): part for name, part in module.named_modules() if isinstance(part, SpikingNeurons)}


def state_id(name: str) -> str:
    """Return the `StateId` of a neurons' module: ``Conv2_lif`` is Conv2's, ``Conv3_lif.1`` Conv3's second."""
    attribute, _, place = name.partition(".")
    layer = attribute.removesuffix("_lif").removesuffix("_if")
    return f"{layer}@{int(place) + 1}" if place else layer
