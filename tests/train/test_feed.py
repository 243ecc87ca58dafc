"""The order in which images come, and those that are held out."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image
from training import few, looped, recipe

from snnc.train.feed import batches, in_order
from snnc.train.folder import Files
from snnc.train.images import Dataset
from snnc.train.seeds import held_out, order, seed_for


def test_orders_are_permutations_of_their_own() -> None:
    orders = [order(100, seed, epoch) for seed in (1, 2) for epoch in (0, 1)]
    assert all(sorted(one.tolist()) == list(range(100)) for one in orders)
    assert len({tuple(one.tolist()) for one in orders}) == 4
    assert len({seed_for(1, "step", a, b) for a in range(50) for b in range(50)}) == 2500


def streamed(place: Path, count: int = 12) -> Dataset:
    whole = few(count, count)
    paths = []
    for number in range(count):
        path = place / f"{number}.png"
        Image.fromarray(whole.train.pixels[number, 0]).save(path)
        paths.append(path)
    files = Files(tuple(paths), whole.train.labels, (1, 8, 8))
    return Dataset("files", whole.classes, files, files)


@pytest.mark.parametrize("workers", [0, 2])
def test_images_that_are_decoded_ahead_come_in_order(tmp_path: Path, workers: int) -> None:
    files, stored = streamed(tmp_path).train, few(12).train
    plan = list(order(12, 1, 0).split(4))
    found = list(batches(files, plan, workers))
    assert len(found) == 3
    for (pixels, labels), (expected, names) in zip(found, batches(stored, plan, 0), strict=True):
        assert torch.equal(pixels, expected)
        assert labels.tolist() == names.tolist()
    assert [entry.tolist() for entry in in_order(5, 2)] == [[0, 1], [2, 3], [4]]


def test_no_more_processes_decode_than_there_are_cores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _process: {0}, raising=False)
    plan = in_order(12, 4)
    assert len(list(batches(streamed(tmp_path).train, plan, workers=2))) == 3  # torch warns of more


def test_images_held_out_are_not_learnt_from() -> None:
    learnt, kept = held_out(1000, 0.2, seed=4)
    assert (len(learnt), len(kept)) == (800, 200)
    assert sorted([*learnt.tolist(), *kept.tolist()]) == list(range(1000))
    assert not torch.equal(kept, held_out(1000, 0.2, seed=5)[1])
    found = looped(recipe(data__holdout="0.5"))
    assert len(found.learnt.labels) == 160
    assert found.validation is not None
