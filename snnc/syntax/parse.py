"""Parse: from text to tree. All mistakes of a file are reported, one message for each.

Nothing is asked here about what the text means: whether channels fit is a later stage's business.
"""

from __future__ import annotations

from dataclasses import replace

from lark import UnexpectedToken

from snnc.diagnostics import Reporter
from snnc.source import Source
from snnc.syntax.build import build
from snnc.syntax.errors import Unexpected
from snnc.syntax.grammar import derive, tokens
from snnc.syntax.scan import scan
from snnc.syntax.tree import Spec


def parse(source: Source, report: Reporter) -> Spec | None:
    """Return the tree of a text; None when mistakes were reported."""
    mistakes = Reporter()
    spec = _parse(source, mistakes)
    for mistake in mistakes.diagnostics:
        report(mistake)
    return None if mistakes.failed else spec


def _parse(source: Source, report: Reporter) -> Spec | None:
    scanned = scan(source, report)
    if scanned is None:
        return None
    try:
        parsed = derive(tokens(scanned.text))
    except UnexpectedToken as e:
        start = len(source.text) if e.token.start_pos is None else e.token.start_pos
        report(Unexpected(source.span(start, e.token.end_pos), ", ".join(sorted(e.expected)), e.token))
        return None
    return replace(build(parsed, source, report), comments=scanned.comments)
