"""Parse: from text to tree. All mistakes of a file are reported, one message for each.

Nothing is asked here about what the text means: whether channels fit is a later stage's business.
"""

from __future__ import annotations

from dataclasses import replace

from lark import Token, UnexpectedToken

from snnc.diagnostics import Reporter
from snnc.source import Source
from snnc.syntax.build import MOST_ITEMS, build
from snnc.syntax.errors.clauses import GivenTwice
from snnc.syntax.errors.text import TooLarge
from snnc.syntax.grammar import END, derive, tokens
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
    found = tokens(scanned.text)
    joints = sum(token.type == "_SEP" for token in found)
    if joints > MOST_ITEMS:
        report(TooLarge(source.span(0, 0), f"{joints:,} dashes", f"{MOST_ITEMS:,}"))
        return None
    try:
        parsed = derive(found)
    except UnexpectedToken:
        _mend(found, scanned, source, report)
        return None
    return replace(build(parsed, source, report), comments=scanned.comments)


def _mend(found: list[Token], scanned: Scanned, source: Source, report: Reporter) -> None:
    """Report the faults of a text that does not parse, and what is wrong with the rest of it.

    NOTE: what this takes is imported here, since most texts are right.
    """
    from snnc.syntax.faults import tell
    from snnc.syntax.mend import MOST_FAULTS, mend

    edits, mended = mend([*found, END])
    if len(edits) < MOST_FAULTS:
        _check(mended[:-1], source, report)
    told = scanned.guessed | {mistake.span.start for mistake in report.diagnostics}
    for edit in edits:
        about = found[max(edit.at - 1, 0) : edit.at + 1]
        known = any(one.line in scanned.spoilt or one.start_pos in told for one in about)
        if not (edit.quiet or known):
            report(tell(edit, [*found, END], source))
    if not report.failed:
        report(tell(edits[0], [*found, END], source))


def _check(mended: list[Token], source: Source, report: Reporter) -> None:
    """Report what is wrong with mended tokens besides, such as numbers that are too long."""
    rest = Reporter()
    build(derive(_placed(mended)), source, rest)
    for mistake in rest.diagnostics:
        made_up = mistake.span.start == mistake.span.end  # it stands at what the mending put in
        if not made_up and not isinstance(mistake, GivenTwice):  # perhaps also the mending's
            report(mistake)


def _placed(mended: list[Token]) -> list[Token]:
    """Return the tokens with a place for those that were put in: nothing, behind the one before."""
    placed: list[Token] = []
    end = 0
    for token in mended:
        if token.start_pos is None:
            placed.append(Token(token.type, str(token), start_pos=end, end_pos=end))
        else:
            placed.append(token)
            end = token.end_pos or end
    return placed
