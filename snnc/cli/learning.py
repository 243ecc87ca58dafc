"""What `train`, `evaluate` and `predict` share: what is shown while they work, and how they fail."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from snnc.cli.status import Status
from snnc.cli.terminal import Color, colored, safe, tell
from snnc.diagnostics import CompileError
from snnc.diagnostics.render import render
from snnc.train.metrics import Line, Listener, Quiet, TensorBoard

if TYPE_CHECKING:
    from snnc.train.artifact import Saved

SECONDS_BETWEEN_LINES = 30.0


@contextmanager
def guarded(color: Color) -> Iterator[None]:
    """Tell what was refused or went wrong inside, and leave with its exit code by `typer.Exit`."""
    try:
        yield
    except CompileError as error:
        tell(render(error.diagnostics, color=colored(color, sys.stderr)), end="")
        raise typer.Exit(Status.REFUSED) from error
    except Exception as error:
        status = _status(error)
        if status is None:
            raise
        tell(safe(f"snnc: {error}"))
        raise typer.Exit(status) from error


def opened(net: Path, timesteps: int | None) -> Saved:
    """Return a saved network, over another T where one is given. Raises what `artifact.load` raises."""
    from snnc.train import artifact

    saved = artifact.load(net, timesteps)
    if timesteps is not None and not saved.spikes:
        raise typer.BadParameter("an artificial network takes no time-steps", param_hint="--timesteps")
    return saved


def write_rates(
    net: Path,
    data: Path | None,
    file: Path,
    timesteps: int | None = None,
    *,
    limit: int = 128,
    seed: int = 1,
    device: str = "cpu",
) -> None:
    """Measure a saved spiking network's activity and write it for `snnc cost -a FILE`."""
    from snnc.analysis.activity import activity_text
    from snnc.cli.write import replace_file
    from snnc.train.observe import observe, saved
    from snnc.train.world import device_of

    network, module = saved(net, timesteps)
    found = observe(network, module.to(device_of(device)), data, limit=limit, seed=seed)
    replace_file(file, activity_text(found).encode())
    tell(safe(f"snnc: wrote {file}"))


def _status(error: Exception) -> Status | None:
    """Return the exit code of what is no fault of snnc; None for what is."""
    from snnc.convert.twins import UnfitError
    from snnc.train.artifact import MismatchError
    from snnc.train.evaluate import UnsuitedError
    from snnc.train.finite import NumericalStop
    from snnc.train.images import DataError
    from snnc.train.lock import LockedError
    from snnc.train.room import OutOfMemory
    from snnc.train.run import Interrupted, RunError
    from snnc.train.sealed import DamagedError
    from snnc.train.world import DeviceError

    match error:
        case NumericalStop() | OutOfMemory():
            return Status.DIVERGED
        case Interrupted():
            return Status.INTERRUPTED
        case DataError() | RunError() | LockedError() | DamagedError() | MismatchError() | UnsuitedError():
            return Status.REFUSED
        case DeviceError() | UnfitError():
            return Status.REFUSED
        case _:
            return None


def listeners(folder: Path, color: Color, *, tensorboard: bool) -> Listener:
    """Return who follows a run: a bar on a terminal, plain lines elsewhere, TensorBoard where wanted."""
    if int(os.environ.get("RANK", "0")):
        return Quiet()
    lively = sys.stderr.isatty() and color is not Color.NEVER
    shown: Listener = Bar(colored(color, sys.stderr)) if lively else Lines()
    return Several([shown, TensorBoard(folder)]) if tensorboard else shown


class Lines(Quiet):
    """Follows a run in plain lines on stderr: one for each epoch, and one now and then between."""

    def __init__(self) -> None:
        self._steps = 0
        self._said = monotonic()

    def started(self, step: int, steps: int, per_epoch: int) -> None:
        self._steps = steps
        if step:
            tell(f"goes on after step {step:,} of {steps:,}")

    def stepped(self, step: int, loss: float) -> None:
        if monotonic() - self._said > SECONDS_BETWEEN_LINES:
            self._said = monotonic()
            tell(": ".join(filter(None, [f"step {step:,} of {self._steps:,}", _loss_text(loss)])))

    def measured(self, line: Line) -> None:
        if text := line_text(line):
            self._said = monotonic()
            tell(safe(text))

    def told(self, message: str) -> None:
        tell(safe(message))

    def warned(self, message: str) -> None:
        tell(safe(f"warning: {message}"))


class Bar(Quiet):
    """Follows a run by a bar on a terminal, with a line above it for each epoch."""

    def __init__(self, colors: bool) -> None:
        console = Console(stderr=True, no_color=not colors, highlight=False, markup=False)
        loss = TextColumn("{task.fields[loss]}")
        self._progress = Progress(
            BarColumn(), MofNCompleteColumn(), loss, TimeRemainingColumn(), console=console
        )
        self._task = TaskID(0)

    def started(self, step: int, steps: int, per_epoch: int) -> None:
        self._task = self._progress.add_task("", total=steps, completed=step, loss="")
        self._progress.start()

    def stepped(self, step: int, loss: float) -> None:
        self._progress.update(self._task, completed=step, loss=_loss_text(loss))

    def measured(self, line: Line) -> None:
        if text := line_text(line):
            self._progress.console.print(safe(text))

    def told(self, message: str) -> None:
        self._progress.console.print(safe(message))

    def warned(self, message: str) -> None:
        self._progress.console.print(safe(f"warning: {message}"))

    def ended(self) -> None:
        self._progress.stop()


class Several(Quiet):
    """Passes what happens on to several listeners."""

    def __init__(self, listeners: list[Listener]) -> None:
        self._listeners = listeners

    def started(self, step: int, steps: int, per_epoch: int) -> None:
        for one in self._listeners:
            one.started(step, steps, per_epoch)

    def stepped(self, step: int, loss: float) -> None:
        for one in self._listeners:
            one.stepped(step, loss)

    def measured(self, line: Line) -> None:
        for one in self._listeners:
            one.measured(line)

    def told(self, message: str) -> None:
        for one in self._listeners:
            one.told(message)

    def warned(self, message: str) -> None:
        for one in self._listeners:
            one.warned(message)

    def ended(self) -> None:
        for one in self._listeners:
            one.ended()


def line_text(line: Line) -> str:
    """Return what is shown of a line of the metrics: those of epochs and of stages, not those of steps.

    ``epoch 3: loss 0.4339, accuracy 87.78%, rates Conv1 0.151 Conv2 0.222`` or
    ``Conv1: 250 images, change 0.0045, entropy 1.09, rates Conv1 0.105``
    """
    if "stage" in line:
        parts = [f"{line['stage']}: {line['images']:,} images"]
        parts.append(f"change {line['change']:.2g}, entropy {line['entropy']:.3g}")
    elif "epoch" in line:
        parts = [f"epoch {line['epoch']}: loss {line['loss']:.4f}"]
    else:
        return ""
    parts += [f"{name} {line[name]:.2%}" for name in ("validation", "accuracy") if name in line]
    rates = line.get("rates")
    if isinstance(rates, dict):
        parts.append("rates " + " ".join(f"{name} {rate:.3g}" for name, rate in rates.items()))
    return ", ".join(parts)


def _loss_text(loss: float) -> str:
    return "" if math.isnan(loss) else f"loss {loss:.4f}"


def pairs(settings: list[str]) -> dict[str, str]:
    """Return what ``--set`` options say, by key. Raises `typer.BadParameter` for one that says nothing."""
    found = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not key.strip():
            raise typer.BadParameter(f"{setting!r} is no KEY=VALUE", param_hint="--set")
        found[key.strip()] = value.strip()
    return found
