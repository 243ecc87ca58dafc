"""Folding: every spelling of a repetition gives one tree, and what does not fit is told."""

from __future__ import annotations

from itertools import combinations

import pytest

from snnc.diagnostics import render
from snnc.syntax.tree import Activation, Group

HEAD = "input 3x8x8\nInput - Conv1(3,64,3x3/1) - "
TAIL = " - Pool(2x2/2) - FC1(1024,10)\n"
C2, C3, C4 = (f"Conv{number}(64,64,3x3/1)" for number in (2, 3, 4))

SAME = {
    "one layer": [
        f"{C2} repeated 3 times{TAIL}",
        f"[{C2}] repeated 3 times{TAIL}",
        f"{C2} REPEATED 3 Times{TAIL}",
        f"{C2}{TAIL}BackRes [Conv2] repeated 3 times",
        f"{C2}{TAIL}BackRes Conv2 repeated 3 times",
        f"{C2}-{C2} – {C2}{TAIL}backres [Conv2] repeated 3 times",
        f"<b>{C2}-</b> <b>-{C2}</b>- -**{C2}**{TAIL}BackRes <b>[Conv2]</b> repeated 3 times",
    ],
    "a block": [
        f"[{C2} - {C3}] repeated 2 times{TAIL}",
        f"{C2} - {C3}{TAIL}BackRes [Conv2 - Conv3] repeated 2 times",
        f"{C2} - {C3} - {C2} - {C3}{TAIL}BackRes [Conv2-Conv3] repeated 2 times",
    ],
    "two blocks under one count": [
        f"[{C2}] repeated 2 times - Pool(2x2/2) - [{C3} - {C4}] repeated 2 times{TAIL}",
        f"{C2} - Pool(2x2/2) - {C3} - {C4}{TAIL}BackRes [Conv2] & [Conv3 - Conv4] repeated 2 times",
        (
            f"{C2} - {C2} - Pool(2x2/2) - {C3} - {C4} - {C3} - {C4}{TAIL}"
            "BackRes [Conv2]& [Conv3- Conv4] repeated 2 times"
        ),
        (
            f"{C2} - {C2} - Pool(2x2/2) - {C3} - {C4}{TAIL}"
            "BackRes [Conv2] repeated 2 times, [Conv3 - Conv4] repeated 2 times"
        ),
        f"{C2} - {C2} - Pool(2x2/2) - [{C3} - {C4}] repeated 2 times{TAIL}BackRes [Conv2] repeated 2 times",
    ],
    "a group in a group": [
        f"[{C2} repeated 2 times - {C3}] repeated 3 times{TAIL}",
        f"{C2} - {C3}{TAIL}BackRes [Conv2 - Conv3] repeated 3 times, [Conv2] repeated 2 times",
        f"{C2} - {C2} - {C3}{TAIL}BackRes [Conv2] repeated 2 times\nBackRes [Conv2 - Conv3] repeated 3 times",
        (
            f"{C2} - {C2} - {C3} - {C2} - {C2} - {C3} - {C2} - {C2} - {C3}{TAIL}"
            "BackRes [Conv2] repeated 2 times, [Conv2 - Conv3] repeated 3 times"
        ),
        f"[{C2} - {C3}] repeated 3 times{TAIL}BackRes [Conv2] repeated 2 times",
        (
            f"{' - '.join([f'{C2} repeated 2 times - {C3}'] * 3)}{TAIL}"
            "BackRes [Conv2 - Conv3] repeated 3 times"
        ),
    ],
    "a block with its neurons": [
        f"[{C2} - LIF - {C3} - LIF] repeated 2 times{TAIL}",
        f"[{C2}, LIF - {C3}, LIF] repeated 2 times{TAIL}",
        f"[{C2} - {C3}] repeated 2 times - LIF{TAIL}",
        f"[{C2} - {C3}] repeated 2 times, LIF{TAIL}",
        f"[{C2} - {C3} - LIF] repeated 2 times, LIF{TAIL}",
        f"{C2} - LIF - {C3} - LIF{TAIL}BackRes [Conv2 - Conv3] repeated 2 times",
        f"{C2} - LIF - {C3} - LIF - {C2} - LIF - {C3} - LIF{TAIL}BackRes [Conv2 - Conv3] repeated 2 times",
    ],
    "a neuron behind BN and before Dropout": [
        f"[{C2} - BN - ReLU|LIF - Dropout(0.2)] repeated 2 times{TAIL}",
        f"{C2}, BN, Dropout(0.2) repeated 2 times, ReLU|LIF{TAIL}",
    ],
    "what a block keeps": [
        f"{C2} repeated 2 times keep mean{TAIL}",
        f"{C2} - {C2}{TAIL}BackRes [Conv2] repeated 2 times keep mean",
    ],
    "skips": [
        f"{C2}{TAIL}Skip Input-to-Conv2, Conv1-to-FC1",
        f"{C2}{TAIL}skip input - to - Conv2\nSkip Conv1 to FC1",
    ],
}


@pytest.mark.parametrize("name", SAME)
def test_spellings_of_one_network_are_one_tree(read, name: str):
    specs = [read(HEAD + text).spec for text in SAME[name]]
    assert len(specs) > 1
    assert all(spec == specs[0] for spec in specs)
    assert not any(spec.backres for spec in specs)


def test_other_networks_are_other_trees(read):
    specs = [read(HEAD + texts[0]).spec for texts in SAME.values()]
    assert all(one != other for one, other in combinations(specs, 2))


def test_a_neuron_that_no_layer_of_the_group_needs_stays_behind_it(read):
    spec = read(f"{HEAD}[{C2} - LIF] repeated 2 times - ReLU{TAIL}").spec
    assert isinstance(spec.layers[1], Group)
    assert isinstance(spec.layers[2], Activation)


def test_a_group_keeps_the_place_where_it_was_listed_and_counted(read):
    text = f"{HEAD}{C2} - {C2}{TAIL}BackRes [Conv2] repeated 2 times"
    group = read(text).spec.layers[1]
    assert group.span.text == f"{C2} - {C2}"
    assert group.times.span.start == text.rindex("2 times")


# The clause, the chain behind Conv1, and (code, text under the carets, what the fix puts there).
WRONG = [
    ("[Conv9] repeated 2 times", C2, [("backres-unknown-layer", "Conv9", None)]),
    ("[conv2] repeated 2 times", C2, [("backres-unknown-layer", "conv2", "Conv2")]),
    ("[Cnov2] repeated 2 times", C2, [("backres-unknown-layer", "Cnov2", "Conv2")]),
    (
        "[Conv2 - Conv2] repeated 2 times",
        C2,
        [("backres-twice", "Conv2", None)],
    ),
    (
        "[Conv2] repeated 2 times, [Conv2] repeated 3 times",
        C2,
        [("backres-twice", "[Conv2] repeated 3 times", None)],
    ),
    (
        "[Conv2] repeated 2 times",
        f"{C2} repeated 2 times",
        [("backres-twice", "[Conv2] repeated 2 times", None)],
    ),
    ("[Conv2] repeated 4 times", f"{C2} - {C2} - {C2}", [("repeat-count", "4", "3")]),
    ("[Conv2] repeated 2 times", f"{C2} - {C2} - {C2}", [("repeat-count", "2", "3")]),
    (
        "[Conv2] & [Conv3] repeated 2 times",
        f"{C2} - {C2} - {C2} - {C3}",
        [("repeat-count", "2", "3")],
    ),
    (
        "[Conv2] & [Conv3] repeated 2 times",
        f"{C2} - {C2} - {C2} - {C3} - {C3}",
        [("repeat-count", "2", None)],
    ),
    ("[Conv2 - Conv3] repeated 2 times", f"{C3} - {C2}", [("backres-apart", "Pool(2x2/2)", None)]),
    ("[Conv2 - Conv3] repeated 2 times", f"{C2} - {C2} - {C3} - {C3}", [("backres-apart", C2, None)]),
    (
        "[Conv2 - Conv3] repeated 2 times",
        f"{C2} - Pool(2x2/2) - {C3}",
        [("backres-apart", "Pool(2x2/2)", None)],
    ),
    ("[Conv2] repeated 2 times", f"{C2} - {C3} - {C2}", [("backres-apart", C2, None)]),
    ("[Conv2 - Conv3] repeated 2 times", f"{C2} - {C3} - {C4} - {C3}", [("backres-apart", C3, None)]),
    (
        "[Conv2 - Conv3] repeated 2 times, [Conv3 - Conv4] repeated 2 times",
        f"{C2} - {C3} - {C4}",
        [("backres-apart", C3, None)],
    ),
    (
        "[Conv2] repeated 2 times",
        f"Conv2(3,64,3x3/1) - {C2}",
        [("shared-number", "3", "64")],
    ),
    (
        "[Conv2] repeated 4 times",
        f"Conv2(3,64,3x3/1) - {C2} - Conv2(3,64,3x3/1) - {C2}",
        [("shared-number", "3", "64"), ("shared-number", "3", "64")],
    ),
    ("[Conv2] repeated 2 times", f"{C2} - Conv2(64,46,3x3/1) - {C3}", [("shared-number", "46", "64")]),
    (
        "[Conv2] repeated 2 times",
        "Conv2(64,128,3x3/1) - Conv2(128,128,3x3/1)",
        [("listings-differ", "128", None)],
    ),
    ("[Conv2] repeated 2 times", f"{C2} - Conv2(64,64,5x5/1)", [("listings-differ", "5x5/1", None)]),
    ("[Conv2] repeated 2 times", f"Conv2(64,64,3x3/2) - {C2}", [("listings-differ", "3x3/2", None)]),
    (
        "[Conv2] repeated 3 times",
        f"Conv2(64,64,5x5/1) - {C2} - {C2}",
        [("listings-differ", "5x5/1", None)],
    ),
    (
        "[Conv2] repeated 2 times",
        f"{C2} - Conv2(64,64,3x3/1,pad=0)",
        [("listings-differ", "0", None)],
    ),
    (
        "[Conv2] repeated 2 times",
        f"{C2} - Conv2(64,64,3x3/1,bias)",
        [("listings-differ", "Conv2(64,64,3x3/1,bias)", None)],
    ),
    ("[Conv2] repeated 2 times", f"{C2} - LIF - {C2} - ReLU", [("listings-differ", "ReLU", None)]),
    ("[Conv2] repeated 2 times", f"{C2} - {C2} - LIF", [("listings-differ", "LIF", None)]),
    ("[Conv2] repeated 2 times", f"{C2} - BN - {C2}", [("listings-differ", C2, None)]),
    (
        "[Conv2 - Conv3] repeated 2 times",
        f"{C2} repeated 2 times - {C3} - {C2} repeated 3 times - {C3}",
        [("listings-differ", f"{C2} repeated 3 times", None)],
    ),
]


@pytest.mark.parametrize(("clause", "chain", "expected"), WRONG)
def test_what_does_not_fit_is_told_once(read, clause: str, chain: str, expected):
    text = read(f"{HEAD}{chain}{TAIL}BackRes {clause}")
    fixes = [one.fix() for one in text.diagnostics]
    found = [
        (one.code, one.span.text, fix and fix.replacement)
        for one, fix in zip(text.diagnostics, fixes, strict=True)
    ]
    assert found == expected, render(text.diagnostics)
    if all(fixes):
        assert read(text.fixed).diagnostics == ()


def test_the_other_number_is_shown_where_it_comes_from(read):
    (one,) = read(f"{HEAD}Conv2(3,64,3x3/1) - {C2}{TAIL}BackRes [Conv2] repeated 2 times").diagnostics
    assert [(label.span.column, label.text) for label in one.labels()] == [
        (17, "64 leave here"),
        (55, "the same layer"),
    ]


def test_what_arrives_at_the_first_layer_is_the_input(read):
    text = read("input 3x8x8\nInput - Conv1(1,3,3x3/1) - Conv1(3,3,3x3/1)\nBackRes [Conv1] repeated 2 times")
    assert [(one.code, one.span.text) for one in text.diagnostics] == [("shared-number", "1")]


def test_a_clause_that_does_not_fit_spoils_no_other(read):
    chain = f"{C2} - {C2} - {C3} - {C4} - {C4} - {C4}"
    clauses = "[Conv2] repeated 2 times, [Conv9 - Conv3] & [Conv4] repeated 2 times"
    text = read(f"{HEAD}{chain}{TAIL}BackRes {clauses}")
    assert text.codes == ["backres-unknown-layer", "repeat-count"]
    assert isinstance(text.folded.layers[1], Group)


def test_an_unrolled_chain_folds_in_linear_time(read):
    """Four times the chain takes about four times as long, not sixteen."""
    from time import process_time

    def seconds(blocks: int) -> float:
        names = range(2, blocks + 2)
        chain = " - ".join(f"Conv{n}(4,4,3x3/1) - Conv{n}(4,4,3x3/1)" for n in names)
        counts = ", ".join(f"[Conv{n}] repeated 2 times" for n in names)
        start = process_time()
        spec = read(f"input 4x8x8\nInput - Conv1(4,4,3x3/1) - {chain}\nBackRes {counts}").spec
        assert len(spec.layers) == blocks + 1
        return process_time() - start

    seconds(10)
    few, many = min(seconds(100) for _ in range(2)), min(seconds(400) for _ in range(2))
    assert many < 8 * few + 0.2
