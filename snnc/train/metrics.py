"""What a run measured, as JSON lines, and as TensorBoard files where these are wanted.

A line depends on the recipe alone and never on the clock, so that a run taken up again writes the same file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from snnc.train.images import DataError

NAME = "metrics.jsonl"
Line = Mapping[str, object]


class Listener(Protocol):
    """Whoever wants to know how training goes: the terminal, TensorBoard, a notebook."""

    def started(self, step: int, steps: int, per_epoch: int) -> None:
        """Training starts, or goes on, with ``step`` of ``steps`` done."""

    def stepped(self, step: int, loss: float) -> None:
        """A step is done; ``loss`` is NaN where nothing is minimised."""

    def measured(self, line: Line) -> None:
        """A line was added to the metrics."""

    def told(self, message: str) -> None:
        """Something was decided that is worth knowing."""

    def warned(self, message: str) -> None:
        """Something deserves attention but does not stop the run."""

    def ended(self) -> None:
        """Training is over, for whatever reason."""


class Quiet:
    """Listens to nothing; also what other listeners start from."""

    def started(self, step: int, steps: int, per_epoch: int) -> None: ...

    def stepped(self, step: int, loss: float) -> None: ...

    def measured(self, line: Line) -> None: ...

    def told(self, message: str) -> None: ...

    def warned(self, message: str) -> None: ...

    def ended(self) -> None: ...


class Metrics:
    """The file of JSON lines of a run, cut back to what a checkpoint knows of."""

    def __init__(self, folder: Path, length: int) -> None:
        self._file = (folder / NAME).open("ab")
        self._file.truncate(length)
        self._file.seek(0, os.SEEK_END)

    def add(self, line: Line) -> None:
        """Write one line, which is on its way to the disk when this returns."""
        self._file.write(json.dumps(line).encode() + b"\n")
        self._file.flush()

    def secure(self) -> int:
        """Bring all lines to the disk and return the file's length."""
        os.fsync(self._file.fileno())
        return self._file.tell()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class TensorBoard(Quiet):
    """Writes what is measured for TensorBoard; needs the ``log`` extra."""

    def __init__(self, folder: Path) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter  # an extra
        except ImportError as error:
            raise DataError("TensorBoard is not installed: pip install 'snnc[log]'") from error

        self._folder, self._writer_class = folder, SummaryWriter
        self._writer: Any = None

    def started(self, step: int, steps: int, per_epoch: int) -> None:
        self._writer = self._writer_class(str(self._folder / "tensorboard"), purge_step=step)

    def measured(self, line: Line) -> None:
        kind = "epoch" if "epoch" in line else "step"
        for name, value in _flat(line):
            self._writer.add_scalar(f"{kind}/{name}", value, line["step"])

    def ended(self) -> None:
        if self._writer is not None:
            self._writer.close()


def _flat(line: Line) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    for name, value in line.items():
        if isinstance(value, Mapping):
            found += [(f"{name}/{inner}", number) for inner, number in value.items()]
        elif isinstance(value, int | float) and name != "step":
            found.append((name, value))
    return found
