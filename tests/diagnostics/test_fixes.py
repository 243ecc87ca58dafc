"""Repairs: all that fit together, none twice, none in another text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hypothesis import given
from hypothesis import strategies as st

from snnc.diagnostics import Diagnostic, Fix, apply_fixes
from snnc.source import Source


@dataclass(frozen=True)
class Wrong(Diagnostic):
    code: ClassVar[str] = "wrong"
    title: ClassVar[str] = "wrong"

    mend: Fix | None = None

    def fix(self) -> Fix | None:
        return self.mend


def mended(text: str, *repairs: tuple[int, int, str]) -> str:
    source = Source("a.spec", text)
    found = [Wrong(source.span(), Fix(source.span(start, end), new)) for start, end, new in repairs]
    return apply_fixes(source, found)


def test_fixes_are_applied_wherever_they_stand():
    assert mended("FC1(2048,512) FC2(512,9)", (22, 23, "10"), (4, 8, "1024")) == "FC1(1024,512) FC2(512,10)"


def test_without_fixes_the_text_stays():
    source = Source("a.spec", "FC1")
    assert apply_fixes(source, [Wrong(source.span())]) == "FC1"


def test_a_fix_that_two_mistakes_share_is_applied_once():
    assert mended("abc", (1, 2, "xy"), (1, 2, "xy")) == "axyc"


def test_of_fixes_that_overlap_the_first_counts():
    assert mended("abcdef", (3, 5, "Y"), (1, 4, "X")) == "aXef"


def test_of_two_insertions_at_one_place_one_counts():
    assert mended("ab", (1, 1, "x"), (1, 1, "y")) == "axb"


def test_fixes_side_by_side_do_not_overlap():
    assert mended("abcd", (0, 2, "x"), (2, 4, "y")) == "xy"


def test_a_fix_of_another_file_is_left_alone():
    a, b = Source("a.spec", "one"), Source("b.spec", "one")
    assert apply_fixes(a, [Wrong(a.span(), Fix(b.span(), "two"))]) == "one"


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.sampled_from(["", "x", "yz"]))))
def test_a_fixed_text_is_the_old_one_with_some_ranges_replaced(ranges: list[tuple[int, int, str]]):
    text = "abcdefghijklmnopqrst"
    repairs = [(min(a, b), max(a, b), new) for a, b, new in ranges]
    kept = set(mended(text, *repairs)) & set(text)
    touched = {i for start, end, _ in repairs for i in range(start, end)}
    assert {text[i] for i in range(20) if i not in touched} <= kept
