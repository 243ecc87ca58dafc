"""What can be wrong with a recipe, as diagnostics with a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from snnc.diagnostics import Diagnostic


@dataclass(frozen=True)
class RecipeSyntax(Diagnostic):
    """The recipe is no TOML, or an override on the command line is no ``key=value``.

    Allowed: ``epochs = 3``; ``--set optimiser.rate=1e-3``.
    Not allowed: ``epochs: 3``; ``--set optimiser.rate``.
    """

    code: ClassVar[str] = "recipe-syntax"
    title: ClassVar[str] = "this is no recipe: {reason}"
    label: ClassVar[str] = "here"
    help: ClassVar[str] = "a recipe is a TOML file; docs/training.md lists its entries"

    reason: str


@dataclass(frozen=True)
class RecipeKey(Diagnostic):
    """The recipe has an entry that no recipe has.

    Allowed: ``[optimiser]`` with ``rate = 1e-3``.
    Not allowed: ``[optimiser]`` with ``learning_speed = 1e-3``.
    """

    code: ClassVar[str] = "recipe-key"
    title: ClassVar[str] = "a recipe has no entry {key}"
    label: ClassVar[str] = "unknown"
    help: ClassVar[str] = "{near}"

    key: str
    near: str


@dataclass(frozen=True)
class RecipeValue(Diagnostic):
    """A recipe's entry has a value that it cannot have, or two entries contradict each other.

    Allowed: ``epochs = 3``; ``method = "agd"``.
    Not allowed: ``epochs = 0``; ``method = "magic"``.
    """

    code: ClassVar[str] = "recipe-value"
    title: ClassVar[str] = "{key}: {reason}"
    label: ClassVar[str] = "this value"
    help: ClassVar[str] = "docs/training.md lists the entries and what they may be"

    key: str
    reason: str


@dataclass(frozen=True)
class RecipeLacks(Diagnostic):
    """The recipe lacks an entry that has no default.

    Allowed: a recipe with ``spec``, ``method`` and ``epochs``.
    Not allowed: one without them, unless the command line gives them.
    """

    code: ClassVar[str] = "recipe-lacks"
    title: ClassVar[str] = "the recipe lacks {key}"
    help: ClassVar[str] = "write it into the recipe, or give it with --set {key}=..."

    key: str
