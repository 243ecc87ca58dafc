from dataclasses import replace
from fractions import Fraction

import pytest

from snnc.analysis.activity import assumed
from snnc.analysis.cost import CostOptions, cost
from snnc.analysis.profile import profile_named
from snnc.analysis.traffic import access, regime_terms, regimes


@pytest.fixture
def vgg5(twins, words):
    snn, ann = twins(words["vgg5"])
    return cost(snn, ann, CostOptions(activity=assumed("0.08678")))


def test_what_fetching_weights_does_to_the_papers_efficiency(vgg5):
    """14.75 with operations alone, 1.13 with each weight fetched once, 0.045 at every step."""
    found = {regime.name: regime for regime in regimes(vgg5)}
    assert f"{float(found['compute'].ee):.2f}" == "14.75"
    assert f"{float(found['once'].ee):.2f}" == "1.13"
    assert f"{float(found['per-step'].ee):.3f}" == "0.045"
    assert found["once"].energy_ann == vgg5.energy_ann + 2_214_592 * 640


def test_shared_weights_are_fetched_once_but_again_in_every_application(twins, words):
    report = cost(*twins(words["vgg3x2"]), CostOptions(activity=assumed("0.1")))
    once, per_step = regimes(report)[1:3]
    assert once.energy_snn == report.energy_snn + 2_177_728 * 640
    assert per_step.energy_ann == report.energy_ann + 2_214_592 * 640
    # FC2 reads the accumulated spikes, but the paper books it as accumulating them, step by step
    assert per_step.energy_snn == report.energy_snn + 2_214_592 * 640 * 25


def test_events_counted_by_hand(twins):
    """64 inputs to 10 leaky neurons, T = 4, S_A = 1/8: 320 operations, 40 updates, all in 8 KiB."""
    snn, ann = twins("FC1(64,10)L FC2(10,2)R", (64, 1, 1), timesteps=4)
    report = cost(snn, ann, CostOptions(activity=assumed("0.125")))
    word = Fraction(10, 64) * 32
    one = regimes(replace(report, rows=report.rows[:1]))[3]
    assert one.energy_snn == 320 * Fraction("0.1") + (320 + 2 * 320 + 2 * 40) * word
    assert one.energy_ann == 640 * Fraction("3.2") + (2 * 640 + 10) * word


def test_neurons_that_do_not_leak_need_no_update(twins):
    snn, ann = twins("FC1(64,10)I FC2(10,2)R", (64, 1, 1), timesteps=4)
    report = cost(snn, ann, CostOptions(activity=assumed("0.125")))
    one = regimes(replace(report, rows=report.rows[:1]))[3]
    assert one.energy_snn == 320 * Fraction("0.1") + 3 * 320 * Fraction(10, 64) * 32


def test_memory_is_dearer_the_larger_it_is():
    paper = profile_named("paper")
    sizes = [8192, 8193, 32_768, 40_000, 1_048_576]
    energies = [access(paper, size, 8) for size in sizes]
    assert energies == sorted(set(energies))
    assert energies[0] == Fraction(10, 8)
    assert energies[2] == Fraction(20, 8)
    assert access(paper, 1_048_577, 8) == 160


def test_without_memory_figures_nothing_is_said(twins, words):
    profile = profile_named("loihi-davies")
    report = cost(*twins(words["vgg5"]), CostOptions(activity=assumed("0.1"), profile=profile))
    assert [regime.energy_snn is None for regime in regimes(report)] == [False, True, True, True]


@pytest.mark.parametrize("name", ["vgg3x2", "vgg9"])
@pytest.mark.parametrize(("steps", "activity"), [(1, "0.5"), (40, "0.003")])
def test_the_parts_give_every_regime_at_any_t_and_activity(twins, words, name, steps, activity):
    """From a report at another T, and whether or not it has an activity."""
    encode = "direct" if name == "vgg9" else "poisson"
    snn, ann = twins(words[name], encode=encode)
    wanted = regimes(cost(snn, ann, CostOptions(steps, activity=assumed(activity))))
    for given in (CostOptions(), CostOptions(activity=assumed("0.1"))):
        found = regime_terms(cost(snn, ann, given))
        assert list(found) == [one.name for one in wanted]
        for one in wanted:
            assert found[one.name].artificial == one.energy_ann
            assert found[one.name].energy(steps, Fraction(activity)) == one.energy_snn


def test_what_has_no_weights_adds_no_traffic(twins, words):
    plain, counted = (
        cost(*twins(words["vgg9"]), CostOptions(activity=assumed("0.1"), items=frozenset(items)))
        for items in ((), ("pool",))
    )
    more = counted.energy_snn - plain.energy_snn
    for before, after in zip(regimes(plain), regimes(counted), strict=True):
        assert after.energy_snn - before.energy_snn == more > 0
