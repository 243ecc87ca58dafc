"""Learnt features against untrained ones of the same first weights, whose thresholds were adapted alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from snnc.train.recipe import open_recipe
from snnc.train.run import train

SEEDS = (1, 2, 3)


def accuracies(place: Path, **overrides: str) -> list[float]:
    found = []
    for seed in SEEDS:
        changes = {"seed": str(seed), **{key.replace("__", "."): value for key, value in overrides.items()}}
        recipe = open_recipe(Path("digits_stdp"), changes)
        found.append(train(recipe, place / str(seed)).score.accuracy)
    return found


@pytest.mark.slow
def test_learnt_features_beat_untrained_ones_by_more_than_the_spread(tmp_path: Path) -> None:
    learnt = accuracies(tmp_path / "learnt")
    untrained = accuracies(tmp_path / "untrained", stdp__rate="0.0")
    spread = max(max(found) - min(found) for found in (learnt, untrained))
    assert sum(learnt) / 3 - sum(untrained) / 3 > spread
    assert min(learnt) > max(untrained)
