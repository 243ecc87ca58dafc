"""A saved network: one .safetensors file with the weights and all that is needed to compile the rest again.

Weights stand under their layer (``Conv1.weight``), thresholds under their `StateId` (``Conv3@2.threshold``).
The metadata holds the spec's text, the target and options, the version, the recipe and the result. There is
no code in the file: loading compiles the spec and fills the network, or says which tensors do not fit.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from snnc import __version__
from snnc.diagnostics import CompileError
from snnc.ir.ids import StateId
from snnc.ir.program import Target
from snnc.source import Source
from snnc.train.network import Network, Options, network, spiking, state_id, used_files
from snnc.train.sealed import DamagedError, read_sealed, write_sealed

FORMAT = "snnc-network-1"


class MismatchError(ValueError):
    """The tensors of a file do not fit its spec. The message names them with their shapes."""


@dataclass(frozen=True)
class Saved:
    """A network as it was saved: what it was compiled from, its module, and how it came to be."""

    network: Network
    module: nn.Module
    classes: tuple[str, ...]
    recipe: Mapping[str, Any]
    result: Mapping[str, Any]

    @property
    def timesteps(self) -> int:
        """T, the number of time-steps of a presentation."""
        return self.network.timesteps

    @property
    def spikes(self) -> bool:
        """Whether it is a spiking twin."""
        return self.network.options.target is Target.SNN

    def name_of(self, number: int) -> str:
        """Return a class's name, or its number where the names are not known."""
        return self.classes[number] if number < len(self.classes) else str(number)

    def refuse_other_classes(self, classes: tuple[str, ...]) -> None:
        """Raise `MismatchError` unless the network has learnt these classes."""
        if self.classes and self.classes != classes:
            mine, yours = (", ".join(names[:12]) for names in (self.classes, classes))
            raise MismatchError(f"the network has learnt {mine}; the data has {yours}")


def save(
    path: Path,
    network: Network,
    module: nn.Module,
    *,
    classes: tuple[str, ...] = (),
    recipe: str = "{}",
    result: Mapping[str, object] | None = None,
) -> None:
    """Write a network to one file. Raises `OSError`; what stood there before then still does."""
    texts = {
        "format": FORMAT,
        "version": __version__,
        "network": network.net.name,
        "spec": network.source.text,
        "spec_name": Path(network.source.name).name,
        "uses": json.dumps(used_files(network.net, network.source), sort_keys=True),
        "options": network.options.text(),
        "classes": json.dumps(classes),
        "recipe": recipe,
        "result": json.dumps(result or {}, sort_keys=True),
    }
    write_sealed(path, {saved_name(name): tensor for name, tensor in module.state_dict().items()}, texts)


def load(path: Path, timesteps: int | None = None) -> Saved:
    """Return a saved network, ready to evaluate; a spiking one over ``timesteps``, its own T where None.

    Raises `DamagedError` where the file is not what was written, `MismatchError` where its tensors do not
    fit its spec, `CompileError` where this version refuses the spec, `OSError`.
    """
    tensors, texts = read_sealed(path)
    if texts.get("format") != FORMAT:
        raise DamagedError(f"{path.name}: it is no saved network of this version of snnc")
    try:
        found = _network(texts, timesteps)
        classes = _texts(json.loads(texts["classes"]))
        recipe, result = (_table(json.loads(texts[name])) for name in ("recipe", "result"))
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedError(f"{path.name}: its metadata lacks or garbles an entry: {error}") from error
    module = found.outline()
    _fill(path.name, module, tensors)
    return Saved(found, module.eval(), classes, recipe, result)


def thresholds(saved: Saved) -> dict[StateId, str]:
    """Return the thresholds of a saved network as a diagram shows them: ``4.21``, ``0.3 to 2.1``."""
    found: dict[StateId, str] = {}
    for name, part in spiking(saved.module).items():
        layer, _, step = name.partition("@")
        low, high = (float(one) for one in part.threshold.aminmax())
        text = f"{high:.4g}" if low == high else f"{low:.4g} to {high:.4g}"
        found[StateId(layer, int(step or 0))] = text
    return found


def saved_name(name: str) -> str:
    """Return the name under which an entry of a module's state is saved."""
    owner, _, what = name.rpartition(".")
    return f"{state_id(owner)}.{what}" if what in ("threshold", "drift") else name


def _network(texts: Mapping[str, str], timesteps: int | None) -> Network:
    uses = _table(json.loads(texts["uses"]))
    _texts(list(uses.values()))
    source = Source(texts["spec_name"], texts["spec"])
    options = Options.of(texts["options"])
    return network(source, folder_of(uses), replace(options, timesteps=timesteps or options.timesteps))


def _table(found: object) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise TypeError(f"{found!r} is no table")
    return found


def _texts(found: object) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise TypeError(f"{found!r} is no list of texts")
    return tuple(found)


def folder_of(files: Mapping[str, str]) -> zipfile.Path | None:
    """Return a folder in memory that holds the texts of used specs; nothing is looked for on the disk."""
    if not files:
        return None
    archive = zipfile.ZipFile(io.BytesIO(), "w")
    for path, text in files.items():
        archive.writestr(path, text)
    return zipfile.Path(archive)


def _fill(file: str, module: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Put tensors into a network that has no memory yet: one that does not fit has never had any."""
    state = module.state_dict()
    refuse_differences(file, {saved_name(name): tensor for name, tensor in state.items()}, tensors)
    module.load_state_dict({name: tensors[saved_name(name)] for name in state}, assign=True)


def refuse_differences(file: str, wanted: Mapping[str, Tensor], found: Mapping[str, Tensor]) -> None:
    """Raise `MismatchError` unless a file's tensors have the names, types and shapes that are wanted."""
    differences = _differences(wanted, found)
    if differences:
        raise MismatchError(f"{file} does not fit the spec: {'; '.join(differences)}")


def _differences(wanted: Mapping[str, Tensor], found: Mapping[str, Tensor]) -> list[str]:
    missing = [
        f"{name} {list(tensor.shape)} is missing" for name, tensor in wanted.items() if name not in found
    ]
    surplus = [
        f"{name} {list(tensor.shape)} is not in it" for name, tensor in found.items() if name not in wanted
    ]
    unlike = [
        f"{name} is {_kind(found[name])}, the spec says {_kind(tensor)}"
        for name, tensor in wanted.items()
        if name in found and _kind(found[name]) != _kind(tensor)
    ]
    return [*unlike, *missing, *surplus]


def _kind(tensor: Tensor) -> str:
    return f"{str(tensor.dtype).removeprefix('torch.')} {list(tensor.shape)}"


__all__ = ["CompileError", "DamagedError", "MismatchError", "Saved", "load", "save"]
