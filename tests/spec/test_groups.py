"""Neurons behind a group, and what a group may be."""

from __future__ import annotations

from dataclasses import replace

from snnc.diagnostics import Reporter
from snnc.spec import model
from snnc.spec.validate import validate
from snnc.syntax.parse import parse


def kinds(items: tuple[model.Item, ...]) -> list[object]:
    """Return the items by what they are: names of layers, SNN neurons, lists for groups."""
    found: list[object] = []
    for item in items:
        match item:
            case model.Group():
                found.append(kinds(item.items))
            case model.Conv() | model.Linear():
                found.append(item.name)
            case model.Activation():
                found.append(item.snn.kind)
            case _:
                found.append(type(item).__name__)
    return found


def group(check, text: str) -> list[object]:
    checked = check(f"Input - Conv1(3,8,3x3/1) - {text} - FC1(8192,10)")
    assert checked.found == []
    return kinds(checked.network.layers)[1]


def test_a_neuron_behind_a_group_is_that_of_its_layers(check):
    text = "[Conv2(8,8,3x3/1) - Conv3(8,8,3x3/1)] repeated 2 times - IF"
    assert group(check, text) == ["Conv2", "if", "Conv3", "if"]


def test_it_does_not_replace_one_that_is_named(check):
    text = "[Conv2(8,8,3x3/1) - ReLU - Conv3(8,8,3x3/1)] repeated 2 times, IF"
    assert group(check, text) == ["Conv2", "relu", "Conv3", "if"]


def test_it_stands_behind_bn_and_before_dropout(check):
    text = "[Conv2(8,8,3x3/1) - BN - Dropout(0.1)] repeated 2 times, IF"
    assert group(check, text) == ["Conv2", "BatchNorm", "if", "Dropout"]


def test_it_reaches_into_inner_groups_that_have_none(check):
    inner = "[Conv2(8,8,3x3/1)] repeated 2 times - [Conv3(8,8,3x3/1)] repeated 3 times, ReLU"
    text = f"[{inner}] repeated 2 times, IF"
    assert group(check, text) == [["Conv2", "if"], ["Conv3", "relu"]]


def test_one_too_many_is_refused(check):
    checked = check("Input - [Conv1(3,3,3x3/1) - LIF] repeated 2 times - IF - FC1(3072,10)")
    assert checked.found == [("modifier-twice", "IF")]


def test_a_group_of_one_item_and_of_one_step(check):
    network = check("Input - Conv1(3,3,3x3/1) repeated 1 times - FC1(3072,10)").network
    assert (network.layers[0].times, kinds(network.layers)) == (1, [["Conv1"], "FC1"])


def test_keep_is_passed_on(check):
    network = check("Input - Conv1(3,8,3x3/1) repeated 2 times keep top - FC1(8192,10)").network
    assert network.layers[0].keep == "top"


def test_eight_groups_may_nest(check):
    text = "Conv1(3,3,3x3/1)"
    for _ in range(8):
        text = f"[{text}] repeated 1 times"
    assert check(f"Input - {text} - FC1(3072,10)").found == []
    assert [code for code, _ in check(f"Input - [{text}] repeated 1 times - FC1(3072,10)").found] == [
        "groups-too-deep"
    ]


def test_twenty_thousand_layers_may_run(check):
    deep = "[[Conv1(3,3,3x3/1)] repeated 9999 times - Pool(1x1/1)] repeated 2 times"
    assert [code for code, _ in check(f"Input - {deep} - FC1(3072,10)").found] == ["too-many-layers"]
    fits = "[[Conv1(3,3,3x3/1)] repeated 9998 times - Pool(1x1/1)] repeated 2 times"
    assert check(f"Input - {fits} - FC1(3072,10)").found == []


def test_too_many_layers_points_at_the_count_that_makes_them(check):
    text = (
        "Input - Conv1(3,3,3x3/1) repeated 3 times - [Conv2(3,3,3x3/1)] repeated 9999999 times - FC1(3072,10)"
    )
    checked = check(text)
    assert checked.found == [("too-many-layers", "9999999")]
    assert checked.diagnostics[0].title_text() == "the unrolled network has 10,000,003 layers"


def test_a_long_listing_is_refused_without_a_group_to_blame(check):
    checked = check("Input - FC1(3072,10)")
    spec = parse(checked.source, Reporter())
    report = Reporter()
    assert validate(replace(spec, layers=spec.layers * 20_001), report, lambda _: None) is None
    assert [(one.code, one.span.text) for one in report.diagnostics] == [("too-many-layers", "FC1(3072,10)")]
