"""Scores: each image counts once and alone, and at fewer steps as it would there."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from training import few, recipe

from snnc.train.evaluate import Manner, evaluate
from snnc.train.images import Stored
from snnc.train.network import spiking
from snnc.train.run import network_of
from snnc.train.world import World


class Half(World):
    """One of two processes that never speak to each other."""

    def __init__(self, rank: int) -> None:
        super().__init__(rank, 2)

    def total(self, numbers: torch.Tensor) -> torch.Tensor:
        return numbers


def test_a_score_counts_every_image_once() -> None:
    chosen = recipe(timesteps="4")
    module, split = network_of(chosen).module(), few().test
    score = evaluate(module, split, classes=10, manner=Manner(batch=33))
    assert score.images == 100
    assert [whole for _, whole in score.by_class] == np.bincount(split.labels, minlength=10).tolist()
    assert sum(right for right, _ in score.by_class) == score.first <= score.five
    halves = [
        evaluate(
            module, Stored(split.pixels, split.labels), classes=10, manner=Manner(batch=33, world=Half(rank))
        )
        for rank in (0, 1)
    ]
    assert sum(half.images for half in halves) == 100
    assert sum(half.first for half in halves) == score.first


@pytest.mark.parametrize("classify", ["softmax", "stochmax"])
def test_accuracy_against_steps_is_that_of_fewer_steps(classify: str) -> None:
    chosen = recipe(coding="direct", classify=classify, timesteps="6")
    module, split = network_of(chosen).module(seed=3), few().test
    found = evaluate(module, split, classes=10, manner=Manner(batch=50), steps=True)
    assert len(found.by_steps) == 6
    assert found.by_steps[-1] == found.first
    for steps in (2, 4):
        module.timesteps = steps
        assert evaluate(module, split, classes=10, manner=Manner(batch=50)).first == found.by_steps[steps - 1]


def test_accuracy_against_steps_is_refused_where_there_is_none() -> None:
    chosen = recipe(method="ann")
    with pytest.raises(ValueError, match="spiking"):
        evaluate(network_of(chosen).module(), few().test, classes=10, steps=True)


@pytest.mark.parametrize("name", ["digits", "vgg3x2_agd", "vgg8x2"])
def test_an_images_scores_depend_on_no_other_image(name: str) -> None:
    """To the bit in float64, coded directly, since spikes are drawn for a batch.

    Weights and pixels on a grid and four steps make sums exact: a BLAS may add few rows in another order.
    """
    chosen = recipe(
        spec=name, coding="direct", classify="softmax", timesteps="4", numbers__layout='"contiguous"'
    )
    target = network_of(chosen)
    module = target.module(seed=2, gain=4.0).double().eval()
    with torch.no_grad():
        for weight in module.parameters():
            weight.mul_(1024).round_().div_(1024)
    fired: list[torch.Tensor] = []
    last = list(spiking(module).values())[-1]
    last.register_forward_hook(lambda _part, _inputs, spikes: fired.append(spikes))
    images = torch.randint(-128, 129, (4, *target.size)).double() / 128
    mixed = torch.tensor([2, 0, 3, 1])
    with torch.no_grad():
        whole, permuted, again = module(images), module(images[mixed]), module(images)
        apart = torch.cat([module(images[:1]), module(images[1:])])
    assert torch.equal(permuted, whole[mixed])
    assert torch.equal(again, whole)
    assert torch.equal(apart, whole)
    assert torch.equal(torch.cat(fired[3:], 1), fired[0])
    assert 0.01 < fired[0].mean() < 0.99
    assert whole.std(0).min() > 0
