"""The tree of a text: what was written, and where."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from snnc.diagnostics import Reporter
from snnc.source import Source
from snnc.syntax.parse import parse
from snnc.syntax.tree import Spec, Tree

CASES = Path(__file__).parent / "cases"


def dump(node: object, indent: str = "") -> str:
    """Return a tree as text: a node a line, with its place and its values."""
    if isinstance(node, tuple):
        return "".join(dump(one, indent) for one in node)
    if not isinstance(node, Tree):
        return ""
    parts = {field.name: getattr(node, field.name) for field in fields(node) if field.name != "span"}
    plain = " ".join(
        f"{name}={value!r}" for name, value in parts.items() if isinstance(value, str | int | float)
    )
    place = (
        f"{node.span.line}:{node.span.column} {node.span.text.splitlines()[0][:40]!r}"
        if node.span.text
        else "-"
    )
    line = f"{indent}{type(node).__name__} {plain}".rstrip()
    below = "".join(dump(value, f"{indent}  ") for value in parts.values())
    return f"{line:50} {place}\n{below}"


@pytest.mark.parametrize("name", ["header", "layers", "neurons", "groups", "clauses", "row"])
def test_a_text_and_its_tree(golden, name: str):
    report = Reporter()
    spec = parse(Source(f"{name}.spec", (CASES / f"{name}.spec").read_text()), report)
    assert report.diagnostics == ()
    golden(dump(spec), CASES / f"{name}.txt")


def test_an_empty_text_is_an_empty_spec(read):
    assert read("").spec == Spec(span=Source("x", "").span())
    assert read("\n # nothing\n").spec.layers == ()


SAME = [
    "input 3x8x8 Input - Conv1(3,4,3x3/1) - Pool(2x2/2)",
    "INPUT 3X8x8\nINPUT-Conv1(3,4,3X3/1)-POOL(2x2/2)",
    "input 3 × 8×8\nInput – Conv1( 3 , 4 ,\n 3 x 3 / 1 ) — AvgPool(2x2/2)",
    "input 03x8x08\nInput -- Conv1(3,4,3x3/1) -   # a remark\n - Pool(2x2/2)",
    "Input - - Conv1(3,4,3x3/1)\n\t-\tPool(2x2/2)\ninput 3x8x8",
    "\ufeffinput 3x8x8\r\nInput - **Conv1**(3,4,3x3/1)\r\n - <B>Pool(2x2/2)</B>\r\n",
    "input\t3x8x8\nInput\t-\tConv1(3,4,3x3/1)\t-\tPool(2x2/2)",
]


@pytest.mark.parametrize("text", SAME[1:])
def test_case_blanks_dashes_and_marks_mean_nothing(read, text: str):
    assert read(text).spec == read(SAME[0]).spec


def test_names_are_kept_as_they_are_written(read):
    spec = read("network aB_1\nInput - conv01(3,4,3x3/1)\nSkip Input-to-conv01").spec
    assert spec.name.value == "aB_1"
    assert spec.layers[0].name.value == "conv01"
    assert spec.skips[0].origin.value == "Input"


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.5", 0.5), ("1.", 1.0), (".25", 0.25), ("1e-3", 0.001), ("2.5E+2", 250.0), ("1", 1), ("007", 7)],
)
def test_numbers(read, text: str, value: float):
    read_value = read(f"Input - FC1(4,2) - Dropout({text})").spec.layers[1].probability.value
    assert read_value == value
    assert type(read_value) is type(value)


def test_a_quoted_text_and_a_comment_may_hold_anything_that_can_be_seen(read):
    spec = read('printed FC1(4,2) "# not – a · comment ü"  # «ä» "').spec
    assert spec.printed[0].reason.value == "# not – a · comment ü"
    assert [comment.text for comment in spec.comments] == ['«ä» "']


def test_parse_reports_what_others_reported_apart(read):
    report = Reporter()
    source = Source("x", "netwrok A")
    assert parse(source, report) is None
    assert parse(Source("y", "network A"), report) is not None
