"""Which layers a skip may join."""

from __future__ import annotations

import pytest

CHAIN = (
    "Input - Conv1(3,8,3x3/1) - [Conv2(8,8,3x3/1) - [Conv3(8,8,3x3/1) - Conv4(8,8,3x3/1)] repeated 2 times]"
    " repeated 3 times - [Conv5(8,8,3x3/1) - Conv6(8,8,3x3/1)] repeated 1 times - FC1(8192,10)"
)


@pytest.mark.parametrize(
    "skip",
    [
        "Input-to-Conv1",  # joined at once: the input beside itself
        "INPUT-to-FC1",
        "Conv1-to-Conv2",
        "Conv1-to-Conv3",
        "Conv1-to-Conv4",
        "Conv2-to-Conv3",
        "Conv2-to-Conv4",
        "Conv3-to-Conv4",
        "Conv4-to-FC1",
        "Conv5-to-FC1",
        "Conv1-to-FC1 add, Conv2-to-Conv4, Conv4-to-FC1 concat",
    ],
)
def test_allowed(check, skip: str):
    assert check(f"{CHAIN}\nSkip {skip}").found == []


@pytest.mark.parametrize(
    ("skip", "code", "where"),
    [
        ("FC1-to-Conv1", "skip-backwards", "Conv1"),
        ("Conv2-to-Conv2", "skip-backwards", "Conv2"),
        ("Conv4-to-Conv3", "skip-backwards", "Conv3"),
        ("Conv2-to-FC1", "skip-leaves-group", "Conv2"),
        ("Conv3-to-FC1", "skip-leaves-group", "Conv3"),
        ("Conv3-to-Conv5", "skip-leaves-group", "Conv3"),
        ("Conv7-to-FC1", "unknown-layer", "Conv7"),
        ("Conv1-to-fc1", "unknown-layer", "fc1"),
        ("Conv1-to-FC1 add, Conv1-to-FC1", "skip-twice", "Conv1-to-FC1"),
    ],
)
def test_not_allowed(check, skip: str, code: str, where: str):
    assert check(f"{CHAIN}\nSkip {skip}").found == [(code, where)]


def test_a_skip_out_of_two_groups_names_the_outer_one(check):
    one = check(f"{CHAIN}\nSkip Conv3-to-FC1").diagnostics[0]
    assert (one.times, one.last) == (3, "Conv4")


def test_a_skip_out_of_the_inner_group_names_the_inner_one(check):
    chain = CHAIN.replace(
        "Conv4(8,8,3x3/1)] repeated 2 times", "Conv4(8,8,3x3/1)] repeated 2 times - Conv9(8,8,3x3/1)"
    )
    one = check(f"{chain}\nSkip Conv3-to-Conv9").diagnostics[0]
    assert (one.times, one.last) == (2, "Conv4")


def test_a_mode_is_passed_on(check):
    skips = check(f"{CHAIN}\nSkip Input-to-Conv2 tile, Conv1-to-FC1").network.skips
    assert [(skip.origin, skip.target, skip.mode) for skip in skips] == [
        ("Input", "Conv2", "tile"),
        ("Conv1", "FC1", None),
    ]


def test_a_near_miss_is_mended(check):
    checked = check(f"{CHAIN}\nSkip CONV1-to-FC1")
    assert checked.mended.endswith("Skip Conv1-to-FC1")


def test_what_the_paper_prints_is_kept(check):
    network = check(f'{CHAIN}\nprinted FC1(2048,10) "Table III"\nprinted Conv1(3,64,5x5/1)').network
    assert [(one.layer.name, one.layer.inputs, one.reason) for one in network.printed] == [
        ("FC1", 2048, "Table III"),
        ("Conv1", 3, ""),
    ]


def test_guesses_at_what_was_meant_are_made_for_the_first_mistakes_alone(check):
    skips = ", ".join(f"CONV{number}-to-FC1" for number in [1] * 51)
    found = check(f"{CHAIN}\nSkip {skips}").diagnostics
    assert [one.near for one in found] == [("Conv1",)] * 50 + [()]
    assert found[-1].help_text() == "the layers are Input, Conv1, Conv2, Conv3, Conv4, Conv5, Conv6, FC1"
