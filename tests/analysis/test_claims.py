"""Every EE that the paper prints, inverted to its activity and computed again from it."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import pytest

from snnc.analysis.activity import assumed
from snnc.analysis.claims import EFFICIENCIES, ClaimsError, Verdict, judge, read_claims
from snnc.analysis.cost import CostOptions, CostReport, cost
from snnc.driver import load
from snnc.source.data import data

TEXT = (data("specs") / "claims.toml").read_text("utf-8")


def report_of(spec: str, options: CostOptions) -> CostReport:
    net = load(spec)
    return cost(net.snn_twin.unrolled, net.ann_twin.unrolled, options)


@cache
def findings():
    return tuple(judge(read_claims(TEXT), report_of, CostOptions()))


EE = [claim for claim in read_claims(TEXT) if claim.metric in EFFICIENCIES]


def test_all_tables_with_efficiencies_are_judged():
    assert {claim.table for claim in EE} == {"IV", "VI", "VIII", "XI", "XII", "XIV", "XVI"}
    assert len(EE) == 22


@pytest.mark.parametrize("claim", EE, ids=lambda one: f"{one.table}-{one.name}-{one.metric}")
def test_the_implied_activity_gives_the_printed_digits_or_none_can(claim):
    finding = next(one for one in findings() if one.claim == claim)
    if finding.verdict is Verdict.UNREACHABLE:
        assert finding.implied is None
        silent = report_of(claim.spec, CostOptions(claim.timesteps, activity=assumed(0)))
        assert silent.ee < claim.value - claim.half
        return
    options = CostOptions(claim.timesteps, activity=assumed(finding.implied))
    report = report_of(claim.spec, options)
    found = report.ee_conv if claim.metric == "ee_conv" else report.ee
    decimals = len(claim.printed.removesuffix("x").partition(".")[2])
    assert f"{float(found):.{decimals}f}x" == claim.printed


def test_what_cannot_be_reached_is_named():
    unreachable = {(one.claim.table, one.claim.name, one.claim.printed): one for one in findings()
                   if one.verdict is Verdict.UNREACHABLE}  # fmt: skip
    assert unreachable.keys() == {("XII", "ResNet3", "1.69x"), ("XII", "ResNet2x2", "2.14x")}
    assert [f"{float(one.bound):.3f}" for one in unreachable.values()] == ["1.255", "1.563"]
    assert [f"{float(one.computed):.3f}" for one in unreachable.values()] == ["1.100", "1.484"]


def test_full_and_convolutional_efficiency_contradict_each_other():
    computed = {
        (one.claim.table, one.claim.name): f"{float(one.computed):.3f}"
        for one in findings()
        if one.verdict is Verdict.CONTRADICTS
    }
    assert computed == {
        ("VI", "ResNet2"): "1.189",
        ("VI", "ResNet3"): "1.265",
        ("VI", "ResNet2x2"): "2.061",
        ("XII", "ResNet2"): "1.097",
    }


def test_sizes():
    verdicts = {
        (one.claim.table, one.claim.name): one.verdict
        for one in findings()
        if one.claim.metric == "parameters"
    }
    assert verdicts["IV", "VGG11x2"] == verdicts["XIV", "VGG9"] == verdicts["VIII", "VGG5"] == "holds"
    assert verdicts["II", "VGG7"] == "as printed"
    assert verdicts["VI", "ResNet2x2"] == verdicts["VIII", "VGG3x4"] == "differs"


def test_the_implied_activities_are_the_known_ones():
    implied = {
        (one.claim.table, one.claim.name): one.implied for one in findings() if one.claim.metric == "ee"
    }
    known = {
        ("IV", "VGG16"): 0.00648,
        ("IV", "VGG11x2"): 0.00350,
        ("VIII", "VGG5"): 0.0868,
        ("VIII", "VGG3x2"): 0.0790,
        ("VIII", "VGG3x4"): 0.0484,
        ("XI", "VGG5"): 0.0537,
        ("XI", "VGG3x2"): 0.0401,
        ("XIV", "VGG9"): 0.0776,
        ("XIV", "VGG8x2"): 0.0658,
        ("XVI", "VGG13"): 0.1136,
    }
    for row, activity in known.items():
        assert float(implied[row]) == pytest.approx(activity, rel=2e-3)


def test_the_digits_allow_a_range():
    vgg13 = next(one for one in findings() if one.claim.table == "XVI" and one.claim.metric == "ee")
    most, least = vgg13.implied_range
    assert (round(float(least), 3), round(float(most), 3)) == (0.076, 0.152)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("schema = 2", "schema: must be 1"),
        ("schema = ", "cannot be read"),
        (
            'schema = 1\n[[row]]\nname = "A"\nclaims = [{metric = "ee", printed = "1x"}]',
            "a claim of A: 'table'",
        ),
        (
            'schema = 1\n[[row]]\ntable = "I"\nname = "A"\nspec = "a"\nclaims = [{metric="ee", printed="a"}]',
            "'a' is no number",
        ),
    ],
)
def test_a_file_that_is_wrong_is_refused(text, message):
    with pytest.raises(ClaimsError, match=message):
        read_claims(text)


def test_printed_numbers_have_a_range():
    claim = next(one for one in read_claims(TEXT) if one.printed == "2.21M")
    assert (claim.value, claim.half) == (2_210_000, 5_000)
    claim = next(one for one in read_claims(TEXT) if one.printed == "1.975x")
    assert (claim.value, claim.half) == (Fraction(1975, 1000), Fraction(5, 10_000))
