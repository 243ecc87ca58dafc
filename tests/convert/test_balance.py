"""Thresholds are what Sec. III.B.1 says they are, whichever way they are come by."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from converting import images, saved, settings

from snnc.convert import run
from snnc.convert.peaks import Maximum, Percentile, Robust
from snnc.convert.run import convert
from snnc.nn import scan_by_steps
from snnc.nn.neuron import Neuron
from snnc.train import artifact
from snnc.train.images import normalise
from snnc.train.seeds import order, seed_for

BODY = "Input - Conv1(2,6,3x3/1) - [Conv2(6,6,3x3/1)] repeated 2 times - Pool(2x2/2) - FC1(54,9) - FC2(9,4)"
SLICES = (slice(0, 3), slice(3, 7), slice(7, 12))


def by_hand(steps: int, batch: int) -> list[float]:
    """The thresholds of `BODY` by plain torch: whole trains, layer by layer, one simulation for each."""
    data, module = images(), saved(BODY).module
    numbers = order(12, 1, 0)
    inputs = []
    for place, part in enumerate(numbers.split(batch)):
        torch.manual_seed(seed_for(1, "calibrate", place))
        image = normalise(data.train.images(part))
        inputs.append((torch.rand(steps, *image.shape) < image.abs()) * image.sign())
    pool = torch.nn.AvgPool2d(2)
    layers = [module.Conv1, module.Conv2, module.Conv2, lambda x: module.FC1(pool(x).flatten(1))]
    found: list[float] = []
    with torch.no_grad():
        for count in range(1, 5):
            peaks = []
            for train in inputs:
                x = train
                for layer, threshold in zip(layers, [*found, None], strict=False):
                    current = layer(x.flatten(0, 1)).unflatten(0, x.shape[:2])
                    if threshold is not None:
                        x = scan_by_steps(current, Neuron(1.0, threshold))
                peaks.append(float(current.max()))
            found.append(max(peaks))
            assert len(found) == count
    return found


@pytest.mark.parametrize("batch", [12, 5])
@pytest.mark.parametrize("disk", [1.0, 0.0], ids=["trains are kept", "trains are made again"])
def test_a_threshold_is_the_greatest_weighted_sum(converted, batch: int, disk: float):
    result = converted(BODY, 40, coding="poisson", calibration__batch=batch, calibration__disk=disk)
    found = [row.threshold for row in result.ledger.rows]
    assert [row.name for row in result.ledger.rows] == ["Conv1", "Conv2@1", "Conv2@2", "FC1"]
    assert found == pytest.approx(by_hand(32, batch), rel=1e-5)
    assert len(set(found)) == 4


def test_kept_trains_save_work_and_leave_nothing_behind(converted, tmp_path: Path):
    kept, again = (converted(BODY, 40, calibration__disk=disk).ledger for disk in (1.0, 0.0))
    assert again.simulated == again.unshared
    assert kept.simulated < 0.8 * again.simulated
    assert not list(tmp_path.glob("*/trains*"))


def test_the_work_grows_with_the_layers_and_not_with_their_square(converted):
    deep = BODY.replace("repeated 2 times", "repeated 12 times")
    found = converted(deep, 8, calibration__steps=8).ledger
    assert found.unshared > 3 * found.simulated


def test_the_same_seed_gives_the_same_file_and_another_one_another(converted):
    first, second, other = (converted(BODY, 16, coding="poisson", seed=seed) for seed in (1, 1, 2))
    assert first.path.read_bytes() == second.path.read_bytes()
    assert other.ledger.rows[0].threshold != first.ledger.rows[0].threshold


def test_statistics_do_not_depend_on_the_order_in_which_sums_come():
    sums = torch.randn(20, 12, 5, generator=torch.Generator().manual_seed(5))
    for make in (Maximum, lambda: Percentile(99.0), lambda: Robust(12)):
        first, second = make(), make()
        for slots in (SLICES, reversed(SLICES)):
            peak = first if slots is SLICES else second
            for slot in slots:
                peak.add(sums[:, slot], slot)
        assert first.value() == second.value() > 0


def test_a_percentile_is_that_of_the_positive_sums():
    sums = torch.randn(50, 4, 100, generator=torch.Generator().manual_seed(6)) * 3
    positive = sums[sums > 0].sort().values
    for percent in (1.0, 50.0, 99.0, 99.9, 100.0):
        peak = Percentile(percent)
        peak.add(sums, slice(0, 4))
        exact = float(positive[math.ceil(percent / 100 * len(positive)) - 1])
        assert exact <= peak.value() <= exact * 1.002
    nothing = Percentile(99.0)
    nothing.add(-sums.abs(), slice(0, 4))
    assert nothing.value() == 0


def test_the_robust_peak_passes_over_odd_images():
    sums = torch.rand(20, 5, 8, generator=torch.Generator().manual_seed(7))
    usual, odd = Robust(5), Robust(5)
    usual.add(sums, slice(0, 5))
    sums[3, 2, 1] = 1e6
    odd.add(sums, slice(0, 5))
    assert odd.value() <= 1
    assert usual.value() == pytest.approx(odd.value(), rel=0.1)


def test_a_percentile_is_below_the_maximum_and_the_factor_multiplies(converted):
    most, less = (
        [row.threshold for row in converted(BODY, 16, **options).ledger.rows]
        for options in ({}, {"calibration__balance": "percentile", "calibration__percent": 90.0})
    )
    assert less[0] < most[0]
    twice = [row.threshold for row in converted(BODY, 16, calibration__factor=2.0).ledger.rows]
    assert twice == pytest.approx([2 * one for one in most])


def test_thresholds_per_channel_follow_the_channels(converted):
    result = converted(BODY, 16, calibration__per="channel")
    module = artifact.load(result.path).module
    assert module.Conv1_if.threshold.shape == (6,)
    assert module.Conv1_if.threshold.unique().numel() > 1
    ratios = module.Conv2_if[0].threshold / module.Conv1_if.threshold
    assert torch.allclose(ratios, ratios[0].expand(6)), "what feeds one weight shares a profile"


def test_trains_that_are_joined_have_one_scale(converted):
    body = "Input - Conv1(2,6,3x3/1) - Conv2(6,6,3x3/1) - Conv3(6,6,3x3/1) - FC1(216,4)\nSkip Conv1-to-Conv3"
    rows = {row.name: row for row in converted(body, 16).ledger.rows}
    assert rows["Conv1"].tied
    assert rows["Conv2"].tied
    assert not rows["Conv3"].tied
    assert rows["Conv1"].scale == pytest.approx(rows["Conv2"].scale)


def test_a_search_lowers_thresholds_and_errs_less(converted):
    plain, searched = (
        converted(BODY, 32, coding="direct", calibration__search=search).ledger for search in (False, True)
    )
    lower = [a.threshold > b.threshold for a, b in zip(plain.rows, searched.rows, strict=True)]
    assert any(lower)
    errors = [sum(row.error for row in found.rows) for found in (plain, searched)]
    assert errors[1] < errors[0]


def test_half_a_threshold_at_first_errs_less(converted):
    errors = [
        converted(BODY, 32, coding="direct", initial=initial).ledger.errors[-1] for initial in (0.0, 0.5)
    ]
    assert errors[1] < 0.8 * errors[0]


def test_a_layer_that_nothing_reaches_does_not_stop_it(converted):
    found = saved(BODY)
    with torch.no_grad():
        found.module.Conv2.weight.copy_(-found.module.Conv2.weight.abs())
    rows = converted(found, 8).ledger.rows
    assert [row.dead for row in rows[1:]] == [1.0, 1.0, 1.0]
    assert all(math.isfinite(row.threshold) for row in rows)


class StoppedError(Exception):
    pass


class StopsAt(run.Quiet):
    """Stops a conversion after so many words of it."""

    def __init__(self, words: int) -> None:
        self.words = words

    def advanced(self, what: str, done: int, whole: int) -> None:
        self.words -= 1
        if self.words == 0:
            raise StoppedError

    def found(self, state: object, threshold: float) -> None:
        self.advanced("", 0, 0)


@pytest.mark.parametrize("search", [False, True])
def test_taken_up_again_it_comes_to_the_same_bits(tmp_path: Path, monkeypatch, search: bool):
    chosen = settings(
        24,
        calibration__batch=5,
        calibration__search=search,
        calibration__balance="maximum" if search else "robust",
        trial__batch=4,
    )
    monkeypatch.setattr(run, "SECONDS_BETWEEN_SAVES", 0.0)
    data, net = images(), lambda: saved(BODY)
    whole = convert(net(), data, tmp_path / "whole", chosen)
    words = 0
    for words in range(1, 80, 5):
        folder = tmp_path / str(words)
        try:
            convert(net(), data, folder, chosen, StopsAt(words))
        except StoppedError:
            found = convert(net(), data, folder, chosen, resume=True)
            assert found.path.read_bytes() == whole.path.read_bytes(), words
            assert found.ledger.curve == whole.ledger.curve
            continue
        break
    assert words > 20
