"""Every kind of mistake is explained, and every explanation is true."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from inspect import getdoc
from pathlib import Path
from string import Formatter
from typing import ClassVar

import pytest

from snnc.diagnostics import CompileError, Diagnostic, render
from snnc.diagnostics import catalogue as module
from snnc.diagnostics.catalogue import catalogue, explain
from snnc.driver import loads

DOCS = Path(__file__).parents[2] / "docs" / "diagnostics"
KINDS = catalogue()
EXAMPLE = re.compile(r"^(Wrong|Right):\n\n```spec\n(.*?)```", re.MULTILINE | re.DOTALL)


def documented(folder: Path) -> set[str]:
    return {file.stem for file in folder.iterdir()}


def examples(word: str) -> list[tuple[str, str]]:
    return [
        (code, text)
        for code in sorted(documented(DOCS))
        for kind, text in EXAMPLE.findall((DOCS / f"{code}.md").read_text())
        if kind == word
    ]


def diagnosed(text: str) -> tuple[Diagnostic, ...]:
    """Return what compiling a text reports; the stages behind the one that refuses it are not asked."""
    try:
        loads(text)
    except CompileError as error:
        return error.diagnostics
    return ()


def test_every_code_has_its_page_and_every_page_its_code():
    assert documented(DOCS) == set(KINDS)


def test_a_page_too_few_or_too_many_is_noticed(tmp_path: Path):
    for code in (*KINDS, "no-such-code"):
        (tmp_path / f"{code}.md").touch()
    (tmp_path / "fan-in.md").unlink()
    assert documented(tmp_path) ^ set(KINDS) == {"fan-in", "no-such-code"}


@pytest.mark.parametrize("code", KINDS)
def test_a_code_is_kebab_case(code: str):
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)


@pytest.mark.parametrize("code", KINDS)
def test_a_page_begins_with_its_code_and_one_sentence(code: str):
    title, empty, sentence, *_ = explain(code).splitlines()
    assert (title, empty) == (f"# {code}", "")
    assert re.fullmatch(r"[A-Z].*\.", sentence)


@pytest.mark.parametrize("kind", KINDS.values())
def test_a_kind_shows_what_is_allowed_and_what_is_not(kind: type[Diagnostic]):
    text = getdoc(kind) or ""
    assert "Allowed:" in text
    assert "Not allowed:" in text or "not both" in text


@pytest.mark.parametrize("kind", KINDS.values())
def test_templates_speak_of_facts_that_there_are(kind: type[Diagnostic]):
    facts = {field.name for field in fields(kind)}
    for name, template in (("title", kind.title), ("label", kind.label), ("help", kind.help)):
        used = {field for _, field, _, _ in Formatter().parse(template) if field}
        overridden = f"{name}_text" in vars(kind)
        assert overridden or used <= facts


@dataclass(frozen=True)
class SameCode(Diagnostic):
    code: ClassVar[str] = "fan-in"
    title: ClassVar[str] = ""


def test_two_kinds_with_one_code_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_kinds", lambda: iter([KINDS["fan-in"], SameCode]))
    with pytest.raises(ValueError, match="SameCode and FanIn share the code fan-in"):
        catalogue()


@pytest.mark.parametrize(("code", "text"), examples("Wrong"))
def test_what_a_page_calls_wrong_is_refused_with_its_code_alone(code: str, text: str):
    found = diagnosed(text)
    assert {one.code for one in found} == {code}, render(found)


@pytest.mark.parametrize(("code", "text"), examples("Right"))
def test_what_a_page_calls_right_is_accepted(code: str, text: str):
    assert diagnosed(text) == ()


def test_most_pages_have_examples_that_run():
    shown = {code for code, _ in examples("Wrong")} & {code for code, _ in examples("Right")}
    assert len(shown) > 0.5 * len(KINDS)


def test_an_unknown_code_is_refused_with_the_one_that_was_meant():
    with pytest.raises(LookupError, match="did you mean fan-in"):
        explain("fanin")
    with pytest.raises(LookupError, match=r"has this code$"):
        explain("../index")
