"""Repairs: apply the mechanical ones to the text they were found in."""

from __future__ import annotations

from collections.abc import Iterable

from snnc.diagnostics.diagnostic import Diagnostic, Fix
from snnc.source import Source


def apply_fixes(source: Source, diagnostics: Iterable[Diagnostic]) -> str:
    """Return a source's text with every fix applied that concerns it.

    Of fixes that overlap, the one that begins first counts; the others wait for the next run. Fixes of
    other sources are left alone.
    """
    text = source.text
    for fix in reversed(compatible(source, diagnostics)):
        text = text[: fix.span.start] + fix.replacement + text[fix.span.end :]
    return text


def compatible(source: Source, diagnostics: Iterable[Diagnostic]) -> list[Fix]:
    """Return the fixes of a source that can be applied together, in the order of the text."""
    fixes = {fix for one in diagnostics if (fix := one.fix()) is not None and fix.span.source == source}
    chosen: list[Fix] = []
    for fix in sorted(fixes, key=lambda fix: (fix.span.start, fix.span.end, fix.replacement)):
        if not chosen or _apart(chosen[-1], fix):
            chosen.append(fix)
    return chosen


def _apart(first: Fix, second: Fix) -> bool:
    """Whether the second begins behind the first; two insertions at one place are not apart."""
    return second.span.start >= first.span.end and second.span.start > first.span.start
