from fractions import Fraction

import pytest

from snnc.analysis.activity import Activity, assumed
from snnc.analysis.breakeven import terms
from snnc.analysis.cost import CostOptions, cost, spiking_convolutions
from snnc.analysis.policy import policy_of
from snnc.analysis.profile import profile_named


def terms_of(twins, words, image=(3, 32, 32), *, profile="paper", policy="paper", **options):
    chosen = CostOptions(profile=profile_named(profile), policy=policy_of(policy))
    return terms(cost(*twins(words, image, **options), chosen).rows)


@pytest.mark.parametrize(
    ("profile", "product"), [("paper", "32.00"), ("horowitz-fp32", "5.11"), ("horowitz-int8", "7.67")]
)
def test_a_full_snn_breaks_even_at_the_ratio_of_the_energies(twins, words, profile, product):
    found = terms_of(twins, words["vgg5"], profile=profile)
    assert f"{float(found.product):.2f}" == product
    assert found.activity(25) == found.product / 25
    assert found.steps(found.activity(25)) == 25
    assert found.bound(25) is None


def test_at_break_even_both_cost_the_same(twins, words):
    found = terms_of(twins, words["vgg9"], encode="direct", policy="strict")
    assert found.efficiency(25, found.activity(25)) == 1
    assert found.bound(25) == Fraction(194_717_696, 39_518_208 + 18_874_368)


def test_a_bound_may_lie_below_one(twins, words):
    found = terms_of(twins, words["vgg13"], (3, 224, 224), policy="per-step", encode="direct")
    assert found.bound(10) < 1
    assert found.activity(10) < 0
    assert found.product is None


def test_efficiency_inverts_to_its_activity(twins, words):
    snn, ann = twins(words["vgg9"], encode="direct")
    found = terms(cost(snn, ann).rows)
    implied = found.activity(25, Fraction("3.98"))
    assert f"{float(implied):.4f}" == "0.0776"
    assert cost(snn, ann, CostOptions(activity=assumed(implied))).ee == Fraction("3.98")


def test_rows_that_never_spike_have_no_break_even(twins, words):
    rows = cost(*twins(words["vgg9"], encode="direct")).rows
    assert terms(rows[:1]).activity(25) is None
    assert terms(rows[:1]).bound(25) == 1


def test_an_unknown_energy_leaves_all_unknown(twins, words):
    assert terms_of(twins, words["vgg5"], profile="loihi-davies") is None


def test_the_spiking_convolutions_alone(twins, words):
    report = cost(*twins(words["vgg9"], encode="direct"), CostOptions(activity=Activity()))
    assert [row.layer.label for row in spiking_convolutions(report)] == [f"Conv{n}" for n in range(3, 8)]
