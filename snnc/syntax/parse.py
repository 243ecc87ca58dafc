"""Parse: from text to tree. All mistakes of a file are reported, one message for each.

Nothing is asked here about what the text means: whether channels fit is a later stage's business.
"""

from __future__ import annotations

from dataclasses import replace

from lark import Token, Tree, UnexpectedToken

from snnc.diagnostics import Reporter
from snnc.source import Source
from snnc.syntax.build import build
from snnc.syntax.faults import tell
from snnc.syntax.grammar import END, derive, tokens
from snnc.syntax.mend import MOST_FAULTS, mend
from snnc.syntax.scan import Scanned, scan
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
    parsed = _derive(scanned, source, report)
    if parsed is None:
        return None
    return replace(build(parsed, source, report), comments=scanned.comments)


def _derive(scanned: Scanned, source: Source, report: Reporter) -> Tree[Token] | None:
    """Return the parse tree of a prepared text, mended where it does not parse; None if hopeless."""
    found = tokens(scanned.text)
    try:
        return derive(found)
    except UnexpectedToken:
        edits, mended = mend([*found, END])
    for edit in edits:
        if not edit.quiet and _readable(found[max(edit.at - 1, 0) : edit.at + 1], scanned):
            report(tell(edit, [*found, END], source))
    return derive(mended[:-1]) if len(edits) < MOST_FAULTS else None


def _readable(about: list[Token], scanned: Scanned) -> bool:
    """Whether a misfit token and the one before were read as written: else the fault is told already."""
    return not any(token.line in scanned.spoilt or token.start_pos in scanned.guessed for token in about)
