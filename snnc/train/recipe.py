"""How a network is trained, as a value. A recipe and a seed decide a run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from snnc.source import Source
from snnc.train.reading import draft, find

Count = Annotated[int, Field(ge=1, le=10_000_000)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)]
Precision = Literal["auto", "float32", "bfloat16"]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Number = Annotated[float, Field(allow_inf_nan=False)]


class Table(BaseModel):
    """What all tables of a recipe share: frozen, strict about types, no unknown entries."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Data(Table):
    """The images. ``holdout`` is the share of the training images that is kept to validate on."""

    augment: list[Literal["flip", "crop"]] = []
    holdout: Share = 0.0
    workers: Annotated[int, Field(ge=0, le=256)] = 2


class Optimiser(Table):
    """Steps down the gradient. ``decay`` is the L2 penalty, ``clip`` the greatest norm; 0 stands for none."""

    name: Literal["adam", "adamw", "sgd"] = "adam"
    rate: Positive = 1e-3
    momentum: Share = 0.9
    decay: Amount = 0.0
    clip: Amount = 1.0


class Schedule(Table):
    """The rate over the run, as a share of the optimiser's; in steps, not epochs.

    ``one-cycle`` climbs over ``warmup`` of the run and falls to 0 in a cosine; ``cosine`` only falls after
    its warm-up; ``step`` multiplies by ``factor`` at each of ``milestones``, shares of the run.
    """

    name: Literal["constant", "one-cycle", "cosine", "step"] = "one-cycle"
    warmup: Share = 0.3
    milestones: list[Share] = [0.6, 0.8, 0.9]
    factor: Positive = 0.1


class Start(Table):
    """The first weights: drawn with this gain before spiking neurons, `snnc.nn.init.xavier`.

    What a saved ``network`` has learnt comes in place of what is drawn, layer by layer.
    """

    gain: Positive = 2.0
    network: str = ""


class Stop(Table):
    """Early stop after ``patience`` epochs without a better result; 0 never.

    The result is the accuracy on the images held out, or the training loss where none are.
    """

    patience: Annotated[int, Field(ge=0)] = 0


class Numbers(Table):
    """Precision and layout. Membranes are float32 whatever is chosen here.

    ``auto`` is bfloat16 where the device computes in it itself, float32 elsewhere.
    """

    precision: Precision = "float32"
    layout: Literal["contiguous", "channels-last"] = "channels-last"


class Log(Table):
    """How often something is done beside the training.

    Firing rates are noted every ``rates`` steps, checkpoints are written every ``checkpoint`` steps and after
    every epoch, the test images are tried every ``test`` epochs and at the end. A layer that fires less than
    ``silent`` spikes per neuron per step is named.
    """

    rates: Count = 10
    checkpoint: Count = 200
    test: Count = 1
    silent: Share = 1e-3


class Settle(Table):
    """When a stage has settled: over the last ``window`` batches of images.

    Its weights then moved by less than ``change`` of their range per batch, and the entropy of their
    distribution by less than ``entropy`` bits.
    """

    window: Count = 20
    change: Amount = 1e-3
    entropy: Amount = 0.02


class Stdp(Table):
    """Spike-timing-dependent plasticity, Eqn (5), and what keeps the maps of a layer apart.

    ``images`` of the training images are shown, ``batch`` at a time, at most ``rounds`` times to each stage.
    A presentation makes ``updates`` updates (the paper's k) of each unrolled step: Δw is ``rate`` times the
    mean of e^(-(t_post - t_pre)/``tau``) - ``offset``, the weight kept within ``low`` and ``high``. There is
    an offset for each stage, the last one for all that follow. Weights start uniform within ``start``.

    Thresholds move by the share ``adapt`` towards ``target`` spikes per neuron and step. ``dropout`` is the
    share of maps that sit a presentation out; with ``compete`` only the map that is driven most learns from a
    place, and ``conscience`` holds back maps that win more than their share.
    """

    images: Count = 5000
    batch: Count = 25
    rounds: Count = 1
    updates: Count = 10
    rate: Amount = 0.02
    tau: Positive = 5.0
    offset: Annotated[list[Number], Field(min_length=1)] = [0.0, 0.4]
    low: Number = -1.0
    high: Number = 1.0
    start: Annotated[list[Number], Field(min_length=2, max_length=2)] = [0.0, 1.0]
    target: Annotated[float, Field(gt=0, le=1)] = 0.15
    adapt: Amount = 0.05
    dropout: Share = 0.0
    compete: bool = True
    conscience: Amount = 0.1
    settle: Settle = Settle()

    def offset_of(self, stage: int) -> float:
        """Return the offset of a stage, 0, 1, ..."""
        return self.offset[min(stage, len(self.offset) - 1)]


class Learning(Table):
    """What all ways of training share. ``timesteps``, ``coding`` and ``classify`` default to the spec's.

    ``batch`` images make a step; they are worked off in ``parts`` equal parts, each with random numbers of
    its own, which several processes may share out among them.
    """

    spec: str
    epochs: Count
    title: str = ""
    timesteps: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    coding: Literal["poisson", "direct"] | None = None
    classify: Literal["softmax", "stochmax"] | None = None
    mode: Literal["full", "simple"] = "full"
    batch: Count = 64
    parts: Count = 1
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    data: Data = Data()
    optimiser: Optimiser = Optimiser()
    schedule: Schedule = Schedule()
    start: Start = Start()
    stop: Stop = Stop()
    numbers: Numbers = Numbers()
    log: Log = Log()

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.batch % self.parts:
            raise ValueError(f"parts: a batch of {self.batch} cannot be cut into {self.parts} equal parts")
        if self.schedule.name == "step" and sorted(self.schedule.milestones) != self.schedule.milestones:
            raise ValueError("schedule.milestones: they do not rise")
        return self

    def text(self) -> str:
        """Return the recipe as JSON, every default filled in."""
        return json.dumps(self.model_dump(), sort_keys=True)


class Recipe(Learning):
    """A recipe that trains a whole network by back-propagation, the artificial twin or the spiking one."""

    method: Literal["ann", "agd"]


class StdpRecipe(Learning):
    """A recipe that trains spiking convolutions by STDP and the classifier behind them by back-propagation.

    ``epochs``, ``batch``, ``optimiser``, ``schedule`` and the like are the classifier's.
    """

    method: Literal["stdp"]
    stdp: Stdp = Stdp()

    @model_validator(mode="after")
    def _can_learn(self) -> Self:
        rule = self.stdp
        if self.start.network:
            raise ValueError("start.network: what STDP learns begins within stdp.start")
        if self.data.augment:
            raise ValueError("data.augment: the classifier learns from spikes that were counted once")
        if rule.low >= rule.high:
            raise ValueError("stdp.low: it is not below stdp.high")
        if not rule.low <= rule.start[0] <= rule.start[1] <= rule.high:
            raise ValueError("stdp.start: its numbers do not rise, or leave stdp.low to stdp.high")
        return self


class _SomeRecipe(Learning):
    """Stands in for a recipe of no known method, to tell which there are."""

    method: Literal["ann", "agd", "stdp"]


_KINDS: Mapping[object, type[Recipe | StdpRecipe]] = MappingProxyType(
    {"ann": Recipe, "agd": Recipe, "stdp": StdpRecipe}
)


def open_recipe(path: Path | None, overrides: Mapping[str, str] | None = None) -> Recipe | StdpRecipe:
    """Return the recipe of a file, or by bare name one that ships with snnc, with overrides applied.

    An override is a dotted key and its value, as TOML writes it or as plain text. Raises `CompileError`
    where the recipe is refused, `OSError` where the file cannot be read.
    """
    return read_recipe(find(path), overrides)


def read_recipe(source: Source, overrides: Mapping[str, str] | None = None) -> Recipe | StdpRecipe:
    """Return a recipe given as text; its method decides of which kind. Raises `CompileError`."""
    found = draft(source, overrides)
    kind = _KINDS.get(str(found.table.get("method")))
    if kind is None:
        found.fill(_SomeRecipe)
        raise AssertionError("a recipe of no known method was accepted")
    others = {
        name: f'only a recipe with method = "{method}" has it'
        for method, other in _KINDS.items()
        for name in other.model_fields
        if name not in kind.model_fields
    }
    return found.fill(kind, others)


def recipe_from(entries: Mapping[str, object]) -> Recipe | StdpRecipe:
    """Return a recipe that was written down whole. Raises `ValueError`, `KeyError`."""
    return _KINDS[entries["method"]].model_validate(entries)
