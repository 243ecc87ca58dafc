"""As T grows a spiking twin becomes its artificial one: the error of its scores falls as 1/T."""

from __future__ import annotations

import numpy as np
import pytest

from snnc.convert.run import Result
from snnc.train import artifact
from snnc.train.arrays import digits

BODIES = {
    "1 layer": "Input - Conv1(2,6,3x3/1) - FC1(216,4)",
    "2 layers": "Input - Conv1(2,6,3x3/1) - Conv2(6,6,3x3/1) - Pool(2x2/2) - FC1(54,4)",
    "4 layers": "Input - Conv1(2,6,3x3/1) - Conv2(6,6,3x3/1) - Conv3(6,6,3x3/1) - FC1(216,9) - FC2(9,4)",
    "BackRes, 3 layers": "Input - Conv1(2,6,3x3/1) - [Conv2(6,6,3x3/1)] repeated 2 times - FC1(216,4)",
    "BackRes, 7 layers": (
        "Input - Conv1(2,6,3x3/1) - [Conv2(6,6,3x3/1) - Conv3(6,6,3x3/1)] repeated 3 times - FC1(216,4)"
    ),
    "bias": "Input - Conv1(2,6,3x3/1, bias) - Conv2(6,6,3x3/1, bias) - FC1(216,9, bias) - FC2(9,4, bias)",
    "bias shared by steps": (
        "Input - Conv1(2,6,3x3/1, bias) - [Conv2(6,6,3x3/1, bias)] repeated 3 times - FC1(216,4, bias)"
    ),
    **{
        f"BN of {steps} steps": (
            "Input - Conv1(2,6,3x3/1) - BN"
            f" - [Conv2(6,6,3x3/1, bias) - BN] repeated {steps} times - FC1(216,4)"
        )
        for steps in (1, 2, 4)
    },
    "dropout": "Input - Conv1(2,6,3x3/1) - Dropout(0.5) - FC1(216,9) - Dropout(0.5) - FC2(9,4)",
    "concatenation": (
        "Input - Conv1(2,6,3x3/1) - Conv2(6,6,3x3/1) - Conv3(12,6,3x3/1) - Pool(2x2/2) - FC1(108,4)\n"
        "Skip Conv1-to-Conv3 concat, Conv2-to-FC1 concat"
    ),
    "addition": (
        "Input - Conv1(2,6,3x3/1) - [Conv2(6,6,3x3/1)] repeated 2 times - Conv3(6,6,3x3/1) - FC1(216,4)\n"
        "Skip Conv1-to-Conv3"
    ),
    "narrowing": ("Input - Conv1(2,6,3x3/1) - [Conv2(6,12,3x3/1)] repeated 2 times keep mean - FC1(432,4)"),
    "ReLU in front and behind": (
        "Input - Conv1(2,6,3x3/1, bias), ReLU - [Conv2(6,6,3x3/1, bias)] repeated 2 times"
        " - Conv3(6,6,3x3/1, bias), ReLU - FC1(216,4, bias)"
    ),
    "a block of ReLU behind": (
        "Input - Conv1(2,6,3x3/1, bias) - [Conv2(6,6,3x3/1, bias), ReLU] repeated 2 times - FC1(216,4, bias)"
    ),
    "stochmax": "Input - Conv1(2,6,3x3/1, bias) - FC1(216,9, bias) - FC2(9,4)\nclassify stochmax",
}
STEPS = 2048


def slope(result: Result, least: int = 32) -> float:
    """The slope of the error of the scores against T, both logarithmic."""
    steps = np.array([step for step, _ in result.ledger.curve])
    errors = np.array(result.ledger.errors)
    return float(np.polyfit(np.log(steps[steps >= least]), np.log(errors[steps >= least]), 1)[0])


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_the_error_falls_as_one_over_t(converted, body: str):
    result = converted(body, STEPS, coding="direct")
    assert -1.1 < slope(result) < -0.9
    assert result.ledger.errors[-1] < 0.05
    assert all(row.rate > 1e-3 for row in result.ledger.rows), "a silent network agrees with anything"


@pytest.mark.parametrize(
    "options",
    [
        {"initial": 0.5},
        {"calibration__per": "channel"},
        {"calibration__factor": 1.5},
        {"calibration__per": "channel", "calibration__factor": 1.25, "initial": 0.25},
    ],
    ids=str,
)
@pytest.mark.parametrize("body", ["bias shared by steps", "BN of 2 steps", "a block of ReLU behind"])
def test_no_option_changes_the_limit(converted, body: str, options: dict[str, object]):
    result = converted(BODIES[body], STEPS, coding="direct", **options)
    assert -1.1 < slope(result) < -0.9


@pytest.mark.parametrize("reset", ["reset=zero", "reset=none"])
def test_a_hard_reset_does_not_converge(converted, reset: str):
    body = f"Input - Conv1(2,6,3x3/1), ReLU|IF({reset}) - Conv2(6,6,3x3/1), ReLU|IF({reset}) - FC1(216,4)"
    result = converted(body, STEPS, coding="direct")
    assert slope(result) > -0.5
    assert result.ledger.errors[-1] > 0.05


def test_spikes_that_are_drawn_converge_as_one_over_the_root_of_t(converted):
    result = converted(BODIES["BackRes, 3 layers"], STEPS, coding="poisson")
    assert -0.85 < slope(result) < -0.3


@pytest.mark.parametrize(
    "group", ["Conv2(8,8,3x3/1) - Conv3(8,8,3x3/1)", "[Conv2(8,8,3x3/1)] repeated 3 times"]
)
def test_a_network_that_has_learnt_converges_too(converted, learnt, group: str):
    path = learnt(
        "input 1x8x8\nneuron ReLU|IF\n"
        f"Input - Conv1(1,8,3x3/1) - {group} - Pool(2x2/2) - FC1(128,32) - FC2(32,10)\n"
    )
    result = converted(
        artifact.load(path), STEPS, coding="direct", images=digits(), trial__images=40, trial__ledger=20
    )
    assert -1.1 < slope(result, 64) < -0.9
    assert result.ledger.snn == result.ledger.ann > 0.5
