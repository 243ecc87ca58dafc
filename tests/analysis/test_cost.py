from fractions import Fraction

import pytest

from snnc.analysis.activity import Activity, ActivityError, Origin, Rate, assumed
from snnc.analysis.cost import CostOptions, cost
from snnc.analysis.policy import POLICIES, PolicyError, policy_of
from snnc.analysis.profile import profile_named


def report(twins, words, image=(3, 32, 32), *, activity=None, policy="paper", profile="paper", **options):
    return cost(
        *twins(words, image, **options),
        CostOptions(
            activity=assumed(activity) if activity is not None else Activity(),
            policy=policy_of(policy),
            profile=profile_named(profile),
        ),
    )


def test_a_full_snn_pays_32_over_t_times_the_activity(twins, words):
    found = report(twins, words["vgg5"], activity="0.0868")
    assert found.ee == Fraction(32) / (25 * Fraction("0.0868"))
    assert f"{float(found.ee):.2f}" == "14.75"
    assert found.energy_ann == 60_494_848 * Fraction("3.2")


def test_without_an_activity_nothing_is_guessed(twins, words):
    found = report(twins, words["vgg5"])
    assert found.energy_snn is None
    assert found.ee is None
    assert found.mean_activity is None
    assert found.energy_ann == 60_494_848 * Fraction("3.2")
    assert str(found.rows[1].booking) == "37,748,736 T S_A"
    assert found.rows[1].operations is None


def test_no_digit_is_lost(twins):
    huge = "FC1(9999999,9999999)L FC2(9999999,9999999)"
    found = report(twins, huge, (9_999_999, 1, 1), activity="0.3", timesteps=1_000_000)
    assert found.macs == 2 * 9_999_999**2
    assert found.rows[0].operations == Fraction(9_999_999**2 * 1_000_000 * 3, 10)
    assert found.rows[0].operations > 2**63


@pytest.mark.parametrize(
    ("name", "policy", "bound"),
    [
        ("vgg9", "paper", None),
        ("vgg9", "strict", "3.335"),
        ("vgg9", "paper,interface=mac-per-step", "0.381"),
        ("vgg13", "paper", "1.325"),
        ("vgg13", "strict", "1.196"),
        ("vgg13", "per-step", "0.629"),
        ("vgg13", "paper,interface=mac-per-step", "0.636"),
    ],
)
def test_the_policies_bound_what_a_hybrid_can_save(twins, words, name, policy, bound):
    """At S_A = 0 only the multiplications are left: facts about Tables XIV and XVI."""
    image, steps = ((3, 224, 224), 10) if name == "vgg13" else ((3, 32, 32), 25)
    found = report(twins, words[name], image, activity=0, policy=policy, timesteps=steps, encode="direct")
    expected = bound or f"{194_717_696 / 39_518_208:.3f}"
    assert f"{float(found.ee):.3f}" == expected


def test_the_implied_activity_of_the_hybrids_gives_the_printed_efficiency(twins, words):
    vgg9 = report(twins, words["vgg9"], activity="0.0776", encode="direct")
    assert f"{float(vgg9.ee):.2f}" == "3.98"
    vgg13 = report(twins, words["vgg13"], (3, 224, 224), activity="0.1136", timesteps=10, encode="direct")
    assert f"{float(vgg13.ee):.2f}" == "1.31"


def test_conv_efficiency_takes_the_spiking_convolutions_alone(twins):
    stdp = "Conv1(3,36,3/1)L Conv2(36,36,3/1)L P2/2 FC1(9216,1024)R FC2(1024,10)"
    found = report(twins, stdp, activity="0.1951", timesteps=100)
    assert found.ee_conv == Fraction(32) / (100 * Fraction("0.1951"))
    assert found.ee < found.ee_conv
    assert [row.booking.operation for row in found.rows] == ["AC", "AC", "MAC", "MAC"]


def test_pooled_spikes_by_their_mean_their_events_or_as_multiplications(twins):
    chain = "Conv1(3,8,3/1)L P2/2 Conv2(8,8,3/1)L FC1(2048,10)"
    macs = 16 * 16 * 8 * 8 * 9
    mean, events, mac = (
        report(twins, chain, activity="0.1", policy=policy).rows[1]
        for policy in ("paper", "paper,pooled=events", "paper,pooled=mac")
    )
    assert mean.operations == macs * 25 * Fraction(1, 10)
    assert events.operations == 4 * mean.operations
    assert (mac.booking.operation, mac.operations) == ("MAC", macs * 25)


def test_the_coded_image_may_have_a_rate_of_its_own(twins, words):
    options = CostOptions(activity=assumed("0.05", image="0.4"))
    found = cost(*twins(words["vgg5"]), options)
    assert [float(row.rate.value) for row in found.rows] == [0.4, 0.05, 0.05, 0.05, 0.05, 0.05]


def test_each_application_has_its_own_activity(twins, words):
    rates = {
        ("Conv3", 1): Rate(Fraction(1, 10), Origin.MEASURED),
        ("Conv3", 2): Rate(Fraction(1, 20), Origin.MEASURED),
    }
    options = CostOptions(activity=Activity(rates=rates, assumed=Fraction(1, 5)))
    rows = cost(*twins(words["vgg3x2"]), options).rows
    assert [row.rate.origin for row in rows[2:4]] == ["measured", "measured"]
    assert rows[2].operations == 2 * rows[3].operations
    assert rows[0].rate == Rate(Fraction(1, 5), Origin.ASSUMED)


def test_the_activity_of_another_network_is_refused(twins, words):
    activity = Activity(rates={("Conv77", 0): Rate(Fraction(1, 10), Origin.MEASURED)})
    with pytest.raises(ActivityError, match="has no Conv77"):
        cost(*twins(words["vgg5"]), CostOptions(activity=activity))


def test_the_activity_of_an_application_that_is_not_there_is_refused(twins, words):
    rate = Rate(Fraction(1, 10), Origin.MEASURED)
    activity = Activity(rates={("Conv3", 1): rate, ("Conv3", 2): rate})
    assert cost(*twins(words["vgg3x2"]), CostOptions(activity=activity)).rows[3].rate == rate
    with pytest.raises(ActivityError, match="Net has no Conv3@2"):
        cost(*twins(words["vgg5"]), CostOptions(activity=activity))


def test_programs_that_are_no_twins_are_refused(twins, words):
    with pytest.raises(ValueError, match="not twins"):
        cost(twins(words["vgg5"])[0], twins(words["vgg9"])[1])


def test_other_tables_other_verdicts(twins, words):
    fp32 = report(twins, words["vgg5"], activity="0.08677", profile="horowitz-fp32")
    assert f"{float(fp32.ee):.2f}" == "2.36"


def test_an_energy_that_is_not_known_is_not_zero(twins, words):
    found = report(twins, words["vgg5"], activity="0.1", profile="loihi-davies")
    assert found.energy_ann is None
    assert found.ee is None
    assert found.energy_snn == 60_494_848 * 25 * Fraction("2.36")


def test_totals_of_a_shared_network(twins, words):
    found = report(twins, words["vgg3x2"], activity="0.1")
    assert (found.parameters, found.parameters_unshared) == (2_177_728, 2_214_592)
    assert found.compression == Fraction(2_214_592, 2_177_728)
    assert found.mean_activity == Fraction(1, 10)


def test_policies_say_what_they_do():
    assert "MAC once" in POLICIES["strict"].sentence
    assert policy_of("strict, pooled=events").pooled == "events"
    with pytest.raises(PolicyError, match="there are paper, strict, per-step"):
        policy_of("fair")
    with pytest.raises(PolicyError, match="pooled is mean or events or mac"):
        policy_of("paper,pooled=spikes")
    with pytest.raises(PolicyError, match="not 'colour'"):
        policy_of("paper,colour=red")
