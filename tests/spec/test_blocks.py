"""Specs appended by `use`."""

from __future__ import annotations

import pytest

from snnc.diagnostics import render
from snnc.spec import model

MAIN = "input 3x32x32\nInput - Conv1(3,8,3x3/1) - Pool(2x2/2)\n"
INNER = """input 8x16x16
neuron ReLU|IF(threshold=2)
Input - Conv1(8,8,3x3/1) - BN - Dropout(0.1) - [Conv2(8,8,3x3/1)] repeated 2 times - FC1(2048,10) - LIF
 - FC2(10,10)
Skip Input-to-Conv2, Conv1-to-FC1 add
printed FC1(100,10) "Table XIII"
timesteps 7
encode direct
classify stochmax
"""
USE = 'use "b.spec" as B'


def flat(items: tuple[model.Item, ...]) -> list[str]:
    found = []
    for item in items:
        match item:
            case model.Conv() | model.Linear():
                found.append(item.name)
            case model.Activation():
                found.append(item.snn.kind)
            case model.Group():
                found += ["[", *flat(item.items), "]"]
            case _:
                found.append(type(item).__name__)
    return found


def test_a_block_is_appended_under_its_name_with_its_own_neuron(check):
    network = check(MAIN + USE, {"b.spec": INNER}).network
    assert flat(network.layers) == [
        *("Conv1", "Pool"),
        *("B_Conv1", "BatchNorm", "if", "Dropout", "[", "B_Conv2", "if", "]"),
        *("B_FC1", "lif", "B_FC2"),
    ]
    assert network.layers[4].snn.threshold == 2


def test_the_using_network_says_how_time_passes(check):
    network = check(MAIN + USE, {"b.spec": INNER}).network
    assert (network.timesteps, network.encode) == (100, "poisson")
    assert network.neuron.snn.kind == "lif"


@pytest.mark.parametrize(("line", "head"), [("", "stochmax"), ("classify softmax\n", "softmax")])
def test_the_block_brings_its_head_unless_one_is_said(check, line: str, head: str):
    assert check(MAIN + line + USE, {"b.spec": INNER}).network.classify == head


def test_skips_and_printed_clauses_come_along(check):
    network = check(
        f"{MAIN}Skip Input-to-B tile\n{USE}", {"b.spec": INNER.replace("Input-to-Conv2, ", "")}
    ).network
    assert [(skip.origin, skip.target) for skip in network.skips] == [
        ("Input", "B_Conv1"),
        ("B_Conv1", "B_FC1"),
    ]
    assert [one.layer.name for one in network.printed] == ["B_FC1"]


def test_a_blocks_input_is_what_stands_before_it(check):
    assert check(MAIN + USE, {"b.spec": INNER}).network.skips[0].origin == "Conv1"
    alone = check(f"input 8x16x16\n{USE}\nInput - Pool(1x1/1)", {"b.spec": INNER}).network
    assert alone.skips[0].origin == "Input"


def test_the_block_is_marked(check):
    checked = check(MAIN + USE, {"b.spec": INNER})
    (block,) = checked.network.blocks
    assert (block.name, block.start, block.first, block.span.text) == ("B", 2, "B_Conv1", USE)
    assert block.input.channels == 8
    assert checked.network.layers[block.start].name == block.first


def test_the_chains_last_layer_is_no_longer_the_classifier(check):
    checked = check(
        "Input - Conv1(3,8,3x3/1) - [Conv2(8,8,3x3/1)] repeated 2 times, ReLU\n" + USE, {"b.spec": INNER}
    )
    assert checked.found == []
    assert flat(checked.network.layers)[:5] == ["Conv1", "[", "Conv2", "relu", "]"]


def test_of_two_blocks_the_second_keeps_its_classifier(check):
    last = "input 10x1x1\nneuron ReLU\nInput - FC1(10,10)\n"
    network = check(f'{MAIN}{USE}\nuse "c.spec" as C', {"b.spec": INNER, "c.spec": last}).network
    assert flat(network.layers)[-3:] == ["B_FC2", "if", "C_FC1"]
    assert [(block.name, block.start) for block in network.blocks] == [("B", 2), ("C", 11)]


def test_blocks_of_blocks(check):
    used = {
        "b.spec": f'{MAIN}Skip Conv1-to-C\nuse "c.spec" as C',
        "c.spec": INNER.replace("Input-to-Conv2, ", ""),
    }
    network = check("Input - Pool(1x1/1)\n" + USE, used).network
    assert flat(network.layers)[:5] == ["Pool", "B_Conv1", "lif", "Pool", "B_C_Conv1"]
    assert [(block.name, block.start, block.first) for block in network.blocks] == [
        ("B", 1, "B_Conv1"),
        ("B_C", 4, "B_C_Conv1"),
    ]
    assert [(skip.origin, skip.target) for skip in network.skips] == [
        ("B_Conv1", "B_C_Conv1"),
        ("B_C_Conv1", "B_C_FC1"),
    ]


@pytest.mark.parametrize("skip", ["Conv1-to-B", "Conv1-to-B_Conv1", "Input-to-B_FC1", "Input-to-B_Conv2"])
def test_a_skip_may_lead_into_a_block(check, skip: str):
    inner = INNER.replace("Input-to-Conv2, ", "")
    assert check(f"{MAIN}Skip {skip}\n{USE}", {"b.spec": inner}).found == []


def test_a_block_that_cannot_be_read_is_no_unknown_layer(check):
    checked = check(f"{MAIN}Skip Conv1-to-B, Conv1-to-B_Conv3, Conv1-to-FC9\n{USE}")
    assert checked.found == [("unknown-layer", "FC9")]


def test_two_meanings_of_a_blocks_input(check, golden):
    checked = check(f"{MAIN}Skip Conv1-to-B\n{USE}", {"b.spec": INNER}, name="joined.spec")
    assert checked.found == [("joined-block-input", "Conv1-to-B")]
    golden(render(checked.diagnostics), "cases/blocks_joined.txt")


def test_a_name_that_is_taken(check, golden):
    clauses = "\n".join(f'use "b.spec" as {name}' for name in ("B", "b", "Input2", "_B"))
    checked = check(f"{MAIN}{clauses}", {"b.spec": INNER}, name="names.spec")
    assert checked.found == [("block-twice", "b"), ("name-unusable", "_B")]
    golden(render(checked.diagnostics), "cases/blocks_names.txt")


def test_blocks_count_towards_the_longest_network(check):
    inner = INNER.replace("repeated 2 times", "repeated 9990 times")
    clauses = "\n".join(f'use "b.spec" as B{number}' for number in range(3))
    checked = check(MAIN + clauses, {"b.spec": inner})
    assert checked.found == [("too-many-layers", 'use "b.spec" as B2')]
