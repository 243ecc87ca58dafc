"""The page that teaches the notation: every example is compiled, every wrong one refused as it says."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from snnc.diagnostics import CompileError, render
from snnc.driver import load
from snnc.source import Source
from snnc.source.data import data
from snnc.syntax.format import format as format_spec

PAGE = (Path(__file__).parents[2] / "docs" / "notation.md").read_text()


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, what is said of it, and its text."""

    language: str
    words: tuple[str, ...]
    text: str


BLOCKS = [
    Block(language, tuple(words.split()), text)
    for language, words, text in re.findall(r"^```(\w+)([^\n]*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
]
SPECS = [block for block in BLOCKS if block.language == "spec"]
RIGHT = [block.text for block in SPECS if block.words[:1] != ("wrong",)]
WRONG = [(set(block.words[1:]), block.text) for block in SPECS if block.words[:1] == ("wrong",)]
NEIGHBOURS = list(pairwise(BLOCKS))
SAME = [(one, two) for one, two in NEIGHBOURS if one.words == two.words == ("same",)]
FORMATTED = [(one, two) for one, two in NEIGHBOURS if two.words == ("formatted",)]
SHOWN = [(one, two) for one, two in NEIGHBOURS if two.language == "text"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the specs that an example may use."""
    folder = tmp_path_factory.mktemp("specs")
    for file in data("specs").iterdir():
        if file.name.endswith(".spec"):
            shutil.copy(str(file), folder)
    return folder


def codes(folder: Path, text: str) -> set[str]:
    file = folder / "example.spec"
    file.write_text(text)
    try:
        load(file)
    except CompileError as error:
        return {one.code for one in error.diagnostics}
    return set()


def test_the_page_has_its_examples():
    assert len(RIGHT) >= 20
    assert len(WRONG) > 8
    assert SAME
    assert FORMATTED
    assert SHOWN
    assert {word for block in SPECS for word in block.words[:1]} == {"wrong", "same", "formatted"}


@pytest.mark.parametrize("text", RIGHT)
def test_an_example_compiles(folder: Path, text: str):
    assert codes(folder, text) == set()


@pytest.mark.parametrize(("expected", "text"), WRONG)
def test_a_wrong_example_is_refused_with_what_it_names(folder: Path, expected: set[str], text: str):
    assert codes(folder, text) == expected


@pytest.mark.parametrize(("one", "two"), SAME)
def test_examples_that_are_called_the_same_are_one_tree(read, one: Block, two: Block):
    assert read(one.text).spec == read(two.text).spec


@pytest.mark.parametrize(("one", "two"), FORMATTED)
def test_a_formatted_example_is_what_format_writes(read, one: Block, two: Block):
    assert format_spec(read(one.text).spec) == two.text


@pytest.mark.parametrize(("spec", "shown"), SHOWN)
def test_the_message_shown_is_the_message_given(spec: Block, shown: Block):
    from snnc.diagnostics import Reporter
    from snnc.syntax.parse import parse

    report = Reporter()
    parse(Source("vgg3.spec", spec.text), report)
    assert shown.text in render(report.diagnostics)


def test_every_keyword_of_the_grammar_is_taught():
    from snnc.syntax.words import reserved

    taught = {word.lower() for word in re.findall(r"[A-Za-z]+", PAGE)}
    assert {word for word in reserved() if word not in taught} == set()
