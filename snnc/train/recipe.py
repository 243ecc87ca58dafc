"""How a network is trained, as a value: read from TOML, checked, overridden from the command line.

A recipe and a seed decide a run. Whatever is wrong with one is told where it stands, all at once.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from snnc.diagnostics import Diagnostic, Reporter
from snnc.diagnostics.near import closest
from snnc.source import Source
from snnc.source.data import data
from snnc.source.read import decode
from snnc.train.errors import RecipeKey, RecipeLacks, RecipeSyntax, RecipeValue
from snnc.train.places import span_of

Count = Annotated[int, Field(ge=1, le=10_000_000)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)]
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
    """Precision and layout. Membranes are float32 whatever is chosen here."""

    precision: Literal["float32", "bfloat16"] = "float32"
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
    return read_recipe(_source(path), overrides)


def read_recipe(source: Source, overrides: Mapping[str, str] | None = None) -> Recipe:
    """Return a recipe given as text. Raises `CompileError`."""
    report = Reporter()
    table = _table(source, report)
    given = {key: Source(f"--set {key}", f"{key}={value}") for key, value in (overrides or {}).items()}
    for key, text in given.items():
        _override(table, key, text, report)
    report.stop_on_errors()
    try:
        return Recipe.model_validate(table)
    except ValidationError as error:
        for detail in error.errors():
            report(_diagnostic(detail, source, given))
    report.stop_on_errors()
    raise AssertionError("a recipe was refused without a diagnostic")


def _source(path: Path | None) -> Source:
    if path is None:
        return Source("<command line>", "")
    shipped = data("specs") / "recipes" / f"{path}.toml"
    bare = path.name == str(path) and not path.suffix and not path.exists()
    if bare and shipped.is_file():
        return decode(f"{path}.toml", shipped.read_bytes())
    return decode(str(path), path.read_bytes())


def _table(source: Source, report: Reporter) -> dict[str, Any]:
    try:
        return tomllib.loads(source.text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        line, column = _position(str(error), source)
        start = source.line_starts[line - 1] + column - 1
        report(
            RecipeSyntax(source.span(start, min(start + 1, len(source.text))), str(error).split(" (at")[0])
        )
        return {}


def _position(message: str, source: Source) -> tuple[int, int]:
    """Return the line and column that tomllib writes into its message."""
    words = message.rstrip(")").replace(",", "").split()
    if "line" in words and "column" in words:
        return int(words[words.index("line") + 1]), int(words[words.index("column") + 1])
    return source.position(max(0, len(source.text) - 1))


def _override(whole: dict[str, Any], key: str, text: Source, report: Reporter) -> None:
    *tables, last = key.split(".")
    table: Any = whole
    for name in tables:
        table = table.setdefault(name, {})
        if not isinstance(table, dict):
            report(RecipeSyntax(text.span(), f"{name} is no table, so {key} is no entry"))
            return
    if not all((*tables, last)):
        report(RecipeSyntax(text.span(), f"{key} is no dotted key of an entry"))
        return
    value = text.text[len(key) + 1 :]
    try:
        table[last] = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        table[last] = value  # plain text needs no quotes on a command line


def _diagnostic(detail: ErrorDetails, source: Source, given: Mapping[str, Source]) -> Diagnostic:
    key = tuple(str(part) for part in detail["loc"] if isinstance(part, str) and part not in _BRANCHES)
    dotted = ".".join(key)
    override = next((name for name in given if name == dotted or name.startswith(f"{dotted}.")), None)
    if override is not None:
        span = given[override].span(0 if detail["type"] == "extra_forbidden" else len(override) + 1)
    else:
        span = span_of(source, key, value=detail["type"] != "extra_forbidden")
    match detail["type"]:
        case "extra_forbidden":
            return RecipeKey(span, dotted, _near(key))
        case "missing":
            return RecipeLacks(source.span(0, 0), dotted)
        case "value_error":
            dotted, reason = str(detail["ctx"]["error"]).split(": ", 1)
            return RecipeValue(span_of(source, tuple(dotted.split(".")), value=True), dotted, reason)
        case _:
            return RecipeValue(span, dotted, _reason(detail))


_BRANCHES = ("int", "float", "str", "list", "constrained-int")  # what pydantic adds to a place


def _reason(detail: ErrorDetails) -> str:
    said = detail["msg"][0].lower() + detail["msg"][1:]
    shown = detail["input"]
    if isinstance(shown, float) and not math.isfinite(shown):
        return said
    return f"{said}; got {json.dumps(shown, default=str)[:60]}"


def _near(key: tuple[str, ...]) -> str:
    model: type[BaseModel] = Recipe
    for name in key[:-1]:
        field = model.model_fields.get(name)
        if (
            field is None
            or not isinstance(field.annotation, type)
            or not issubclass(field.annotation, BaseModel)
        ):
            break
        model = field.annotation
    known = tuple(model.model_fields)
    near = closest(key[-1], known)
    return f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(known)}"
