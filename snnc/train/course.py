"""A run in its folder: begun or taken up again, measured, kept, ended. What the methods' runs share.

run.json                what is being trained, and with what
metrics.jsonl           what was measured
checkpoints/            the last two
network.safetensors     the result
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from torch import nn

from snnc import __version__
from snnc.ir.program import Target
from snnc.train import artifact, checkpoint
from snnc.train.evaluate import Score
from snnc.train.images import Dataset
from snnc.train.loop import Loop
from snnc.train.metrics import Line, Listener, Metrics
from snnc.train.network import Network
from snnc.train.optimiser import restore, state_tensors
from snnc.train.recipe import Recipe, StdpRecipe, recipe_from
from snnc.train.sealed import digest, write_atomically
from snnc.train.world import World

NETWORK = "network.safetensors"
CHECKPOINTS = "checkpoints"
DESCRIPTION = "run.json"


class RunError(ValueError):
    """The folder and what is asked for do not go together. The message says why and what to do."""


@dataclass(frozen=True)
class Result:
    """What a run led to: the saved network's path, its score on the test images, the training time in s.

    Of several processes the one that ``leads`` has written the files. ``spikes`` is whether the network does.
    """

    path: Path
    score: Score
    seconds: float
    leads: bool = True
    spikes: bool = False


class Course:
    """A run of the process that leads, inside the folder's lock; a method's run is one of these."""

    def __init__(
        self,
        recipe: Recipe | StdpRecipe,
        target: Network,
        images: Dataset,
        folder: Path,
        world: World,
        listener: Listener,
    ) -> None:
        self.recipe, self.target, self.images, self.folder = recipe, target, images, folder
        self.world, self.listener = world, listener
        self.description = _description(recipe, target, images, world)
        self.metrics: Metrics

    def begun(self, *, resume: bool) -> checkpoint.Checkpoint | None:
        """Return where the run in the folder has come to. Raises `RunError` where it is another run."""
        file = self.folder / DESCRIPTION
        if not file.exists():
            write_atomically(file, json.dumps(self.description, indent=2).encode())
            return None
        if not resume:
            raise RunError(
                f"{self.folder} holds a run already; take it up with --resume, or name another folder"
            )
        before = described(file, file.read_bytes())
        self._refuse_another(before)
        self._tell_differences(before)
        return self.newest(CHECKPOINTS)

    def newest(self, part: str) -> checkpoint.Checkpoint | None:
        """Return the last whole checkpoint in a part of the folder. Raises `RunError` for another run's."""
        found, complaints = checkpoint.newest(self.folder / part)
        for complaint in complaints:
            self.listener.warned(complaint)
        if found is not None:
            self._refuse_another(described(self.folder / part, found.run))
        return found

    def line(self, line: Line) -> None:
        """Keep what was measured, and tell of it."""
        self.metrics.add(line)
        self.listener.measured(line)

    def keep(self, loop: Loop) -> None:
        """Write a checkpoint of a loop."""
        loop.position.metrics = self.metrics.secure()
        weights, memory = loop.module.state_dict(), state_tensors(loop.optimizer, loop.module)
        found = checkpoint.Checkpoint(loop.position, weights, memory, self.text())
        checkpoint.save(self.folder / CHECKPOINTS, found)

    def text(self) -> str:
        """Return what the run is, as checkpoints note it."""
        return json.dumps(self.description, sort_keys=True)

    def _refuse_another(self, before: Mapping[str, object]) -> None:
        for name in ("recipe", "spec", "data", "start"):
            if before.get(name) != self.description[name]:
                what = _difference(before.get(name), self.description[name])
                raise RunError(f"{self.folder} holds a run with another {name}{what}")

    def _tell_differences(self, before: Mapping[str, object]) -> None:
        for name in ("version", "torch", "threads", "processes", "device"):
            if before.get(name) != self.description[name]:
                self.listener.warned(
                    f"{name} was {before.get(name)} and is {self.description[name]}: "
                    "the run goes on, but its numbers will differ from those of one without a break"
                )

    def end(self, module: nn.Module, score: Score, steps: int, seconds: float) -> Result:
        """Save the network."""
        path = self.folder / NETWORK
        result = {"accuracy": score.accuracy, "top5": score.top5, "images": score.images}
        artifact.save(
            path,
            self.target,
            module,
            classes=self.images.classes,
            recipe=self.recipe.text(),
            result={**result, "data": self.images.name, "steps": steps},
        )
        return Result(path, score, seconds, spikes=self.target.options.target is Target.SNN)


def take_up(loop: Loop, folder: Path, found: checkpoint.Checkpoint | None) -> None:
    """Go on from a checkpoint, or begin without one, as all processes that train together do."""
    if not loop.world.agree(found.position.step if found else 0):
        raise RunError(f"the processes do not see the same run in {folder}; to resume they have to share it")
    if found is None:
        return
    artifact.refuse_differences("the checkpoint", loop.module.state_dict(), found.weights)
    try:
        restore(loop.optimizer, loop.module, found.memory)
    except (KeyError, ValueError) as error:
        raise artifact.MismatchError(
            f"the checkpoint's optimiser does not fit the network: {error}"
        ) from error
    loop.module.load_state_dict(dict(found.weights))
    loop.position = found.position


def described(file: Path, text: str | bytes) -> Mapping[str, Any]:
    """Return a description as it was written, with the entries that recipes have been given since."""
    try:
        found = json.loads(text)
        return {**found, "recipe": recipe_from(found["recipe"]).model_dump()}
    except (ValueError, KeyError, TypeError) as error:
        raise RunError(f"{file} is not what a run of this version has written") from error


def _description(
    recipe: Recipe | StdpRecipe, target: Network, images: Dataset, world: World
) -> dict[str, object]:
    return {
        "recipe": recipe.model_dump(),
        "spec": target.source.text,
        "data": {"name": images.name, "shape": list(images.shape), "labels": _fingerprint(images)},
        "start": digest(target.learnt, {}) if target.learnt else None,
        "version": __version__,
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "processes": world.size,
        "device": world.device.type,
    }


def _fingerprint(images: Dataset) -> str:
    labels = images.train.labels.tobytes() + images.test.labels.tobytes()
    first = images.train.image(0).numpy().tobytes() + images.test.image(0).numpy().tobytes()
    return sha256(labels + first).hexdigest()[:16]


def _difference(before: object, now: object) -> str:
    if not isinstance(before, Mapping) or not isinstance(now, Mapping):
        return ""
    old, new = _flat(before), _flat(now)
    names = [name for name in new if old.get(name) != new[name]]
    return ": " + ", ".join(f"{name} was {old.get(name)} and is {new[name]}" for name in names)


def _flat(table: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """Return the entries of a table and of those inside it by their dotted keys."""
    found: dict[str, object] = {}
    for name, value in table.items():
        inner = _flat(value, f"{prefix}{name}.") if isinstance(value, Mapping) else {f"{prefix}{name}": value}
        found |= inner
    return found
