"""Weights and MACs, counted straight from the model by a few lines of their own.

What the graph and the reports count is compared with this elsewhere; nothing of theirs is used here.
"""

from __future__ import annotations

from pathlib import Path

from snnc.diagnostics import Reporter, render
from snnc.spec import model
from snnc.spec.files import open_spec, read_network

SPECS = Path(__file__).parents[2] / "specs"


def of_the_paper() -> set[str]:
    """Return the specs that name a table of the paper in their first line."""
    files = {path.stem: path.read_text() for path in SPECS.glob("*.spec")}
    return {stem for stem, text in files.items() if text.startswith("# Table")}


def network(stem: str) -> model.Network:
    source, folder = open_spec(SPECS / f"{stem}.spec")
    report = Reporter()
    found = read_network(source, folder, report)
    assert found is not None, render(report.diagnostics)
    assert report.diagnostics == ()
    return found


def weights(layer: model.Conv | model.Linear) -> int:
    kernel = layer.window.size**2 if isinstance(layer, model.Conv) else 1
    return layer.inputs * layer.outputs * kernel


def layers(items: tuple[model.Item, ...]) -> list[model.Conv | model.Linear]:
    """Return the layers as they are listed, each once."""
    found = []
    for item in items:
        if isinstance(item, model.Group):
            found += layers(item.items)
        elif isinstance(item, model.Conv | model.Linear):
            found.append(item)
    return found


def parameters(net: model.Network, *, as_printed: bool = False) -> int:
    """Count the weights, those of the two further heads of stochmax included."""
    listed = {layer.name: layer for layer in layers(net.layers)}
    last = list(listed.values())[-1]
    heads = 2 * last.inputs * last.outputs if net.classify == "stochmax" else 0
    if as_printed:
        listed |= {one.layer.name: one.layer for one in net.printed}
    return sum(map(weights, listed.values())) + heads


def macs(items: tuple[model.Item, ...], side: int) -> tuple[int, int]:
    """Count the MACs of an inference, Eqn (8), on maps of side x side; return the side left, too."""
    total = 0
    for item in items:
        match item:
            case model.Conv():
                side = (side + 2 * item.padding - item.window.size) // item.window.stride + 1
                total += weights(item) * side**2
            case model.Linear():
                total += weights(item)
            case model.Pool():
                side = (side - item.window.size) // item.window.stride + 1
            case model.Group():
                for _ in range(item.times):
                    more, side = macs(item.items, side)
                    total += more
    return total, side
