"""The grammar itself: without conflicts, every mark named, every rule with its table."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
from pathlib import Path

import pytest
from lark import Lark, logger

from snnc.diagnostics import Reporter
from snnc.source import Source
from snnc.source.data import data
from snnc.syntax.grammar import TABLES, built, derive, fingerprint, grammar, tables
from snnc.syntax.scan import scan
from snnc.syntax.usage import name_of
from snnc.syntax.words import spell, words

TEXT = (data("grammar") / "topology.lark").read_text()


def test_the_tables_are_those_of_the_grammar(request: pytest.FixtureRequest):
    """Lark numbers its states anew each time, so they are rewritten when the grammar or Lark is another."""
    file = Path(str(data("grammar") / TABLES))
    if request.config.getoption("--update-golden") and json.loads(file.read_bytes())["of"] != fingerprint(
        TEXT
    ):
        file.write_text(tables(TEXT))
    assert json.loads(file.read_bytes())["of"] == fingerprint(TEXT), "`make golden` writes them"


def test_kept_tables_read_like_built_ones():
    kept, anew = grammar(), built(TEXT)
    assert kept.source_path == "<deserialized>"
    assert [str(one) for one in kept.terminals] == [str(one) for one in anew.terminals]
    for name in ("resnet2x2", "vgg8x2", "vgg5"):
        scanned = scan(Source("net.spec", (data("specs") / f"{name}.spec").read_text()), Reporter())
        assert list(kept.lex(scanned.text)) == list(anew.lex(scanned.text))
        assert derive(list(kept.lex(scanned.text))) == anew.parse(scanned.text)


def test_tables_of_another_grammar_are_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "topology.lark").write_text(TEXT + "// another\n")
    (tmp_path / TABLES).write_text(tables(TEXT))
    monkeypatch.setattr("snnc.syntax.grammar.data", lambda _folder: tmp_path)
    assert grammar.__wrapped__().source_path != "<deserialized>"
    (tmp_path / TABLES).unlink()
    assert grammar.__wrapped__().source_path != "<deserialized>"


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
