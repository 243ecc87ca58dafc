"""Begin with what a saved network has learnt: its weights and thresholds in place of fresh ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from snnc.train.artifact import MismatchError, Saved, refuse_differences, saved_name
from snnc.train.metrics import Listener
from snnc.train.network import Network


def started(target: Network, saved: Saved, file: Path, listener: Listener) -> Network:
    """Return a network that begins with the tensors of a saved one that it has under the same names.

    Layers that only one of the two has are told. Raises `MismatchError` where the networks share no layer,
    or a tensor of another shape.
    """
    fresh = {saved_name(name): (name, tensor) for name, tensor in target.outline().state_dict().items()}
    given = {saved_name(name): tensor for name, tensor in saved.module.state_dict().items()}
    shared = {name: given[name] for name in fresh if name in given}
    layers = _layers(shared)
    if not layers:
        raise MismatchError(f"{file} has no layer of {target.net.name}; it has {', '.join(_layers(given))}")
    refuse_differences(str(file), {name: fresh[name][1] for name in shared}, shared)
    listener.told(f"begins with {', '.join(layers)} of {file}")
    if alone := _layers(name for name in fresh if name not in given):
        listener.warned(f"drawn afresh, since {file} has none: {', '.join(alone)}")
    if unused := _layers(name for name in given if name not in fresh):
        listener.warned(f"not used of {file}: {', '.join(unused)}")
    return replace(target, learnt={fresh[name][0]: tensor for name, tensor in shared.items()})


def _layers(names: Iterable[str]) -> list[str]:
    """Return the layers that tensors belong to, each once; thresholds and drifts are of neurons."""
    owned = (name.rpartition(".") for name in names)
    return list(dict.fromkeys(owner for owner, _, what in owned if what not in ("threshold", "drift")))
