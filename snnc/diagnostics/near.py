"""Near misses: the known names that a wrong one may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

MOST = 500  # names that are compared letter by letter: it takes time, and beyond that a guess is a guess


def closest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return up to three known names like ``name``, best first.

    One that differs in case alone stands alone.
    """
    names = tuple(known)
    same = tuple(one for one in names if one.lower() == name.lower())
    return same[:1] or tuple(get_close_matches(name, names[:MOST], n=3, cutoff=0.75))
