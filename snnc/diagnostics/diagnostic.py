"""The classes behind every message: `Diagnostic`, `Reporter` and `CompileError`.

A mistake is a frozen dataclass. Its fields are the facts, its class variables the words; the
words are templates over the facts. How one looks on a terminal is the business of `render`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import ClassVar

from snnc.diagnostics.escape import escape
from snnc.source import Span


class Severity(StrEnum):
    """How bad it is: an error refuses the spec, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Label:
    """A remark at another place: where the other number came from."""

    span: Span
    text: str


@dataclass(frozen=True)
class Fix:
    """A mechanical repair: replace the span's text. `snnc check --fix` applies it."""

    span: Span
    replacement: str


@dataclass(frozen=True)
class Diagnostic:
    """One mistake at one place. Subclasses add the facts as fields and set the templates.

    ``code`` is stable and kebab-case; ``docs/diagnostics/<code>.md`` explains it. ``title``,
    ``label`` and ``help`` are `str.format` templates over the fields. A subclass's docstring
    shows what is allowed and what is not.
    """

    code: ClassVar[str]
    severity: ClassVar[Severity] = Severity.ERROR
    title: ClassVar[str]
    label: ClassVar[str] = ""
    help: ClassVar[str] = ""

    span: Span

    def fill(self, template: str) -> str:
        """Return a template with this diagnostic's facts filled in."""
        return template.format(**{f.name: getattr(self, f.name) for f in fields(self)})

    def title_text(self) -> str:
        """The one-line statement of what is wrong."""
        return self.fill(self.title)

    def label_text(self) -> str:
        """The words under the caret."""
        return self.fill(self.label)

    def help_text(self) -> str:
        """The way out; empty when there is nothing to add."""
        return self.fill(self.help)

    def labels(self) -> tuple[Label, ...]:
        """Secondary places, such as the layer that the other number came from."""
        return ()

    def fix(self) -> Fix | None:
        """The mechanical repair, where there is one."""
        return None


class CompileError(Exception):
    """The spec was refused. The only exception that a caller of snnc must catch."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        lines = (escape(f"{d.span}: {d.severity}[{d.code}]: {d.title_text()}") for d in diagnostics)
        super().__init__("\n".join(lines))
        self.diagnostics = diagnostics


class Reporter:
    """Collects the diagnostics of a stage, so that all its mistakes are told at once."""

    def __init__(self) -> None:
        self._found: dict[Diagnostic, None] = {}  # in the order of the reports

    def __call__(self, diagnostic: Diagnostic) -> None:
        """Take note of one mistake. The same mistake at the same place is kept once."""
        self._found[diagnostic] = None

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Everything reported so far, in the order of the text."""
        return tuple(sorted(self._found, key=lambda d: (d.span.source.name, d.span.start)))

    @property
    def failed(self) -> bool:
        """Whether an error, not only warnings, was reported."""
        return any(d.severity is Severity.ERROR for d in self._found)

    def stop_on_errors(self) -> None:
        """End a stage: raise `CompileError` with everything reported if any of it is an error."""
        if self.failed:
            raise CompileError(self.diagnostics)
