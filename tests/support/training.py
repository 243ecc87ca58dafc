"""The first of the digits, and short runs on them."""

from __future__ import annotations

import numpy as np

from snnc.source import Source
from snnc.train.arrays import digits
from snnc.train.images import Dataset, Stored
from snnc.train.loop import Keep, Loop
from snnc.train.metrics import Quiet
from snnc.train.recipe import Recipe, read_recipe
from snnc.train.run import network_of
from snnc.train.world import World

UNKEPT = Keep(lambda _line: None, lambda: None, lambda: False)


def few(train: int = 320, test: int = 100) -> Dataset:
    """The first of the digits."""
    whole = digits()
    kept = [
        Stored(np.ascontiguousarray(part.pixels[:count]), part.labels[:count])
        for part, count in ((whole.train, train), (whole.test, test))
    ]
    return Dataset("few digits", whole.classes, *kept)


def recipe(**overrides: str) -> Recipe:
    """One epoch of AGD; ``optimiser__rate`` is ``optimiser.rate``."""
    found = {name.replace("__", "."): value for name, value in overrides.items()}
    return read_recipe(Source("r", 'spec = "digits"\nmethod = "agd"\nepochs = 1\nbatch = 32'), found)


def looped(chosen: Recipe, listener: Quiet | None = None) -> Loop:
    """A loop over a few digits that has yet to run."""
    module = network_of(chosen).module(chosen.seed, chosen.start.gain)
    return Loop(chosen, module, few(), World(), listener or Quiet())
