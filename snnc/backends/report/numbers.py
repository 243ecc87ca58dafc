"""Numbers for people: thousands separated, energies in a fitting unit, four digits where that is enough.

An unknown number is a question mark: never zero, never empty.
"""

from __future__ import annotations

from fractions import Fraction

UNKNOWN = "?"
UNITS = ("pJ", "nJ", "µJ", "mJ", "J", "kJ")


def count_text(number: Fraction | int | None) -> str:
    """``60,494,848``; a number of operations that is no integer is rounded to one."""
    return UNKNOWN if number is None else f"{round(number):,}"


def rate_text(number: Fraction | int | None) -> str:
    """An activity: ``0.0868``, at four digits."""
    return UNKNOWN if number is None else f"{float(number):.4g}"


def times_text(number: Fraction | int | None) -> str:
    """A factor, as the paper prints it: ``14.75x``; small ones keep three digits."""
    if number is None:
        return UNKNOWN
    value = float(number)
    return f"{value:,.2f}x" if value >= 1 else f"{value:.3g}x"


def energy_text(picojoules: Fraction | int | None) -> str:
    """``193.6 µJ``: at four digits in the unit that fits."""
    if picojoules is None:
        return UNKNOWN
    value, unit = float(picojoules), 0
    while abs(value) >= 1000 and unit < len(UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.4g} {UNITS[unit]}"


def bytes_text(number: int | None) -> str:
    """``8.45 MiB``; below a KiB whole bytes."""
    if number is None:
        return UNKNOWN
    value, unit = float(number), 0
    units = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
    while value >= 1024 and unit < len(units) - 1:
        value, unit = value / 1024, unit + 1
    return f"{value:.4g} {units[unit]}"
