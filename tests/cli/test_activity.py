"""`snnc activity`: from a network and images to the file that `snnc cost` reads."""

from __future__ import annotations

import json

import pytest

from snnc.cli.main import run

SPEC = """
network Digits
input 1x8x8
encode poisson
timesteps 4
Input - Conv1(1,4,3x3/1) - Pool(2x2/2) - [Conv2(4,4,3x3/1)] repeated 2 times - FC1(64,10)
"""


@pytest.fixture
def spec(tmp_path):
    path = tmp_path / "digits.spec"
    path.write_text(SPEC)
    return path


@pytest.fixture
def snnc(capfd):
    def call(*arguments: object) -> tuple[int, str, str]:
        status = run([str(one) for one in arguments])
        out, err = capfd.readouterr()
        return status, out, err

    return call


def test_what_is_measured_is_what_cost_counts_with(snnc, spec, tmp_path):
    rates = tmp_path / "rates.json"
    status, out, err = snnc("activity", spec, "-n", 20, "--batch", 8, "-o", rates)
    assert (status, out) == (0, "")
    assert "nothing was learnt" in err
    found = json.loads(rates.read_text())
    assert (found["network"], found["samples"], found["timesteps"], found["measured"]) == (
        "Digits",
        20,
        4,
        True,
    )
    assert [(row["layer"], row["application"]) for row in found["rows"]][1:3] == [("Conv2", 1), ("Conv2", 2)]
    status, out, _ = snnc("cost", spec, "-a", rates)
    assert status == 0
    assert "measured on 20 samples" in out
    assert "EE measured" in out
    shown = json.loads(snnc("cost", spec, "-a", rates, "--json")[1])
    assert shown["rows"][0]["activity_source"] == "measured"
    assert len(shown["rows"][0]["activity_per_step"]) == 4
    assert 0 < shown["neurobench"]["activation_sparsity"] < 1
    assert shown["neurobench"]["synaptic_operations"]["Effective_ACs"] > 0


def test_the_same_seed_measures_the_same(snnc, spec):
    first, again, other = (snnc("activity", spec, "-n", 4, "--seed", seed)[1] for seed in (3, 3, 4))
    assert first == again != other


def test_refusals(snnc, spec, tmp_path):
    assert snnc("activity", spec, tmp_path / "none")[0] == 4
    assert snnc("activity", tmp_path / "none.safetensors")[0] == 4
    wrong = tmp_path / "wrong.spec"
    wrong.write_text(SPEC.replace("Conv1(1,4", "Conv1(2,4"))
    status, _, err = snnc("activity", wrong)
    assert status == 2
    assert "Conv1" in err
    other = tmp_path / "colour.spec"
    other.write_text(SPEC.replace("1x8x8", "3x8x8").replace("Conv1(1,4", "Conv1(3,4"))
    status, _, err = snnc("activity", other)
    assert status == 2
    assert "1x8x8" in err


def test_a_device_that_is_not_there_is_refused(snnc, spec):
    status, _, err = snnc("activity", spec, "--device", "cuda:99")
    assert status == 2
    assert "cuda:99" in err
