"""What compiling a spec has come to: accepted, refused, or not read at all."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import typer

from snnc.cli.specfile import STDIN, SpecFile, open_given
from snnc.cli.status import Status, reason
from snnc.cli.terminal import Color, colored, safe, say_json, tell
from snnc.diagnostics import CompileError, Diagnostic
from snnc.diagnostics.as_json import to_json
from snnc.diagnostics.render import render
from snnc.driver import Net, compile_source


@dataclass(frozen=True)
class Accepted:
    """A network, perhaps with warnings."""

    given: str
    spec: SpecFile
    net: Net

    status = Status.OK

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Warnings alone."""
        return self.net.warnings

    def as_json(self) -> dict[str, object]:
        return {"spec": self.given, "ok": True, "diagnostics": list(map(to_json, self.diagnostics))}


@dataclass(frozen=True)
class Refused:
    """Mistakes, at least one of them an error. Without ``spec`` it is no text that could be mended."""

    given: str
    spec: SpecFile | None
    diagnostics: tuple[Diagnostic, ...]

    status = Status.REFUSED

    def as_json(self) -> dict[str, object]:
        return {"spec": self.given, "ok": False, "diagnostics": list(map(to_json, self.diagnostics))}


@dataclass(frozen=True)
class Failed:
    """A file that could not be read or written; ``failure`` says why, in one line."""

    given: str
    failure: str

    status = Status.FAILED

    def as_json(self) -> dict[str, object]:
        return {"spec": self.given, "ok": False, "failure": self.failure, "diagnostics": []}


Verdict = Accepted | Refused | Failed


def judge(given: str) -> Verdict:
    """Compile a spec for both twins. Raises nothing that a spec or a file can cause."""
    try:
        return compiled(given, open_given(given))
    except CompileError as error:
        return Refused(given, None, error.diagnostics)
    except OSError as error:
        return Failed(given, reason(error))


def compiled(given: str, spec: SpecFile) -> Accepted | Refused:
    """Compile a spec that was read."""
    try:
        return Accepted(given, spec, compile_source(spec.source, spec.folder))
    except CompileError as error:
        return Refused(given, spec, error.diagnostics)


def accepted(given: Sequence[str], color: Color, *, as_json: bool = False) -> list[Accepted]:
    """Compile specs, each once however often it is named, and tell what is wrong with them.

    Raises `typer.Exit` unless every one is accepted.
    """
    verdicts = [judge(one) for one in dict.fromkeys(given)]
    if not as_json:
        report(verdicts, color)
    fine = [verdict for verdict in verdicts if isinstance(verdict, Accepted)]
    if len(fine) == len(verdicts):
        return fine
    if as_json:
        say_json({"specs": [verdict.as_json() for verdict in verdicts]})
    raise typer.Exit(worst(verdicts))


def report(verdicts: Iterable[Verdict], color: Color) -> None:
    """Tell on stderr what is wrong with the specs, an empty line between them."""
    found = (_text(verdict, colored=colored(color, sys.stderr)) for verdict in verdicts)
    tell("\n".join(text for text in found if text), end="")


def _text(verdict: Verdict, *, colored: bool) -> str:
    match verdict:
        case Failed():
            return f"snnc: {safe(verdict.failure)}\n"
        case Accepted() | Refused():
            return render(verdict.diagnostics, color=colored)


def worst(verdicts: Iterable[Verdict]) -> Status:
    """Return the exit code of several verdicts."""
    return max((verdict.status for verdict in verdicts), default=Status.OK)


def text_from_stdin(verdict: Verdict) -> str | None:
    """Return a spec's text where it came from stdin and was text: there is no file to write it to."""
    if verdict.given != STDIN or isinstance(verdict, Failed) or verdict.spec is None:
        return None
    return verdict.spec.source.text
