"""A run in its folder: started, taken up again, ended. The one place that knows the files of a run.

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

import torch

from snnc import __version__
from snnc.ir.program import Target
from snnc.spec.files import open_spec
from snnc.train import artifact, checkpoint
from snnc.train.data import open_data
from snnc.train.evaluate import Score
from snnc.train.images import Dataset
from snnc.train.interrupt import asked_to_stop
from snnc.train.lock import locked
from snnc.train.loop import Interrupted, Keep, Loop
from snnc.train.metrics import Line, Listener, Metrics, Quiet
from snnc.train.network import Network, Options, network
from snnc.train.optimiser import restore, state_tensors
from snnc.train.precision import Chosen, native_bfloat16, settled
from snnc.train.recipe import Recipe
from snnc.train.sealed import sweep, write_atomically
from snnc.train.world import World, joined

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


def train(
    recipe: Recipe,
    folder: Path,
    *,
    data: Path | None = None,
    dataset: Dataset | None = None,
    resume: bool = False,
    listener: Listener | None = None,
    device: str = "auto",
) -> Result:
    """Train a network by a recipe and save it in ``folder``.

    ``data`` is a path for `open_data`, ``dataset`` one that is open already; without either the digits that
    ship with snnc are learnt. Raises `CompileError` for the spec, `DataError`, `RunError`, `LockedError`,
    `NumericalStop`, `Interrupted` (the run can be taken up again) and `OSError`.
    """
    with joined(device) as world:
        told = listener or Quiet()
        recipe = _for_world(_settled(recipe, folder, world, told, resume=resume), world)
        target = network_of(recipe)
        images = dataset or open_data(data, target.size)
        _refuse_classes(target, images)
        if not world.leads:
            return _follow(recipe, target, images, folder, world, resume=resume)
        with locked(folder):
            return _Run(recipe, target, images, folder, world, told).go(resume=resume)


def recipe_of(folder: Path) -> Recipe:
    """Return the recipe of the run in a folder. Raises `RunError` where there is none."""
    file = folder / DESCRIPTION
    try:
        return Recipe.model_validate(_described(file, file.read_bytes())["recipe"])
    except FileNotFoundError as error:
        raise RunError(f"{folder} holds no run that could be resumed") from error


def network_of(recipe: Recipe) -> Network:
    """Return the network that a recipe trains. Raises `CompileError`, `OSError`."""
    source, folder = open_spec(recipe.spec)
    options = Options(
        Target(_TARGETS[recipe.method]), recipe.timesteps, recipe.coding, recipe.classify, recipe.mode
    )
    return network(source, folder, options)


_TARGETS = {"ann": "ann", "agd": "snn"}


def _for_world(recipe: Recipe, world: World) -> Recipe:
    """Return a recipe whose parts can be shared out; raises `RunError` where the batch cannot be cut so."""
    if recipe.parts % world.size == 0:
        return recipe
    if recipe.batch % world.size:
        raise RunError(f"a batch of {recipe.batch} cannot be shared by {world.size} processes")
    return recipe.model_copy(update={"parts": world.size})


def _settled(recipe: Recipe, folder: Path, world: World, listener: Listener, *, resume: bool) -> Recipe:
    """Return a recipe whose precision is no longer ``auto``: a run goes on in that in which it began."""
    native = native_bfloat16(world.device)
    precision: Chosen = settled(recipe.numbers.precision, world.device)
    if recipe.numbers.precision == "auto":
        if resume and (folder / DESCRIPTION).exists():
            precision = settled(recipe_of(folder).numbers.precision, world.device)
        precision = "bfloat16" if world.led(precision == "bfloat16") else "float32"
        listener.told(f"computes in {precision}: this device has {'its own' if native else 'no'} bfloat16")
    if precision == "bfloat16" and not native:
        listener.warned(
            "this device only emulates bfloat16 and is slow in it; numbers.precision = auto looks first"
        )
    return recipe.model_copy(update={"numbers": recipe.numbers.model_copy(update={"precision": precision})})


def _refuse_classes(target: Network, images: Dataset) -> None:
    shape = target.net.snn_twin.folded.graph.output.shape
    outputs = shape.size if shape else 0
    if outputs != len(images.classes):
        raise RunError(f"the network has {outputs} outputs, {images.name} has {len(images.classes)} classes")


def _follow(
    recipe: Recipe, target: Network, images: Dataset, folder: Path, world: World, *, resume: bool
) -> Result:
    """Train beside the process that leads: the same steps, no files, no words."""
    loop = Loop(recipe, target.module(recipe.seed, recipe.start.gain), images, world, Quiet())
    _take_up(loop, folder, checkpoint.newest(folder / CHECKPOINTS)[0] if resume else None)
    with asked_to_stop() as asked:
        score = loop.run(Keep(lambda _line: None, lambda: None, asked))
    return Result(folder / NETWORK, score, loop.position.seconds, leads=False)


class _Run:
    """A run of the process that leads, inside the folder's lock."""

    def __init__(
        self, recipe: Recipe, target: Network, images: Dataset, folder: Path, world: World, listener: Listener
    ) -> None:
        self.recipe, self.target, self.images, self.folder = recipe, target, images, folder
        self.listener = listener
        self.description = _description(recipe, target, images, world)
        module = target.module(recipe.seed, recipe.start.gain)
        self.loop = Loop(recipe, module, images, world, listener)

    def go(self, *, resume: bool) -> Result:
        sweep(self.folder)
        sweep(self.folder / CHECKPOINTS)
        _take_up(self.loop, self.folder, self._begun(resume=resume))
        self.metrics = Metrics(self.folder, self.loop.position.metrics)
        try:
            with asked_to_stop() as asked:
                score = self.loop.run(Keep(self._line, self._checkpoint, asked))
        finally:
            self.metrics.close()
        return self._end(score)

    def _begun(self, *, resume: bool) -> checkpoint.Checkpoint | None:
        """Return where the run in the folder has come to. Raises `RunError` where it is another run."""
        file = self.folder / DESCRIPTION
        if not file.exists():
            write_atomically(file, json.dumps(self.description, indent=2).encode())
            return None
        if not resume:
            raise RunError(
                f"{self.folder} holds a run already; take it up with --resume, or name another folder"
            )
        before = _described(file, file.read_bytes())
        self._refuse_another(before)
        self._tell_differences(before)
        found, complaints = checkpoint.newest(self.folder / CHECKPOINTS)
        for complaint in complaints:
            self.listener.warned(complaint)
        if found is not None:
            self._refuse_another(_described(self.folder / CHECKPOINTS, found.run))
        return found

    def _refuse_another(self, before: Mapping[str, object]) -> None:
        for name in ("recipe", "spec", "data"):
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

    def _line(self, line: Line) -> None:
        self.metrics.add(line)
        self.listener.measured(line)

    def _checkpoint(self) -> None:
        loop = self.loop
        loop.position.metrics = self.metrics.secure()
        weights, memory = loop.module.state_dict(), state_tensors(loop.optimizer, loop.module)
        run = json.dumps(self.description, sort_keys=True)
        checkpoint.save(self.folder / CHECKPOINTS, checkpoint.Checkpoint(loop.position, weights, memory, run))

    def _end(self, score: Score) -> Result:
        path, seconds = self.folder / NETWORK, self.loop.position.seconds
        result = {"accuracy": score.accuracy, "top5": score.top5, "images": score.images}
        artifact.save(
            path,
            self.target,
            self.loop.module,
            classes=self.images.classes,
            recipe=self.recipe.text(),
            result={**result, "data": self.images.name, "steps": self.loop.position.step},
        )
        return Result(path, score, seconds, spikes=self.target.options.target is Target.SNN)


def _take_up(loop: Loop, folder: Path, found: checkpoint.Checkpoint | None) -> None:
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


def _described(file: Path, text: str | bytes) -> Mapping[str, object]:
    """Return a description as it was written, with the entries that recipes have been given since."""
    try:
        found = json.loads(text)
        return {**found, "recipe": Recipe.model_validate(found["recipe"]).model_dump()}
    except (ValueError, KeyError, TypeError) as error:
        raise RunError(f"{file} is not what a run of this version has written") from error


def _description(recipe: Recipe, target: Network, images: Dataset, world: World) -> dict[str, object]:
    return {
        "recipe": recipe.model_dump(),
        "spec": target.source.text,
        "data": {"name": images.name, "shape": list(images.shape), "labels": _fingerprint(images)},
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
    names = [name for name in now if before.get(name) != now[name]]
    return ": " + ", ".join(f"{name} was {before.get(name)} and is {now[name]}" for name in names)


__all__ = ["Interrupted", "Result", "RunError", "network_of", "recipe_of", "train"]
