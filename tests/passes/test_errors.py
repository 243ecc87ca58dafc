"""Each mistake is told once, where it was made, with the way out; the example in its page shows it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from snnc.diagnostics import CompileError
from snnc.driver import loads

PAGES = Path(__file__).parents[2] / "docs" / "diagnostics"
CODES = [
    "channel-mismatch",
    "fan-in",
    "group-needs-keep",
    "group-resizes",
    "keep-impossible",
    "map-too-small",
    "needs-map",
    "skip-misfit",
    "skip-undecided",
    "stochmax-needs-fc",
]


def refused(text: str) -> CompileError:
    with pytest.raises(CompileError) as caught:
        loads(text)
    return caught.value


@pytest.mark.parametrize("code", CODES)
def test_the_pages_examples(code: str) -> None:
    wrong, right = re.findall(r"```spec\n(.*?)```", (PAGES / f"{code}.md").read_text(), re.DOTALL)
    assert [one.code for one in refused(wrong).diagnostics] == [code]
    loads(right)


@pytest.mark.parametrize("code", ["channel-mismatch", "fan-in", "group-resizes", "skip-undecided"])
def test_a_fix_mends_what_it_is_for(code: str) -> None:
    wrong = re.findall(r"```spec\n(.*?)```", (PAGES / f"{code}.md").read_text(), re.DOTALL)[0]
    (diagnostic,) = refused(wrong).diagnostics
    fix = diagnostic.fix()
    assert fix is not None
    loads(wrong[: fix.span.start] + fix.replacement + wrong[fix.span.end :])


def test_several_mistakes_are_told_at_once_each_at_its_own_token() -> None:
    text = (
        "input 3x8x8\nInput - Conv1(3,8,3x3/1) - Conv2(4,8,3x3/1) - Pool(2x2/2) - Pool(2x2/2)"
        " - FC1(64,16) - FC2(15,10)\n"
    )
    found = refused(text).diagnostics
    assert [(one.code, one.span.text) for one in found] == [
        ("channel-mismatch", "4"),
        ("fan-in", "64"),
        ("fan-in", "15"),
    ]


def test_a_wrong_fan_in_behind_a_concatenation_names_the_concatenated_width() -> None:
    text = "input 3x4x4\nInput - Conv1(3,8,3x3/1) - Conv2(8,8,3x3/1) - FC1(255,10)\nSkip Conv1-to-FC1\n"
    (found,) = refused(text).diagnostics
    assert (found.code, found.fix().replacement) == ("fan-in", "256")


def test_where_the_size_is_lost_nothing_more_is_asked() -> None:
    text = "input 3x4x4\nInput - Conv1(3,8,3x3/1) - [Conv2(8,8,3x3/2)] repeated 2 times - FC1(999,10)\n"
    assert [one.code for one in refused(text).diagnostics] == ["group-resizes"]
