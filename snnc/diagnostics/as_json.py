"""Diagnostics as plain data, for editors and scripts."""

from __future__ import annotations

from snnc.diagnostics.diagnostic import Diagnostic
from snnc.source import Span

Json = dict[str, object]


def to_json(diagnostic: Diagnostic) -> Json:
    """Return a diagnostic as a dictionary that JSON can hold.

    Lines and columns are 1-based, in characters; ``end_line`` and ``end_column`` are those of the place
    right behind the last character. Texts are as they were written: JSON escapes them.
    """
    fix = diagnostic.fix()
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "title": diagnostic.title_text(),
        "label": diagnostic.label_text(),
        "help": diagnostic.help_text(),
        **_place(diagnostic.span),
        "labels": [{"text": label.text, **_place(label.span)} for label in diagnostic.labels()],
        "fix": None if fix is None else {"replacement": fix.replacement, **_place(fix.span)},
    }


def _place(span: Span) -> Json:
    end_line, end_column = span.source.position(span.end)
    return {
        "file": span.source.name,
        "line": span.line,
        "column": span.column,
        "end_line": end_line,
        "end_column": end_column,
    }
