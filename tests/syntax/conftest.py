"""Read a text, parsed and folded, with everything that was reported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from snnc.diagnostics import Diagnostic, Reporter, apply_fixes
from snnc.source import Source
from snnc.syntax.fold import fold
from snnc.syntax.parse import parse
from snnc.syntax.tree import Spec


@dataclass(frozen=True)
class Text:
    """What became of a text. ``written`` is the tree before folding."""

    source: Source
    written: Spec | None
    folded: Spec | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def codes(self) -> list[str]:
        return [one.code for one in self.diagnostics]

    @property
    def spec(self) -> Spec:
        assert not self.diagnostics, [one.title_text() for one in self.diagnostics]
        assert self.folded is not None
        return self.folded

    @property
    def fixed(self) -> str:
        return apply_fixes(self.source, self.diagnostics)


def read_text(text: str) -> Text:
    report = Reporter()
    source = Source("net.spec", text)
    written = parse(source, report)
    assert (written is None) == report.failed
    folded = None if written is None else fold(written, report)
    return Text(source, written, folded, report.diagnostics)


@pytest.fixture(scope="session")
def read() -> Callable[[str], Text]:
    return read_text
