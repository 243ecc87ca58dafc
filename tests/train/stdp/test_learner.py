"""One stage: pieces, updates of every unrolled step against a sum over pairs, thresholds, competition."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import snnc
from snnc.nn import IF, LIF
from snnc.train.recipe import Stdp
from snnc.train.stdp.compete import Competition
from snnc.train.stdp.division import divide
from snnc.train.stdp.learner import Learner, adapt, pieces
from snnc.train.stdp.stages import filled
from snnc.train.stdp.stream import Streaming

SPEC = """
input 2x5x5
neuron ReLU|LIF
encode poisson
timesteps 6
Input - Conv1(2,4,3x3/1) - [Conv2(4,4,3x3/1)] repeated 3 times - Pool(5x5/5) - FC1(4,5)
Skip Input-to-Conv2 tile
"""


def rule(**changes: object) -> Stdp:
    calm = {"updates": 3, "target": 0.3, "conscience": 0.0, "compete": False, "adapt": 0.0}
    return Stdp(**{**calm, **changes})


def learner(stage: int, how: Stdp, threshold: float = 1.5) -> Learner:
    """A stage of the spec above in float64, weights drawn from a seed."""
    found = divide(snnc.loads(SPEC).snn_twin)
    module = filled(found.stages[stage].program, {}, 6).double()
    draw = torch.Generator().manual_seed(stage + 1)
    for name, tensor in module.state_dict().items():
        if name.endswith("threshold"):
            tensor.fill_(threshold)
        else:
            tensor.uniform_(0, 1, generator=draw)
    return Learner(module, found.stages[stage].layers, how, 0.3)


def images(count: int = 2) -> Tensor:
    return torch.rand(count, 2, 5, 5, generator=torch.Generator().manual_seed(9), dtype=torch.double) * 2 - 1


@pytest.mark.parametrize("neurons", [LIF(0.9, 0.8), IF(0.5, "zero"), LIF(0.8, 0.4, refractory=2)])
def test_a_train_in_pieces_fires_as_the_whole(neurons: nn.Module) -> None:
    current = torch.rand(9, 2, 3, 4, 4, generator=torch.Generator().manual_seed(1))
    stream = Streaming(neurons)
    found = torch.cat([stream(piece) for piece in current.split([2, 4, 3])])
    assert torch.equal(found, neurons(current))
    assert found.any()


def test_pieces_share_the_steps_out() -> None:
    assert pieces(100, 10) == [10] * 10
    assert pieces(7, 3) == [2, 2, 3]
    assert pieces(3, 10) == [1, 1, 1]


class Noted:
    """Every update of a learner: what was read so far, what was answered, weights before and after."""

    def __init__(self, taught: Learner) -> None:
        self.taught, self.updates = taught, []
        self.read: dict[str, list[Tensor]] = {name: [] for name in taught.sites}
        self.before: Tensor | None = None
        learn = taught._learn

        def noted(site, read, current, spikes):
            name = next(key for key, one in taught.sites.items() if one is site)
            self.read[name].append(read.clone())
            before = site.layer.weight.clone()
            learn(site, read, current, spikes)
            train = torch.cat(self.read[name])
            self.updates.append((name, train, spikes.clone(), before, site.layer.weight.clone(), site.layer))

        taught._learn = noted


def by_pairs(train: Tensor, answers: Tensor, layer: nn.Conv2d, tau: float, offset: float) -> np.ndarray:
    """Δw / η of the last spikes ``answers`` of a train: every spike with the nearest one before it."""
    total, first = np.zeros(layer.weight.shape), len(train) - len(answers)
    for t, image, maps, row, column in answers.nonzero().tolist():
        for channel, down, right in np.ndindex(total.shape[1:]):
            y, x = row + down - 1, column + right - 1
            if 0 <= y < 5 and 0 <= x < 5:
                seen = train[: first + t + 1, image, channel, y, x]
                last = seen.nonzero().flatten().tolist()
                trace = float(seen[last[-1]]) * math.exp((last[-1] - first - t) / tau) if last else 0.0
                total[maps, channel, down, right] += trace - offset
    spikes = answers.sum((0, 1, 3, 4)).numpy()
    return total / np.maximum(spikes, 1)[:, None, None, None]


@pytest.mark.parametrize("stage", [0, 1])
def test_every_unrolled_step_updates_by_the_pairs_of_its_own_trains(stage: int) -> None:
    taught = learner(stage, rule(rate=0.01), threshold=4.0 if stage else 1.5)
    noted = Noted(taught)
    torch.manual_seed(3)
    taught.present(images(), 6)
    names = [name for name, *_ in noted.updates]
    assert names == (["Conv2@1", "Conv2@2", "Conv2@3"] if stage else ["Conv1"]) * 3  # k n updates, in turn
    weight = None
    for _, train, answers, before, after, layer in noted.updates:
        assert weight is None or torch.equal(before, weight)  # an update sees what the last one learnt
        expected = before + 0.01 * torch.from_numpy(by_pairs(train, answers, layer, 5.0, 0.3))
        assert (after - expected.clamp(-1, 1)).abs().max() < 1e-12
        assert not torch.equal(after, before)
        weight = after


def test_weights_stay_within_their_bounds() -> None:
    taught = learner(0, rule(rate=100.0, low=-0.5, high=0.75))
    taught.present(images(), 6)
    (weight,) = dict(taught.weights()).values()
    assert (weight.min(), weight.max()) == (-0.5, 0.75)


def test_without_a_rate_only_thresholds_move() -> None:
    taught = learner(0, rule(rate=0.0, adapt=0.1, target=0.01))
    before = {name: weight.clone() for name, weight in taught.weights()}
    taught.present(images(), 6)
    assert all(torch.equal(weight, before[name]) for name, weight in taught.weights())
    assert float(taught.sites["Conv1"].neurons.threshold) == pytest.approx(1.5 * math.exp(0.3))


def test_every_unrolled_step_has_a_threshold_of_its_own() -> None:
    taught = learner(1, rule(adapt=0.2), threshold=4.0)
    for _ in range(20):
        taught.present(images(), 6)
    levels = {float(site.neurons.threshold) for site in taught.sites.values()}
    assert len(levels) == 3


def test_thresholds_follow_the_rate() -> None:
    threshold = torch.tensor(2.0, dtype=torch.double)
    for rate, factor in ((0.3, 1.0), (0.45, math.exp(0.05)), (5.0, math.exp(0.1)), (0.0, math.exp(-0.1))):
        threshold.fill_(2.0)
        adapt(threshold, rate, rule(adapt=0.1))
        assert float(threshold) == pytest.approx(2 * factor)


def test_homeostasis_reaches_its_target() -> None:
    taught = learner(0, rule(rate=0.0, adapt=0.1, target=0.2, updates=6))
    for _ in range(40):
        seen = taught.present(images(), 6)
    assert float(seen["Conv1"].counts.mean()) / 6 == pytest.approx(0.2, abs=0.05)


def test_one_map_learns_at_each_place() -> None:
    draw = torch.Generator().manual_seed(2)
    drive, fired = torch.rand(3, 5, 4, 4, generator=draw), torch.rand(3, 5, 4, 4, generator=draw) > 0.5
    won = Competition(torch.zeros(5), 0.0).winners(drive, fired)
    assert torch.equal(won.sum(1), fired.any(1).float())
    assert torch.equal((drive * won).sum(1), (drive * fired).amax(1))


def test_a_map_that_wins_too_often_is_held_back() -> None:
    competition = Competition(torch.zeros(2), 0.5)
    drive = torch.tensor([1.0, 0.9]).view(1, 2, 1, 1)
    fired = torch.ones(1, 2, 1, 1, dtype=torch.bool)
    assert competition.winners(drive, fired).flatten().tolist() == [1, 0]
    assert competition.handicap.tolist() == [0.5, -0.5]
    assert competition.winners(drive, fired).flatten().tolist() == [0, 1]
    competition.winners(drive, ~fired)
    assert competition.handicap.tolist() == [0, 0]  # nobody fired, nothing to remember


def test_maps_that_sit_out_do_not_learn() -> None:
    taught = learner(0, rule(rate=0.05, dropout=0.99))
    before = {name: weight.clone() for name, weight in taught.weights()}
    torch.manual_seed(1)
    taught.present(images(), 6)
    assert all(torch.equal(weight, before[name]) for name, weight in taught.weights())
    assert taught.sites["Conv1"].counts.any()  # they fire all the same
