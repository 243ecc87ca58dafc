import json
from fractions import Fraction

import pytest

from snnc.analysis.activity import ActivityError, Origin, assumed, read_activity

ROW = {"layer": "Conv2", "application": 3, "input_rate": 0.1}


def file(*rows, **more):
    return json.dumps({"schema": 1, "network": "Net", "measured": True, "rows": rows, **more})


def test_a_decimal_is_what_was_written():
    assert assumed("0.1").assumed == Fraction(1, 10)
    assert assumed(0.1).assumed == Fraction(1, 10)
    assert read_activity(file(ROW)).rate("Conv2", 3).value == Fraction(1, 10)


def test_a_row_without_application_holds_for_all_of_them():
    activity = read_activity(file({"layer": "Conv2", "input_rate": 0.2}, ROW))
    assert activity.rate("Conv2", 1).value == Fraction(1, 5)
    assert activity.rate("Conv2", 3).value == Fraction(1, 10)
    assert activity.rate("Conv1", 1) is None


def test_steps_stand_for_their_mean():
    activity = read_activity(file({"layer": "FC1", "input_rate_per_step": [0, 0.1, 0.2]}))
    rate = activity.rate("FC1", 1)
    assert rate.value == Fraction(1, 10)
    assert rate.per_step == (0, Fraction(1, 10), Fraction(1, 5))


def test_measured_or_assumed_is_said():
    assert read_activity(file(ROW)).rate("Conv2", 3).origin is Origin.MEASURED
    assert read_activity(file(ROW, measured=False)).rate("Conv2", 3).origin is Origin.ASSUMED
    assert assumed("0.1").rate("Conv2", 3).origin is Origin.ASSUMED


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "an object with schema 1"),
        ("{", "cannot be read"),
        ('{"schema": 1, "rows": []}', "rows: must be a list that is not empty"),
        (file({**ROW, "input_rate": -0.1}), "Conv2.: input_rate is -0.1; an activity is not negative"),
        (file(ROW).replace("0.1", "NaN"), "NaN is no finite number"),
        (file(ROW).replace("0.1", "1e999999999"), "out of range"),
        (file(ROW, ROW), "row 2: Conv2 application 3 is given twice"),
        (file({**ROW, "rate": 1}), "rate is no entry of a row"),
        (file({"layer": "Conv2"}), "input_rate is missing"),
        (file({"input_rate": 1}), "layer is missing"),
        (file(ROW, extra=1), "extra: an activity file has no such entry"),
        (file({**ROW, "application": 0}), "application: must be a whole number"),
        (file({**ROW, "input_rate": True}), "must be a number"),
        (file(ROW, measured="yes"), "measured: must be true or false"),
        ("[" * 100_000, "cannot be read"),
    ],
)
def test_a_file_that_is_wrong_is_refused(text, message):
    with pytest.raises(ActivityError, match=message):
        read_activity(text)
