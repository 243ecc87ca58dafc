"""Formatting: one text for a tree, with every comment still beside what it speaks of."""

from __future__ import annotations

from pathlib import Path

import pytest

from snnc.source.data import data
from snnc.syntax.format import format as format_spec

CASES = Path(__file__).parent / "cases"
ROWS = (Path(__file__).parents[1] / "paper" / "rows.txt").read_text().splitlines(keepends=True)
SPECS = sorted(file.name for file in data("specs").iterdir() if file.name.endswith(".spec"))


def formatted(read, text: str) -> str:
    folded = read(text).folded
    assert folded is not None
    return format_spec(folded)


@pytest.mark.parametrize("name", ["long", "nested", "comments", "reordered"])
def test_a_text_and_its_format(read, golden, name: str):
    golden(formatted(read, (CASES / f"{name}.spec").read_text()), CASES / f"{name}_formatted.spec")


@pytest.mark.parametrize("name", ["long", "nested", "comments", "reordered"])
def test_formatting_twice_changes_nothing(read, name: str):
    once = formatted(read, (CASES / f"{name}.spec").read_text())
    assert formatted(read, once) == once
    assert read(once).written == read((CASES / f"{name}.spec").read_text()).folded


@pytest.mark.parametrize("name", SPECS)
def test_the_specs_of_the_paper_are_as_format_writes_them(read, name: str):
    text = (data("specs") / name).read_text()
    assert formatted(read, text) == text


@pytest.mark.parametrize("row", ROWS, ids=[row.split()[0] for row in ROWS])
def test_a_row_is_written_in_clauses(read, row: str):
    text = formatted(read, "input 3x32x32\n" + row)
    assert formatted(read, text) == text
    assert read(text).written == read("input 3x32x32\n" + row).folded
    assert "\t" not in text
    assert max(map(len, text.splitlines())) <= 110


def test_every_comment_stays(read):
    text = (CASES / "comments.spec").read_text()
    words = [comment.text for comment in read(text).spec.comments]
    assert len(words) > 15
    assert sorted(comment.text for comment in read(formatted(read, text)).spec.comments) == sorted(words)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("# alone", "# alone\n"),
        ("\n\n# alone\n\n\n# and another\n\n", "# alone\n\n# and another\n"),
        ("classify softmax # here", "classify softmax  # here\n"),
        ("network A", "network A\n"),
        ("Input-FC1(4,2)", "Input - FC1(4,2)\n"),
        ("use 'a'".replace("'", '"') + " as B", 'use "a" as B\n'),
    ],
)
def test_small_texts(read, text: str, expected: str):
    assert formatted(read, text) == expected


def test_a_clause_that_is_not_folded_yet_is_written_too(read):
    text = "Input - FC1(4,4)\nBackRes [FC1] repeated 2 times keep top"
    assert format_spec(read(text).written) == text.replace("\n", "\n\n") + "\n"


def test_long_lists_are_wrapped(read):
    skips = ", ".join(f"Conv{n}-to-Conv{n + 2}" for n in range(1, 30))
    lines = formatted(read, f"Skip {skips}").splitlines()
    assert len(lines) > 3
    assert all(line.startswith("Skip ") and len(line) <= 100 for line in lines)
