"""The form for editors and scripts: places as numbers, texts as they were written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import ClassVar

from snnc.diagnostics import Diagnostic, Fix, Label, to_json
from snnc.source import Source


@dataclass(frozen=True)
class Wrong(Diagnostic):
    code: ClassVar[str] = "wrong"
    title: ClassVar[str] = "wrong {what}"
    label: ClassVar[str] = "here"
    help: ClassVar[str] = "do it"

    what: str
    other: Label
    mend: Fix | None

    def labels(self) -> tuple[Label, ...]:
        return (self.other,)

    def fix(self) -> Fix | None:
        return self.mend


def test_every_fact_is_there():
    source = Source("a.spec", "Input\n - FC1(2048,\n10)\n")
    one = Wrong(
        source.span(9, 22), "\x1b", Label(source.span(0, 5), "the input"), Fix(source.span(13, 17), "1024")
    )
    assert json.loads(json.dumps(to_json(one))) == {
        "code": "wrong",
        "severity": "error",
        "title": "wrong \x1b",
        "label": "here",
        "help": "do it",
        "file": "a.spec",
        "line": 2,
        "column": 4,
        "end_line": 3,
        "end_column": 4,
        "labels": [
            {"text": "the input", "file": "a.spec", "line": 1, "column": 1, "end_line": 1, "end_column": 6}
        ],
        "fix": {
            "replacement": "1024",
            "file": "a.spec",
            "line": 2,
            "column": 8,
            "end_line": 2,
            "end_column": 12,
        },
    }


def test_no_fix_is_null():
    source = Source("a.spec", "x")
    assert to_json(Wrong(source.span(), "", Label(source.span(), ""), None))["fix"] is None
