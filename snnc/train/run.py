"""Train a network by a recipe, in a folder: which method, which network, which data, alone or with others."""

from __future__ import annotations

from pathlib import Path

from snnc.ir.program import Target
from snnc.spec.files import open_spec
from snnc.train import checkpoint
from snnc.train.artifact import load
from snnc.train.course import CHECKPOINTS, DESCRIPTION, NETWORK, Course, Result, RunError, described, take_up
from snnc.train.data import open_data
from snnc.train.images import Dataset
from snnc.train.interrupt import asked_to_stop
from snnc.train.lock import locked
from snnc.train.loop import Interrupted, Keep, Loop
from snnc.train.metrics import Listener, Metrics, Quiet
from snnc.train.network import Network, Options, network
from snnc.train.precision import Chosen, native_bfloat16, settled
from snnc.train.recipe import Recipe, StdpRecipe, recipe_from
from snnc.train.sealed import sweep
from snnc.train.start import started
from snnc.train.stdp.run import StdpRun
from snnc.train.world import World, joined


def train(
    recipe: Recipe | StdpRecipe,
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
        if isinstance(recipe, StdpRecipe) and world.size > 1:
            raise RunError("STDP trains in one process; start it without torchrun")
        target = network_of(recipe, Quiet() if resume else told)
        images = dataset or open_data(data, target.size)
        _refuse_classes(target, images)
        if not world.leads:
            return _follow(recipe, target, images, folder, world, resume=resume)
        with locked(folder):
            method = StdpRun if isinstance(recipe, StdpRecipe) else _Run
            return method(recipe, target, images, folder, world, told).go(resume=resume)


def recipe_of(folder: Path) -> Recipe | StdpRecipe:
    """Return the recipe of the run in a folder. Raises `RunError` where there is none."""
    file = folder / DESCRIPTION
    try:
        return recipe_from(described(file, file.read_bytes())["recipe"])
    except FileNotFoundError as error:
        raise RunError(f"{folder} holds no run that could be resumed") from error


def network_of(recipe: Recipe | StdpRecipe, listener: Listener | None = None) -> Network:
    """Return the network that a recipe trains; what it begins with is told to the listener.

    A spiking network that begins with a converted one has its neurons, too. Raises `CompileError`, `OSError`;
    `DamagedError` and `MismatchError` for a network to begin with that is none or does not fit.
    """
    source, folder = open_spec(recipe.spec)
    file = Path(recipe.start.network)
    saved = load(file) if recipe.start.network else None
    options = Options(
        Target(_TARGETS[recipe.method]),
        recipe.timesteps,
        recipe.coding,
        recipe.classify,
        recipe.mode,
        saved.network.options.converted if saved and recipe.method == "agd" else None,
    )
    target = network(source, folder, options)
    return target if saved is None else started(target, saved, file, listener or Quiet())


_TARGETS = {"ann": "ann", "agd": "snn", "stdp": "snn"}


def _for_world(recipe: Recipe | StdpRecipe, world: World) -> Recipe | StdpRecipe:
    """Return a recipe whose parts can be shared out; raises `RunError` where the batch cannot be cut so."""
    if recipe.parts % world.size == 0:
        return recipe
    if recipe.batch % world.size:
        raise RunError(f"a batch of {recipe.batch} cannot be shared by {world.size} processes")
    return recipe.model_copy(update={"parts": world.size})


def _settled(
    recipe: Recipe | StdpRecipe, folder: Path, world: World, listener: Listener, *, resume: bool
) -> Recipe | StdpRecipe:
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
    recipe: Recipe | StdpRecipe, target: Network, images: Dataset, folder: Path, world: World, *, resume: bool
) -> Result:
    """Train beside the process that leads: the same steps, no files, no words."""
    loop = Loop(recipe, target.module(recipe.seed, recipe.start.gain), images, world, Quiet())
    take_up(loop, folder, checkpoint.newest(folder / CHECKPOINTS)[0] if resume else None)
    with asked_to_stop() as asked:
        score = loop.run(Keep(lambda _line: None, lambda: None, asked))
    return Result(folder / NETWORK, score, loop.position.seconds, leads=False)


class _Run(Course):
    """A run that trains a whole network by back-propagation."""

    def go(self, *, resume: bool) -> Result:
        """Train from where the folder's run has come to, or from the start, to the end."""
        module = self.target.module(self.recipe.seed, self.recipe.start.gain)
        loop = Loop(self.recipe, module, self.images, self.world, self.listener)
        sweep(self.folder)
        sweep(self.folder / CHECKPOINTS)
        take_up(loop, self.folder, self.begun(resume=resume))
        self.metrics = Metrics(self.folder, loop.position.metrics)
        try:
            with asked_to_stop() as asked:
                score = loop.run(Keep(self.line, lambda: self.keep(loop), asked))
        finally:
            self.metrics.close()
        return self.end(module, score, loop.position.step, loop.position.seconds)


__all__ = ["Interrupted", "Result", "RunError", "network_of", "recipe_of", "train"]
