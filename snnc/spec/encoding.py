"""How the image reaches the network when no `encode` line says it."""

from __future__ import annotations

from collections.abc import Iterator

from snnc.spec import model
from snnc.spec.chain import with_modifiers
from snnc.spec.places import places


def default_encoding(items: tuple[model.Item, ...], line: model.Activation) -> model.Coding:
    """Return ``poisson`` when the first neuron of the SNN twin spikes, and else ``direct``.

    A hybrid's ReLU prefix takes the pixels as they are (Sec. VI), and so does a network without neurons.
    """
    names = [place.name for place in places(items)]
    kinds = _snn_kinds(items, line, names[-1] if names else "")
    first = next((kind for kind in kinds if kind != "identity"), "identity")
    return "poisson" if first in ("if", "lif") else "direct"


def _snn_kinds(items: tuple[model.Item, ...], line: model.Activation, classifier: str) -> Iterator[str]:
    for item, modifiers in with_modifiers(items):
        written = [one.snn.kind for one in modifiers if isinstance(one, model.Activation)]
        if isinstance(item, model.Group):
            yield from _snn_kinds(item.items, line, classifier)
        elif isinstance(item, model.Conv | model.Linear) and not written and item.name != classifier:
            yield line.snn.kind
        yield from written
