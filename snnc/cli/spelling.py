"""A spec in its one spelling, and the proof that it says the same."""

from __future__ import annotations

from dataclasses import dataclass

from snnc.cli.specfile import STDIN, SpecFile, open_given
from snnc.cli.status import Status, reason
from snnc.cli.verdict import Failed, Refused
from snnc.diagnostics import CompileError, Reporter
from snnc.source import Source
from snnc.syntax import tree
from snnc.syntax.fold import fold
from snnc.syntax.format import format as format_spec
from snnc.syntax.parse import parse


@dataclass(frozen=True)
class Spelled:
    """A spec's text as it should be, and as it was."""

    given: str
    spec: SpecFile
    text: str

    status = Status.OK

    @property
    def changed(self) -> bool:
        """Whether it was spelled otherwise."""
        return self.text != self.spec.source.text

    @property
    def in_place(self) -> bool:
        """Whether there is a file to rewrite."""
        return self.given != STDIN

    def as_json(self) -> dict[str, object]:
        """Return the answer as JSON can hold it."""
        return {"spec": self.given, "ok": True, "changed": self.changed, "text": self.text, "diagnostics": []}


def spelled(given: str, *, write: bool) -> Spelled | Refused | Failed:
    """Spell a spec, and with ``write`` rewrite its file. Raises nothing that a spec or a file can cause."""
    try:
        spec = open_given(given)
        answer = Spelled(given, spec, _respelled(spec.source))
        if write and answer.changed and answer.in_place:
            spec.write(answer.text)
    except CompileError as error:
        return Refused(given, None, error.diagnostics)
    except OSError as error:
        return Failed(given, reason(error))
    return answer


def _respelled(source: Source) -> str:
    meaning = _folded(source)
    text = format_spec(meaning)
    if not _says(text, meaning):
        raise AssertionError(f"the new spelling of {source.name} says something else")
    return text


def _says(text: str, meaning: tree.Spec) -> bool:
    try:
        return _folded(Source("the new spelling", text)) == meaning
    except CompileError:
        return False


def _folded(source: Source) -> tree.Spec:
    report = Reporter()
    spec = parse(source, report)
    folded = fold(spec, report) if spec is not None and not report.failed else None
    report.stop_on_errors()
    if folded is None:
        raise AssertionError(f"{source.name} gave neither a tree nor a diagnostic")
    return folded
