"""How a network is trained, as a value. A recipe and a seed decide a run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from snnc.source import Source
from snnc.train.reading import draft, find

Count = Annotated[int, Field(ge=1, le=10_000_000)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)]
Precision = Literal["auto", "float32", "bfloat16"]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


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
    """The first weights: the gain of the layers before spiking neurons; `snnc.nn.init.xavier`."""

    gain: Positive = 2.0


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


class Recipe(Table):
    """A whole recipe. ``timesteps``, ``coding`` and ``classify`` default to what the spec says.

    ``batch`` images make a step; they are worked off in ``parts`` equal parts, each with random numbers of
    its own, which several processes may share out among them.
    """

    spec: str
    method: Literal["ann", "agd"]
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
    def _agrees(self) -> Recipe:
        if self.batch % self.parts:
            raise ValueError(f"parts: a batch of {self.batch} cannot be cut into {self.parts} equal parts")
        if self.schedule.name == "step" and sorted(self.schedule.milestones) != self.schedule.milestones:
            raise ValueError("schedule.milestones: they do not rise")
        return self

    def text(self) -> str:
        """Return the recipe as JSON, every default filled in."""
        return json.dumps(self.model_dump(), sort_keys=True)


def open_recipe(path: Path | None, overrides: Mapping[str, str] | None = None) -> Recipe:
    """Return the recipe of a file, or by bare name one that ships with snnc, with overrides applied.

    An override is a dotted key and its value, as TOML writes it or as plain text. Raises `CompileError`
    where the recipe is refused, `OSError` where the file cannot be read.
    """
    return read_recipe(find(path), overrides)


def read_recipe(source: Source, overrides: Mapping[str, str] | None = None) -> Recipe:
    """Return a recipe given as text. Raises `CompileError`."""
    return draft(source, overrides).fill(Recipe)
