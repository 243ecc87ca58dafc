from dataclasses import replace

import pytest

from snnc.analysis.activity import assumed
from snnc.analysis.compare import compare
from snnc.analysis.cost import CostOptions, cost
from snnc.analysis.limits import ENERGIES, Limit, quantity, unmet
from snnc.analysis.profile import profile_named, shipped
from snnc.analysis.sweep import SweepError, read_sweep, run_sweep


@pytest.fixture
def reports(twins, words):
    options = CostOptions(activity=assumed("0.1"))
    return {name: cost(*twins(words[name], name=name), options) for name in ("vgg5", "vgg3x2")}


def test_rows_are_matched_by_name_and_application(reports):
    found = compare(reports["vgg5"], reports["vgg3x2"])
    assert [(one.label, one.changes) for one in found if one.changes] == [
        ("Conv4", ("removed",)),
        ("Conv3@2", ("added",)),
    ]
    assert [one.label for one in found] == ["Conv1", "Conv2", "Conv3@1", "Conv4", "Conv3@2", "FC1", "FC2"]


def test_a_layer_put_in_front_shifts_nothing(twins):
    left = cost(*twins("Conv2(3,8,3/1)L Conv3(8,8,3/1)L"))
    right = cost(*twins("Conv1(3,3,3/1)L Conv2(3,8,3/1)L Conv3(8,16,3/1)L"))
    assert [(one.label, one.changes) for one in compare(left, right)] == [
        ("Conv1", ("added",)),
        ("Conv2", ("input signed spike -> spike",)),
        (
            "Conv3",
            (
                "output 8x32x32 -> 16x32x32",
                "operations 589,824 T S_A -> 1,179,648 T S_A",
                "parameters 576 -> 1,152",
            ),
        ),
    ]


def test_a_report_does_not_differ_from_itself(reports):
    assert not any(one.changes for one in compare(reports["vgg5"], reports["vgg5"]))


def test_rows_in_another_order_all_appear_once(twins):
    left = cost(*twins("Conv1(3,3,3/1)L Conv2(3,3,3/1)L Conv3(3,3,3/1)L"))
    right = cost(*twins("Conv3(3,3,3/1)L Conv1(3,3,3/1)L Conv4(3,3,3/1)L"))
    found = [one.key[0] for one in compare(left, right)]
    assert sorted(found) == ["Conv1", "Conv2", "Conv3", "Conv4"]


@pytest.mark.parametrize(
    ("text", "value"), [("2.3M", 2_300_000), ("10", 10), ("60.5G", 60_500_000_000), ("1k", 1000), (" 7 ", 7)]
)
def test_quantities(text, value):
    assert quantity(text) == value


def test_energies():
    assert quantity("13 uJ", ENERGIES) == 13_000_000
    assert quantity("5pJ", ENERGIES) == 5
    with pytest.raises(ValueError, match="is no number"):
        quantity("much")


def test_limits_that_are_not_met(reports):
    report = reports["vgg5"]
    limits = (
        Limit("parameters", quantity("2.3M"), most=True),
        Limit("parameters", quantity("2M"), most=True),
        Limit("EE", quantity("10"), most=False),
        Limit("EE", quantity("13"), most=False),
    )
    assert unmet(report, limits) == (
        "vgg5: parameters is 2,214,592, wanted at most 2,000,000",
        "vgg5: EE is 12.8, wanted at least 13",
    )


def test_a_limit_on_what_is_not_known_is_not_met(twins, words):
    report = cost(*twins(words["vgg5"]))
    assert unmet(report, (Limit("EE", quantity("1"), most=False),)) == (
        "Net: EE is not known, wanted at least 1",
    )


def test_a_sweep_is_the_product_of_its_axes(twins, words):
    sweep = read_sweep(("T=5,10", "S_A=0.1:0.3:0.1", "profile=paper,horowitz-fp32"))
    snn, ann = twins(words["vgg5"])
    found = list(run_sweep(snn, ann, CostOptions(), sweep))
    assert len(found) == sweep.points == 12
    assert [(one.timesteps, float(one.mean_activity), one.profile.name) for one in found][:3] == [
        (5, 0.1, "paper"),
        (5, 0.1, "horowitz-fp32"),
        (5, 0.2, "paper"),
    ]
    for one in found:
        again = CostOptions(one.timesteps, one.profile, one.policy, one.activity)
        assert cost(snn, ann, again).energy_snn == one.energy_snn


def test_a_sweep_over_all_profiles_and_over_ones_own():
    assert [one.name for one in read_sweep(("profile=all",)).profiles] == list(shipped())
    mine = replace(profile_named("paper"), name="mine")
    named = {"mine.toml": mine}.__getitem__
    assert read_sweep(("profile=mine.toml",), named).profiles == (mine,)


@pytest.mark.parametrize(
    ("axis", "message"),
    [
        ("speed=1", "over T, S_A or profile"),
        ("T=0", "a whole number, at least 1"),
        ("T=2.5", "a whole number"),
        ("S_A=much", "is no number"),
        ("S_A=0:1", "first:last:step"),
        ("S_A=0:1:0", "positive step"),
        ("T=1:1e9:1", "at most 100,000 points"),
        ("profile=nothing", "no profile is named"),
    ],
)
def test_a_sweep_that_is_wrong_is_refused(axis, message):
    with pytest.raises(ValueError, match=message):
        read_sweep((axis,))


def test_too_many_points_are_refused():
    with pytest.raises(SweepError, match="1,000,000"):
        read_sweep(("T=1:1000:1", "S_A=0.001:1:0.001"))
