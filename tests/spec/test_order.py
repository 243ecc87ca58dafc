"""What may follow what."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    "chain",
    [
        "Conv1(3,8,3x3/1) - BN - LIF - Dropout(0.1) - Pool(2x2/2)",
        "Conv1(3,8,3x3/1) - LIF - BN - Pool(2x2/2)",
        "Conv1(3,8,3x3/1), BN, ReLU|LIF, Dropout(0) - Pool(2x2/2)",
        "Conv1(3,8,3x3/1) - identity - Pool(2x2/2) - LIF",
        "Conv1(3,8,3x3/1) - BN - identity - Pool(1x1/1) - MaxPool(2x2/2) - LIF",
        "Conv1(3,8,3x3/1) - Pool(2x2/2) - identity",
        "[Conv1(3,3,3x3/1) - identity] repeated 2 times - Pool(2x2/2) - LIF - Conv2(3,8,3x3/1)",
        "Pool(2x2/2) - Conv1(3,8,3x3/1)",
    ],
)
def test_allowed(check, chain: str):
    assert check(f"Input - {chain} - FC1(2048,10)").found == []


@pytest.mark.parametrize(
    ("chain", "code", "where"),
    [
        ("Conv1(3,8,3x3/1) - Pool(2x2/2) - LIF", "neuron-after-pool", "LIF"),
        ("Conv1(3,8,3x3/1) - Pool(2x2/2) - Pool(1x1/1), LIF", "neuron-after-pool", "LIF"),
        ("Conv1(3,8,3x3/1) - identity|LIF - Pool(2x2/2) - LIF", "neuron-after-pool", "LIF"),
        ("Conv1(3,8,3x3/1) - identity - Pool(2x2/2) - LIF - Pool(1x1/1) - IF", "neuron-after-pool", "IF"),
        ("Conv1(3,8,3x3/1) - Pool(2x2/2) - BN", "modifier-misplaced", "BN"),
        ("Conv1(3,8,3x3/1) - Pool(2x2/2) - Dropout(0.5)", "modifier-misplaced", "Dropout(0.5)"),
        ("LIF - Conv1(3,8,3x3/1)", "modifier-misplaced", "LIF"),
        ("[BN - Conv1(3,3,3x3/1)] repeated 2 times", "modifier-misplaced", "BN"),
        ("Conv1(3,8,3x3/1), LIF - ReLU", "modifier-twice", "ReLU"),
        ("[Conv1(3,3,3x3/1)] repeated 2 times - BN", "modifier-after-group", "BN"),
    ],
)
def test_not_allowed(check, chain: str, code: str, where: str):
    assert check(f"Input - {chain} - FC1(2048,10)").found == [(code, where)]


@pytest.mark.parametrize("end", ["FC1(3072,10)", "FC1(3072,10) - identity", "Conv1(3,10,1x1/1) - GlobalPool"])
def test_the_classifier_has_no_neuron(check, end: str):
    assert check(f"Input - {end}").found == []


@pytest.mark.parametrize("end", ["FC1(3072,10) - ReLU", "FC1(3072,10), LIF", "FC1(3072,10) - identity|LIF"])
def test_and_gets_none(check, end: str):
    assert [code for code, _ in check(f"Input - {end}").found] == ["neuron-on-classifier"]


def test_a_neuron_behind_the_classifiers_pool_is_refused_as_well(check):
    checked = check("Input - Conv1(3,10,1x1/1) - identity - GlobalPool - LIF")
    assert checked.found == [("neuron-on-classifier", "LIF")]
    assert checked.diagnostics[0].fix() is None


@pytest.mark.parametrize(
    ("end", "codes"),
    [
        ("[FC1(3072,3072)] repeated 2 times", ["classifier-in-group"]),
        ("[FC1(3072,3072)] repeated 2 times, LIF", ["classifier-in-group"]),
        ("[[FC1(3072,3072)] repeated 1 times] repeated 2 times", ["classifier-in-group"]),
        ("[FC1(3072,10)] repeated 1 times", []),
    ],
)
def test_the_classifier_is_not_repeated(check, end: str, codes: list[str]):
    assert [code for code, _ in check(f"Input - {end}").found] == codes
