"""The grammar itself: without conflicts, every mark named, every rule with its table."""

from __future__ import annotations

import logging
import re
import subprocess
import sys

import pytest
from lark import Lark, logger

from snnc.source.data import data
from snnc.syntax.grammar import grammar
from snnc.syntax.usage import name_of
from snnc.syntax.words import spell, words

TEXT = (data("grammar") / "topology.lark").read_text()


def test_the_grammar_has_no_conflicts(caplog: pytest.LogCaptureFixture):
    before = logger.level
    try:
        with caplog.at_level(logging.DEBUG, logger=logger.name):
            Lark(TEXT, parser="lalr", lexer="basic", debug=True)
    finally:
        logger.setLevel(before)
    assert "conflict" not in caplog.text.lower()


def test_a_conflict_would_be_noticed(caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.DEBUG, logger=logger.name):
        Lark('start: "if" start | "if" start "else" start | "x"', parser="lalr", debug=True)
    assert "conflict" in caplog.text.lower()


def test_every_mark_has_a_name():
    assert [one.name for one in grammar().terminals if one.name.startswith("__")] == []


def test_every_terminal_has_words_for_messages():
    names = {one.name: name_of(one.name) for one in grammar().terminals if one.name != "WS"}
    assert [terminal for terminal, name in names.items() if not name.strip("`")] == []


def test_every_rule_of_a_clause_or_layer_says_where_it_comes_from():
    """The rule, or the rules directly above it, follow a comment."""
    blocks = re.split(r"\n\n", TEXT.split("// ---- Clauses")[1].split("// ---- Words")[0])
    assert len(blocks) > 20
    for block in filter(None, blocks[1:]):
        if not block.startswith("// ----"):
            assert block.startswith("// "), block


def test_the_words_are_those_of_the_grammar():
    found = {word for several in words().values() for word in several}
    assert {"network", "backres", "relu", "stochmax", "globalpool", "conv", "fc", "threshold"} <= found
    assert len(found) >= 50
    assert {spell(word) for word in ("relu", "backres", "pad")} == {"ReLU", "BackRes", "pad"}


@pytest.mark.parametrize("seed", ["0", "1", "2"])
def test_messages_do_not_depend_on_the_hash_seed(seed: str):
    program = """
from snnc.diagnostics import Reporter, render
from snnc.source import Source
from snnc.syntax.parse import parse
report = Reporter()
parse(Source("x", "netwrok A\\nInput - Conv1(3 64,3x3,1) LIFF - ReLU/LF - (Conv2(1,2,3) - X, - FC"), report)
print(render(report.diagnostics))
"""
    answers = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": one, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for one in (seed, "99")
    }
    assert len(answers) == 1
    assert "unknown word" in answers.pop()
