"""How a network is converted, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from snnc.train.reading import draft, find
from snnc.train.recipe import Count, Positive, Share, Table

Steps = Annotated[int, Field(ge=1, le=1_000_000)]


class Calibration(Table):
    """Where the thresholds come from: ``images`` of the training part, ``steps`` time-steps of each.

    ``balance`` is what the weighted sums are balanced to: their ``maximum``, a ``percentile`` of the
    positive ones, or ``robust``, the median over the images of each one's maximum. ``search`` lowers
    each threshold from there to where the rates err least. ``per`` is what has a threshold of its own.
    ``factor`` multiplies all of them in the end. Trains are kept on disk up to ``disk`` GiB.
    """

    images: Count = 64
    steps: Steps = 250
    batch: Count = 64
    balance: Literal["maximum", "percentile", "robust"] = "maximum"
    percent: Annotated[float, Field(gt=0, le=100)] = 99.9
    search: bool = False
    per: Literal["layer", "channel"] = "layer"
    factor: Positive = 1.0
    disk: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 4.0


class Trial(Table):
    """What the result is tried on: the first ``images`` of the test part, or all where that is 0.

    A ledger is kept of the first ``ledger`` of them, ``batch`` at a time.
    """

    images: Annotated[int, Field(ge=0)] = 0
    ledger: Annotated[int, Field(ge=0)] = 100
    batch: Count = 100


class Conversion(Table):
    """A whole conversion. ``timesteps`` and ``coding`` default to what the ANN's spec says.

    ``ann`` names the recipe that trains the ANN, for whoever wants to do the same. ``initial`` is V before
    the first step as a share of the threshold; ``max_pool`` what becomes of max pools of spikes.
    """

    title: str = ""
    ann: str = ""
    timesteps: Steps | None = None
    coding: Literal["poisson", "direct"] | None = None
    initial: Share = 0.0
    max_pool: Literal["refuse", "gate"] = "refuse"
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    calibration: Calibration = Calibration()
    trial: Trial = Trial()


def open_conversion(path: Path | None, overrides: Mapping[str, str] | None = None) -> Conversion:
    """Return the recipe of a file, or by bare name one that ships with snnc, with overrides applied.

    Raises `CompileError` where it is refused, `OSError` where the file cannot be read.
    """
    return draft(find(path), overrides).fill(Conversion)
