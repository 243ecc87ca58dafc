"""Mending a spec: apply the mechanical repairs, compile again, until there is none left to apply."""

from __future__ import annotations

from dataclasses import dataclass

from snnc.cli.status import reason
from snnc.cli.verdict import Accepted, Failed, Refused, Verdict, compiled, judge, text_from_stdin
from snnc.diagnostics.fixes import apply_fixes, compatible

MOST_ROUNDS = 50  # a repair may uncover the next stage's mistake, a few times


@dataclass(frozen=True)
class Repair:
    """What a spec has come to, and in how many places it was mended on the way."""

    verdict: Verdict
    places: int = 0


def mended(given: str) -> Repair:
    """Mend a spec and write it back where it is a file. Raises nothing that a spec or a file can cause."""
    first = judge(given)
    if isinstance(first, Failed):
        return Repair(first)
    last, places = _repaired(first)
    if not places or first.spec is None or last.spec is None or text_from_stdin(first) is not None:
        return Repair(last, places)
    try:
        first.spec.write(last.spec.source.text)
    except OSError as error:
        return Repair(Failed(given, reason(error)))
    return Repair(last, places)


def _repaired(verdict: Accepted | Refused) -> tuple[Accepted | Refused, int]:
    places = 0
    for _ in range(MOST_ROUNDS):
        if verdict.spec is None:
            break
        source = verdict.spec.source
        fixes = compatible(source, verdict.diagnostics)
        if not fixes:
            break
        places += len(fixes)
        verdict = compiled(verdict.given, verdict.spec.with_text(apply_fixes(source, verdict.diagnostics)))
    return verdict, places
