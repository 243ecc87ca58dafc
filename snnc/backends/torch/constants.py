"""Constants in the printed module. Whatever is not the plain number or word it should be is refused."""

from __future__ import annotations

import math
from typing import get_args

from snnc.ir.ops import Keep, Reset

_WORDS = frozenset({*get_args(Reset), *get_args(Keep)})


def whole(value: int) -> str:
    """Return an integer's literal; `ValueError` for anything else."""
    if type(value) is not int:
        raise ValueError(f"{value!r} is no whole number")
    return repr(value)


def real(value: float) -> str:
    """Return a finite number's literal, which reads back as the same double; `ValueError` for others."""
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is no finite number")
    return repr(float(value))


def word(value: str) -> str:
    """Return one of the notation's option words in quotes; `ValueError` for others."""
    if value not in _WORDS:
        raise ValueError(f"{value!r} is no option that can be printed")
    return f'"{value}"'


def call(function: str, *arguments: str, **named: str) -> str:
    """Return a call's source."""
    return f"{function}({', '.join([*arguments, *(f'{name}={value}' for name, value in named.items())])})"
