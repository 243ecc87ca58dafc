"""Mistakes that the grammar lets through: too long numbers, and what is said twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from snnc.diagnostics import Diagnostic, Label
from snnc.source import Span


@dataclass(frozen=True)
class NumberTooLong(Diagnostic):
    """A number that no layer has.

    Allowed: whole numbers of up to 7 digits; decimal numbers of up to 24 characters, below 1e308
    Not allowed: ``FC1(40960000,512)``, ``threshold=1e999``
    """

    code: ClassVar[str] = "number-too-long"
    title: ClassVar[str] = "a number of {characters} characters"
    label: ClassVar[str] = "too large to be meant"
    help: ClassVar[str] = (
        "whole numbers have at most 7 digits, decimal ones at most 24 characters and 308 zeros"
    )

    characters: int


@dataclass(frozen=True)
class RepeatedModifier(Diagnostic):
    """A neuron, BN or Dropout is repeated without the layer that it belongs to.

    Allowed: ``[Conv2(64,64,3x3/1) - LIF] repeated 2 times``, ``Conv2(64,64,3x3/1), LIF repeated 2 times``
    Not allowed: ``Conv2(64,64,3x3/1) - LIF repeated 2 times``
    """

    code: ClassVar[str] = "repeated-modifier"
    title: ClassVar[str] = "`{what}` alone cannot be repeated"
    label: ClassVar[str] = "belongs to the layer before it"
    help: ClassVar[str] = "put the layer and what belongs to it in brackets: `[X - {what}] repeated n times`"

    what: str


@dataclass(frozen=True)
class GivenTwice(Diagnostic):
    """A clause, an option or a constant is given a second time.

    Allowed: ``timesteps 25``
    Not allowed: ``timesteps 25`` and, elsewhere, ``timesteps 100``
    """

    code: ClassVar[str] = "given-twice"
    title: ClassVar[str] = "a second {what}"
    label: ClassVar[str] = "given again here"
    help: ClassVar[str] = "keep one of the two"

    what: str
    first: Span

    def labels(self) -> tuple[Label, ...]:
        return (Label(self.first, "first given here"),)
