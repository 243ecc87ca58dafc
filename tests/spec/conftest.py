"""Validate a text: parsed, folded, and its `use` clauses answered from a dictionary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from snnc.diagnostics import Diagnostic, Reporter, apply_fixes
from snnc.source import Source
from snnc.spec import model
from snnc.spec.validate import validate
from snnc.syntax import tree
from snnc.syntax.fold import fold
from snnc.syntax.parse import parse


@dataclass(frozen=True)
class Checked:
    """What validation made of a text."""

    source: Source
    network: model.Network | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def found(self) -> list[tuple[str, str]]:
        """The code and the text under the carets of each mistake."""
        return [(one.code, one.span.text) for one in self.diagnostics]

    @property
    def mended(self) -> str:
        return apply_fixes(self.source, self.diagnostics)


Check = Callable[..., Checked]


@pytest.fixture
def check() -> Check:
    """Check a text; without an `input` line of its own it gets one of CIFAR-10's size, unless ``raw``."""

    def run(
        text: str, used: dict[str, str] | None = None, *, name: str = "net.spec", raw: bool = False
    ) -> Checked:
        whole = text if raw or "input" in text else f"input 3x32x32\n{text}"
        return validated(Source(name, whole), used or {})

    return run


def validated(source: Source, used: dict[str, str]) -> Checked:
    report = Reporter()

    def load(use: tree.Use) -> model.Network | None:
        if use.path.value not in used:
            return None
        inner = validated(Source(use.path.value, used[use.path.value]), used)
        for one in inner.diagnostics:
            report(one)
        return inner.network

    spec = parse(source, report)
    assert spec is not None, report.diagnostics
    folded = fold(spec, report)
    report.stop_on_errors()
    return Checked(source, validate(folded, report, load), report.diagnostics)
