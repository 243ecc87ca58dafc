"""The paper's printed numbers: every static one follows from its spec, or the deviation is named."""

from __future__ import annotations

import tomllib
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from counting import SPECS, layers, macs, network, of_the_paper, parameters

from snnc.spec import model

Claim = dict[str, Any]

ROWS = tomllib.loads((SPECS / "claims.toml").read_text())["row"]
ALL: list[tuple[Claim, Claim]] = [(row, claim) for row in ROWS for claim in row["claims"]]


def of(*metrics: str) -> list[object]:
    return [
        pytest.param(row, claim, id=f"{row['table']}-{row['name']}-{claim['metric']}")
        for row, claim in ALL
        if claim["metric"] in metrics
    ]


def number(claim: Claim) -> Decimal:
    return Decimal(claim["printed"].rstrip("xM"))


def agrees(value: float, claim: Claim) -> bool:
    """Whether a value, rounded to the digits of a claim, is the claim."""
    printed = number(claim)
    scale = 1_000_000 if claim["printed"].endswith("M") else 1
    step = Decimal(1).scaleb(int(printed.as_tuple().exponent))
    return (Decimal(value) / scale).quantize(step, ROUND_HALF_UP) == printed


def size(spec: str, claim: Claim) -> int:
    return parameters(network(spec), as_printed=claim.get("counts") == "as printed")


def spiking_macs(row: Claim) -> int:
    """Return the MACs that ``ee_conv`` speaks of: those of the convolutions with LIF neurons."""
    net = network(row["spec"])
    body = net.layers[: net.blocks[0].start] if net.blocks else net.layers
    convolutions = tuple(item for item in body if isinstance(item, model.Conv | model.Group))
    return macs(convolutions, net.input.height)[0]


def all_macs(row: Claim) -> int:
    net = network(row["spec"])
    return macs(net.layers, net.input.height)[0]


def ee_full(row: Claim) -> float:
    """Return E_ANN / E_SNN where the spiking part alone saves, by the row's own ``ee_conv``."""
    (ee_conv,) = (float(number(claim)) for claim in row["claims"] if claim["metric"] == "ee_conv")
    conv, total = spiking_macs(row), all_macs(row)
    return total / (conv / ee_conv + total - conv)


@pytest.mark.parametrize(("row", "claim"), of("parameters"))
def test_a_size_is_that_of_its_spec_or_its_deviation_is_named(row: Claim, claim: Claim):
    built = parameters(network(row["spec"]))
    assert claim.get("computes", built) == built
    assert agrees(built, claim) == ("computes" not in claim)


@pytest.mark.parametrize(("row", "claim"), of("parameters"))
def test_a_size_that_counts_misprints_is_that_of_the_layers_as_printed(row: Claim, claim: Claim):
    printed = size(row["spec"], claim | {"counts": "as printed"})
    assert agrees(printed, claim) == (claim.get("counts") == "as printed" or "computes" not in claim)


@pytest.mark.parametrize(("row", "claim"), of("compression"))
def test_a_compression_is_the_quotient_of_the_sizes(row: Claim, claim: Claim):
    ratio = size(claim["baseline"], claim) / size(row["spec"], claim)
    assert agrees(ratio, claim) == ("computes" not in claim)
    assert round(ratio, 3) == claim.get("computes", round(ratio, 3))


@pytest.mark.parametrize(("row", "claim"), of("ee_full"))
def test_an_efficiency_of_the_whole_follows_from_that_of_the_convolutions(row: Claim, claim: Claim):
    assert round(ee_full(row), 3) == claim["computes"]
    assert not agrees(ee_full(row), claim)


@pytest.mark.parametrize(("row", "claim"), of("ee_full"))
def test_an_efficiency_beyond_reach_is_said_to_be(row: Claim, claim: Claim):
    bound = all_macs(row) / (all_macs(row) - spiking_macs(row))  # spikes that cost nothing
    assert (number(claim) > bound) == (f"{bound:.3f} at most" in claim["reason"])


@pytest.mark.parametrize(("row", "claim"), of("ee_over_softmax"))
def test_the_gain_of_stochmax_is_the_quotient_of_the_tables(row: Claim, claim: Claim):
    (stochmax,) = (number(one) for one in row["claims"] if one["metric"] == "ee")
    (softmax,) = (
        number(one)
        for other in ROWS
        if (other["table"], other["spec"]) == ("VIII", row["spec"])
        for one in other["claims"]
        if one["metric"] == "ee"
    )
    assert agrees(float(stochmax / softmax), claim)


@pytest.mark.parametrize(("row", "claim"), of("accuracy"))
def test_an_accuracy_says_what_was_measured(row: Claim, claim: Claim):
    assert 0 < number(claim) < 100
    assert claim["twin"] in {"ann", "snn"}
    assert (claim["timesteps"] == 1) == (claim["twin"] == "ann")
    assert claim.get("top", 1) in {1, 5}


def test_every_number_of_the_tables_is_there_once():
    assert Counter(row["table"] for row, _ in ALL) == {
        "II": 15,
        "IV": 14,
        "VI": 15,
        "VIII": 17,
        "X": 6,
        "XI": 8,
        "XII": 12,
        "XIV": 8,
        "XVI": 5,
    }
    keys = [
        (row["table"], row["name"], *((key, value) for key, value in claim.items() if key != "printed"))
        for row, claim in ALL
    ]
    assert len(set(keys)) == len(keys)


def test_a_deviation_has_a_reason_and_a_reason_a_deviation():
    for _, claim in ALL:
        assert ("reason" in claim) == ("computes" in claim or "counts" in claim), claim


def test_every_claim_is_about_a_spec_that_is_there():
    about = {row["spec"] for row in ROWS}
    assert about <= of_the_paper()
    assert of_the_paper() - about == {"convnn_72", "convnn_108"}  # parts of Table XII's networks


def test_the_spec_runs_for_one_of_the_times_of_its_table():
    for row in ROWS:
        times = {claim["timesteps"] for claim in row["claims"] if claim.get("twin") == "snn"}
        assert not times or network(row["spec"]).timesteps in times, row["name"]


def test_a_networks_name_is_its_rows():
    for row in ROWS:
        name = network(row["spec"]).name
        assert name.removesuffix("ConvNN") == row["name"].split(" ")[0]


def test_the_text_counts_the_layers_of_vgg16_otherwise():
    """NOTE: the name says 16 weight layers; the listing has 13 Conv and 2 FC, and the size is theirs."""
    assert len(layers(network("vgg16").layers)) == 15
