import json
from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator

from snnc.analysis.profile import profile_named
from snnc.backends.report.json import json_text, schema_text
from snnc.source.data import data

SPECS = sorted(entry.name for entry in data("specs").iterdir() if entry.name.endswith(".spec"))


@pytest.fixture(scope="module")
def validator():
    schema = json.loads(schema_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("spec", SPECS)
def test_every_spec_keeps_to_the_schema(report, validator, spec):
    for activity in (None, "0.1"):
        validator.validate(json.loads(json_text([report(spec.removesuffix(".spec"), activity)])))


def test_the_schema_refuses_what_is_wrong(report, validator):
    right = json.loads(json_text([report("small", "0.1")]))
    for key, value in (("schema", 2), ("timesteps", 0), ("rows", {}), ("surprise", 1)):
        assert list(validator.iter_errors({**right, key: value}))
    del right["totals"]["ee"]
    assert list(validator.iter_errors(right))


def test_what_others_rely_on(report):
    found = json.loads(json_text([report("vgg8x2", "0.0658")]))
    assert (found["schema"], found["network"], found["timesteps"], found["policy"]) == (
        1,
        "VGG8x2",
        25,
        "paper",
    )
    row = next(row for row in found["rows"] if (row["layer"], row["application"]) == ("Conv6", 2))
    assert row["shape"] == [256, 8, 8]
    assert (row["signal"], row["parameters"], row["op"]) == ("spike", 0, "AC")
    assert (row["activity"], row["activity_source"]) == (0.0658, "assumed")
    assert row["ops_per_step"] == pytest.approx(37_748_736 * 0.0658)
    assert row["ops_per_inference"] == pytest.approx(37_748_736 * 25 * 0.0658)
    assert row["break_even_product"] == 32
    assert row["break_even_timesteps"] == pytest.approx(32 / 0.0658)
    assert found["rows"][0]["ops_per_step"] is found["rows"][0]["break_even_timesteps"] is None
    assert found["totals"]["parameters"] == 5_369_536
    assert found["totals"]["ee"] == pytest.approx(4.1, abs=0.005)


def test_nothing_known_is_null_not_zero(report):
    totals = json.loads(json_text([report("small", profile=profile_named("loihi-davies"))]))["totals"]
    assert totals["energy_ann_pj"] is None
    assert totals["energy_snn_pj"] is None
    assert totals["ee"] is None


def test_integers_beyond_any_float_are_exact(report):
    small = report("small", "1")
    huge = replace(small, rows=tuple(replace(row, timesteps=10**21 + 1) for row in small.rows))
    found = json.loads(json_text([huge]))["rows"][0]
    assert found["ops_per_inference"] == small.rows[0].layer.macs * (10**21 + 1)


def test_no_digit_of_the_largest_network_is_lost(report):
    """19.6 G MACs at every one of 2,500 steps, each with a spike: 49,038,213,120,000 operations."""
    found = json.loads(json_text([report("vgg16", "1")]))
    assert found["totals"]["macs"] == 19_615_285_248
    assert sum(row["ops_per_inference"] for row in found["rows"]) == 19_615_285_248 * 2500
    assert found["totals"]["energy_snn_pj"] == 19_615_285_248 * 250


def test_several_reports_make_one_object(report):
    both = json.loads(json_text([report("small"), report("vgg5")]))
    assert [one["network"] for one in both["reports"]] == ["Small", "VGG5"]


def test_neurobench_names(report):
    found = json.loads(json_text([report("small", "0.1")]))["neurobench"]
    assert found["footprint"] == (report("small").parameters + report("small").memory.thresholds) * 4
    assert found["synaptic_operations"]["Effective_ACs"] is None
    assert found["activation_sparsity"] is None
    dense = sum(row.layer.contacts * row.runs for row in report("small").rows)
    assert found["synaptic_operations"]["Dense"] == dense
