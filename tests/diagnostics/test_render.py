"""What a diagnostic looks like: carets under the right characters, nothing raw, nothing endless."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnc.diagnostics import CompileError, Diagnostic, Fix, Label, Severity, render
from snnc.diagnostics.escape import escape, shorten
from snnc.diagnostics.render import LARGEST
from snnc.diagnostics.snippet import WIDTH
from snnc.source import Source, Span

SPEC = """network VGG7
input 3x32x32

Input - Conv1(3,64,3x3/1) - Pool(2x2/2)
 - Pool(2x2/2) - FC1(2048,512)
 - FC2(512,10)
"""


@dataclass(frozen=True)
class Wrong(Diagnostic):
    code: ClassVar[str] = "wrong"
    title: ClassVar[str] = "{what} is wrong"
    label: ClassVar[str] = "{here}"
    help: ClassVar[str] = "{way_out}"

    what: str = "this"
    here: str = "here"
    way_out: str = ""
    others: tuple[Label, ...] = ()
    mend: Fix | None = None

    def labels(self) -> tuple[Label, ...]:
        return self.others

    def fix(self) -> Fix | None:
        return self.mend


@dataclass(frozen=True)
class Doubtful(Wrong):
    code: ClassVar[str] = "doubtful"
    severity: ClassVar[Severity] = Severity.WARNING


def find(source: Source, text: str) -> Span:
    start = source.text.index(text)
    return source.span(start, start + len(text))


def under(report: str) -> list[str]:
    """Return what stands above each run of carets."""
    lines = report.splitlines()
    found = []
    for above, below in pairwise(lines):
        if "^" in below and below.lstrip().startswith("|"):
            start = below.index("^")
            end = start + len(below[start:]) - len(below[start:].lstrip("^"))
            found.append(above[start:end])
    return found


def test_a_report_says_what_where_and_how_to_mend_it(golden):
    spec = Source("vgg7.spec", SPEC)
    number = find(spec, "2048")
    one = Wrong(
        number,
        "the fan-in of FC1",
        "expected 1024",
        "64 maps of 4x4 arrive",
        (Label(find(spec, "Pool(2x2/2)\n - P"), "a pool"), Label(find(spec, "FC1"), "this layer")),
        Fix(number, "1024"),
    )
    golden(render((one,)), "golden/full.txt")


def test_labels_in_other_lines_and_files(golden):
    spec, other = Source("a.spec", SPEC), Source("blocks/b.spec", "input 72x16x16\nInput - FC1(3,4)\n")
    others = (
        Label(find(spec, "3x32x32"), "the input"),
        Label(find(spec, "Conv1"), "the layer before"),
        Label(find(other, "FC1"), "used here"),
        Label(find(other, "72"), "needs 72 channels"),
    )
    golden(render((Wrong(find(spec, "FC2"), others=others),)), "golden/places.txt")


def test_a_span_of_several_lines_shows_its_first_and_its_last(golden):
    spec = Source("a.spec", SPEC)
    golden(
        render((Wrong(find(spec, "Pool(2x2/2)\n - Pool(2x2/2) - FC1(2048,512)\n - FC2")),)),
        "golden/lines.txt",
    )


def test_errors_and_warnings_are_counted():
    spec = Source("a.spec", SPEC)
    fix = Fix(find(spec, "2048"), "1024")
    last = [
        render(found).splitlines()[-1]
        for found in (
            (Wrong(spec.span(0, 1)),),
            (Wrong(spec.span(0, 1), mend=fix),),
            (Wrong(spec.span(0, 1)), Wrong(spec.span(1, 2), mend=fix), Doubtful(spec.span(2, 3))),
            (Wrong(spec.span(0, 1), mend=fix), Wrong(spec.span(1, 2), mend=fix)),
            (Doubtful(spec.span(2, 3)),),
        )
    ]
    assert last == [
        "1 error",
        "1 error, mendable with `snnc check --fix`",
        "2 errors and 1 warning, 1 of them mendable with `snnc check --fix`",
        "2 errors, all of them mendable with `snnc check --fix`",
        "1 warning",
    ]


def test_no_diagnostics_make_no_report():
    assert render(()) == ""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("2048", "1024", 'replace "2048" by "1024"'),
        ("2048", "", 'remove "2048"'),
        ("", "- ", 'insert "-" at line 5'),
    ],
)
def test_a_fix_is_told_in_words(old: str, new: str, words: str):
    spec = Source("a.spec", SPEC)
    start = spec.text.index("2048")
    fix = Fix(spec.span(start, start + len(old)), new)
    assert f"= fix: {words}" in render((Wrong(spec.span(), mend=fix),))


def test_colours_change_nothing_but_the_colours():
    spec = Source("a.spec", SPEC)
    one = Wrong(find(spec, "2048"), way_out="do it", others=(Label(find(spec, "FC1"), "x"),))
    colored = render((one,), color=True)
    assert "\x1b[1;31m^^^^ here\x1b[0m" in colored
    assert "\x1b[1;33m" in render((Doubtful(find(spec, "2048")),), color=True)
    plain = colored
    for code in ("[0m", "[1m", "[1;31m", "[1;34m"):
        plain = plain.replace(f"\x1b{code}", "")
    assert plain == render((one,))


def test_a_tab_moves_the_carets_as_it_moves_the_text():
    spec = Source("a.spec", "\tInput -\tFC1(1,2)")
    assert under(render((Wrong(find(spec, "FC1")),))) == ["FC1"]


def test_a_place_at_the_end_of_the_text_has_a_caret():
    spec = Source("a.spec", "Input - \n")
    report = render((Wrong(spec.span(9, 9)),))
    assert "a.spec:2:1" in report
    assert "2 |\n  | ^ here" in report


@pytest.mark.parametrize(
    "character", ["\x1b", "\x00", "\r", "\u202e", "\u200b", "\u0663", "é", "\U0001f600", "\x9b", "\x7f"]
)
def test_what_a_user_wrote_is_never_shown_raw(character: str):
    evil = Source(f"{character}.spec", f"Input {character} Conv1")
    everywhere = Wrong(
        find(evil, "Conv1"),
        character,
        character,
        character,
        (Label(find(evil, character), character),),
        Fix(find(evil, character), character),
    )
    report = render((everywhere,))
    assert character not in report
    assert report.count(f"\\u{{{ord(character):x}}}") >= 6
    assert under(report) == ["Conv1"]
    assert character not in str(CompileError((everywhere,)))


def test_the_dashes_and_the_times_sign_of_the_tables_pass():
    assert escape("Input – Conv1(3,64,3×3/1) — x") == "Input – Conv1(3,64,3×3/1) — x"


def test_a_long_line_is_cut_around_its_mark():
    spec = Source("a.spec", " - ".join(f"Conv{i}(64,64,3x3/1)" for i in range(1, 900)))
    report = render((Wrong(find(spec, "Conv500")),))
    assert under(report) == ["Conv500"]
    assert all(len(line) <= WIDTH for line in report.splitlines())
    assert report.splitlines()[3].startswith("1 | ...")
    assert report.splitlines()[3].endswith("...")


def test_marks_far_apart_in_one_line_are_shown_one_by_one():
    spec = Source("a.spec", " - ".join(f"Conv{i}(64,64,3x3/1)" for i in range(1, 900)))
    report = render(
        (Wrong(find(spec, "Conv500"), others=(Label(find(spec, "Conv20("), "first listed here"),)),)
    )
    assert under(report) == ["Conv500"]
    assert report.count("\n1 | ...") == 2
    assert "first listed here" in report


def test_words_that_would_run_over_the_edge_hang_below():
    spec = Source("a.spec", "x" * 105 + "FC1")
    report = render((Wrong(find(spec, "FC1"), here="forty characters of words, give or take"),))
    assert all(len(line) <= WIDTH for line in report.splitlines())
    assert report.splitlines()[4].rstrip().endswith("^^^")


def test_a_report_keeps_to_its_size():
    spec = Source("a.spec", "Conv1\n" * 5000)
    found = tuple(
        Wrong(spec.span(6 * i, 6 * i + 5), "x" * 10_000, "y" * 10_000, "z" * 10_000) for i in range(5000)
    )
    report = render(found)
    assert len(report) <= LARGEST
    assert report.splitlines()[-1].startswith("5000 errors; the first ")


def test_a_label_too_many_is_left_out():
    spec = Source("a.spec", SPEC)
    others = tuple(Label(spec.span(i, i + 1), f"label {i}") for i in range(100))
    assert render((Wrong(find(spec, "FC2"), others=others),)).count("label ") == 6


def test_shortening_keeps_both_ends():
    assert shorten("a" * 50 + "b" * 50, 21) == "a" * 9 + "..." + "b" * 9
    assert shorten("abc", 3) == "abc"


TEXTS = st.text(st.one_of(st.characters(), st.sampled_from("\t\n -–×\x1b\u202e\u200b")), max_size=300)


@given(TEXTS, st.data())
def test_carets_stand_under_their_text_whatever_it_is(text: str, data: st.DataObject):
    source = Source("a.spec", text)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    other = data.draw(st.integers(0, len(text)))
    report = render((Wrong(source.span(start, end), others=(Label(source.span(other, other), "there"),)),))
    assert all(character == "\n" or " " <= character <= "~" or character in "–—×" for character in report)
    assert all(len(line) <= WIDTH for line in report.splitlines())
    shown = escape(text[start:end])
    if "\t" not in text and "\n" not in text and "\r" not in text and len(escape(text)) < 100 and shown:
        assert under(report) == [shown]
