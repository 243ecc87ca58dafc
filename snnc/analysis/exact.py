"""Exact numbers from text: what a user writes as 0.1 is one tenth, and nothing overflows.

Refuses what is not a finite decimal of a sensible size, so that ``1e999999999`` costs no memory.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction

LARGEST_EXPONENT = 60


def exact(text: str | float) -> Fraction:
    """Return a decimal as a fraction. Raises `ValueError` for anything else."""
    try:
        number = Decimal(str(text).strip())
    except InvalidOperation:
        raise ValueError(f"{str(text)[:40]!r} is no number") from None
    if not number.is_finite():
        raise ValueError(f"{str(text)[:40]!r} is no finite number")
    if number and abs(number.adjusted()) > LARGEST_EXPONENT:
        raise ValueError(f"{str(text)[:40]!r} is out of range")
    return Fraction(number)


def plain(number: Fraction | int | None) -> int | float | None:
    """Return a number for JSON: an integer where it is one, the nearest float otherwise."""
    if number is None:
        return None
    number = Fraction(number)
    return number.numerator if number.denominator == 1 else float(number)
