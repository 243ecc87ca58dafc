"""What ``snnc convert`` shows while it works, how it fails, and the files that its ledger goes to."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from snnc.cli import learning
from snnc.cli.terminal import Color, colored, safe, tell
from snnc.diagnostics import Diagnostic
from snnc.diagnostics.render import render

if TYPE_CHECKING:
    from snnc.convert.ledger import Ledger
    from snnc.convert.run import Listener
    from snnc.ir.ids import StateId

SECONDS_BETWEEN_LINES = 30.0


@contextmanager
def guarded(color: Color) -> Iterator[None]:
    """Tell what was refused or went wrong inside; what Ctrl-C stops can be taken up again."""
    with learning.guarded(color):
        try:
            yield
        except KeyboardInterrupt:
            tell("snnc: interrupted; --resume goes on from there")
            raise


def follower(color: Color) -> Listener:
    """Return who follows a conversion: a bar on a terminal, plain lines elsewhere."""
    lively = sys.stderr.isatty() and color is not Color.NEVER
    return Bar(color) if lively else Lines(color)


class Lines:
    """Follows a conversion in plain lines on stderr: each threshold, and now and then how far it is."""

    def __init__(self, color: Color) -> None:
        self._color = color
        self._said = monotonic()

    def warned(self, diagnostic: Diagnostic) -> None:
        tell(render((diagnostic,), color=colored(self._color, sys.stderr)), end="")

    def advanced(self, what: str, done: int, whole: int) -> None:
        if monotonic() - self._said > SECONDS_BETWEEN_LINES:
            self._said = monotonic()
            tell(safe(f"{what}: {done:,} of {whole:,}"))

    def found(self, state: StateId, threshold: float) -> None:
        tell(safe(f"{state}: threshold {threshold:.5g}"))

    def ended(self) -> None: ...


class Bar(Lines):
    """Follows a conversion by a bar on a terminal, with a line above it for each threshold."""

    def __init__(self, color: Color) -> None:
        super().__init__(color)
        plain = not colored(color, sys.stderr)
        console = Console(stderr=True, no_color=plain, highlight=False, markup=False)
        parts = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._progress = Progress(*parts, console=console, transient=True)
        self._task: TaskID | None = None
        self._what = ""

    def advanced(self, what: str, done: int, whole: int) -> None:
        if self._task is None or what != self._what:
            self._begin(what, whole)
        if self._task is not None:
            self._progress.update(self._task, completed=done)

    def found(self, state: StateId, threshold: float) -> None:
        self._progress.console.print(safe(f"{state}: threshold {threshold:.5g}"))

    def ended(self) -> None:
        self._progress.stop()

    def _begin(self, what: str, whole: int) -> None:
        self._progress.start()
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._what, self._task = what, self._progress.add_task(what, total=whole)


def write_reports(paths: list[Path], ledger: Ledger) -> None:
    """Write a ledger to files, each in the form that its name ends in. Raises `OSError`."""
    from snnc.backends.report.conversion import ledger_text
    from snnc.cli.write import write_files

    if paths:
        found = ledger.as_json()
        write_files({path: ledger_text(found, path.suffix.lower()).encode() for path in paths})
        for path in paths:
            tell(safe(f"snnc: wrote {path}"))
