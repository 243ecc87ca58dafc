"""A conversion in its folder: started, taken up again, ended.

conversion.safetensors   how far it is: thresholds, what was seen of the next one, the sums of the trial
network.safetensors      the result, a saved network like any other
activity.json            the rates that were measured on the images of the ledger, for `snnc cost`
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Protocol

import torch
from torch import Tensor

from snnc.analysis.activity import activity_text
from snnc.convert.accounts import activity_of, ledger_of
from snnc.convert.balance import Balancing, Progress
from snnc.convert.equip import equip
from snnc.convert.ledger import Ledger
from snnc.convert.scales import Scales, Spread, profiled
from snnc.convert.settings import Conversion
from snnc.convert.shelf import Shelf
from snnc.convert.trial import Trial
from snnc.convert.twins import Twins, UnfitError
from snnc.diagnostics import Diagnostic
from snnc.ir.ids import NodeId, StateId
from snnc.train import artifact
from snnc.train.artifact import Saved
from snnc.train.evaluate import Manner, prepare
from snnc.train.feed import batches
from snnc.train.images import Dataset
from snnc.train.lock import locked
from snnc.train.precision import whole_float32
from snnc.train.recipe import Numbers
from snnc.train.sealed import DamagedError, read_sealed, sweep, write_atomically, write_sealed
from snnc.train.seeds import order, seed_for
from snnc.train.world import World, device_of

NETWORK = "network.safetensors"
ACTIVITY = "activity.json"
STATE = "conversion.safetensors"
TRAINS = "trains"
FORMAT = "snnc-conversion-1"
FLOOR = 0.05  # of a channel's profile: a channel with small activations does not fire at every trifle
SECONDS_BETWEEN_SAVES = 10.0
NUMBERS = Numbers()  # float32, channels last


class Listener(Protocol):
    """Whoever wants to know how a conversion goes."""

    def warned(self, diagnostic: Diagnostic) -> None:
        """Something deserves attention but does not stop it."""

    def advanced(self, what: str, done: int, whole: int) -> None:
        """Of some work so much is done."""

    def found(self, state: StateId, threshold: float) -> None:
        """A threshold is there."""


@dataclass(frozen=True)
class Result:
    """What a conversion led to: the saved network's path and the ledger."""

    path: Path
    ledger: Ledger
    seconds: float


class Quiet:
    """Listens to nothing."""

    def warned(self, diagnostic: Diagnostic) -> None: ...

    def advanced(self, what: str, done: int, whole: int) -> None: ...

    def found(self, state: StateId, threshold: float) -> None: ...


def convert(
    saved: Saved,
    images: Dataset,
    folder: Path,
    settings: Conversion | None = None,
    listener: Listener | None = None,
    *,
    resume: bool = False,
    device: str = "auto",
) -> Result:
    """Convert a saved artificial network and save the spiking one in ``folder``.

    It is balanced on training images and tried on test images, in float32 on any device: ``cpu``, ``cuda``,
    or ``auto``. Raises `UnfitError`, `CompileError`, `MismatchError`, `LockedError`, `DamagedError`,
    `DeviceError`, `OSError`.
    """
    started = monotonic()
    settings, listener = settings or Conversion(), listener or Quiet()
    saved.refuse_other_classes(images.classes)
    world = World(device=device_of(device))
    twins = Twins.of(saved, settings, world.device)
    for warning in twins.warnings:
        listener.warned(warning)
    with locked(folder), whole_float32(world.device):
        sweep(folder)
        work = _Work(twins, settings, images, folder, listener, world)
        work.begin(resume=resume)
        ledger = work.go()
    return Result(folder / NETWORK, ledger, monotonic() - started)


class _Work:
    """A conversion inside its folder's lock."""

    def __init__(
        self,
        twins: Twins,
        settings: Conversion,
        images: Dataset,
        folder: Path,
        listener: Listener,
        world: World,
    ) -> None:
        self.twins, self.settings, self.images, self.world = twins, settings, images, world
        self.folder, self.listener = folder, listener
        self.state: dict[str, str] = {}
        self.tensors: dict[str, Tensor] = {}
        self.saved_at = monotonic()
        chosen = settings.calibration
        count = min(chosen.images, len(images.train.labels))
        self.plan = torch.split(order(len(images.train.labels), settings.seed, 0)[:count], chosen.batch)
        self.steps = min(chosen.steps, twins.network.timesteps)

    def begin(self, *, resume: bool) -> None:
        """Take up what stands in the folder. Raises `UnfitError` where that is something else."""
        path, done = self.folder / STATE, self.folder / NETWORK
        if not (path.exists() or done.exists()):
            return
        if not resume:
            raise UnfitError(
                f"{self.folder} holds a conversion already; take it up with --resume, or name another folder"
            )
        if not path.exists():
            return
        tensors, texts = read_sealed(path)
        if texts.get("format") != FORMAT:
            raise DamagedError(f"{path.name}: it is no conversion of this version of snnc")
        if texts.get("about") != self.about:
            raise UnfitError(
                f"{self.folder} holds a conversion of another network, "
                "by other settings or data, or on another device"
            )
        self.state, self.tensors = texts, tensors

    @property
    def about(self) -> str:
        """What a conversion depends on, as a digest."""
        found = sha256(self.settings.model_dump_json().encode() + self.world.device.type.encode())
        found.update(self.twins.saved.network.source.text.encode())
        for name, tensor in sorted(self.twins.saved.module.state_dict().items()):
            found.update(name.encode() + tensor.cpu().contiguous().numpy().tobytes())
        for part in (self.images.train, self.images.test):
            found.update(part.labels.tobytes() + part.image(0).numpy().tobytes())
        return found.hexdigest()

    def go(self) -> Ledger:
        """Balance, save, try, save again with what came out."""
        balancing = self._balancing()
        spread = balancing.run()
        balancing.shelf.close()
        equip(self.twins.spiking, self.twins.saved.module.state_dict(), spread)
        trial = self._trial(spread)
        trial.run(self._note_trial)
        ledger = ledger_of(trial, balancing, self.settings)
        self._save(ledger)
        activity = activity_of(trial, f"{self.images.name}, {ledger.kept:,} test images")
        if activity is not None:
            write_atomically(self.folder / ACTIVITY, activity_text(activity).encode())
        return ledger

    def _balancing(self) -> Balancing:
        scales, greatest = self._scales()
        settings = self.settings.calibration
        progress = self._progress()
        return Balancing(
            scales,
            self.twins.saved.module.state_dict(),
            [self._batch(numbers) for numbers in self.plan],
            [len(numbers) for numbers in self.plan],
            settings,
            self.steps,
            [seed_for(self.settings.seed, "calibrate", number) for number in range(len(self.plan))],
            Shelf(self.folder / TRAINS, self._disk),
            self._activations,
            lambda state: float(greatest[state].max()),
            self._note,
            progress,
        )

    @property
    def _disk(self) -> int:
        """Bytes for trains that are put aside. A GPU makes them again sooner than a disk gives them back."""
        return 0 if self.world.device.type == "cuda" else int(self.settings.calibration.disk * (1 << 30))

    def _batch(self, numbers: Tensor) -> Callable[[], Tensor]:
        def images() -> Tensor:
            ((pixels, _),) = batches(self.images.train, [numbers], 0)
            return prepare(pixels, NUMBERS, self.world.device)

        return images

    def _activations(self, number: int, node: NodeId) -> Tensor:
        state = next(s for s, one in self.twins.spiking.spiking.items() if one.id == node)
        counterpart = self.twins.counterparts[state]
        return self.twins.activations(self._batch(self.plan[number])(), [counterpart])[counterpart]

    def _scales(self) -> tuple[Scales, dict[StateId, Tensor]]:
        """Return the scales and the greatest activation of each channel on the calibration's images."""
        greatest: dict[StateId, Tensor] = {}
        for numbers in self.plan:
            found = self.twins.activations(self._batch(numbers)(), self.twins.counterparts.values())
            for state, node in self.twins.counterparts.items():
                peak = found[node].transpose(0, 1).flatten(1).amax(1).cpu()
                greatest[state] = torch.maximum(greatest[state], peak) if state in greatest else peak
        circuit = self.twins.spiking
        per_channel = self.settings.calibration.per == "channel"
        return Scales(circuit, profiled(circuit, greatest, FLOOR) if per_channel else {}), greatest

    def _progress(self) -> Progress:
        if "found" not in self.state:
            return Progress()
        states = {str(state): state for state in self.twins.spiking.spiking}
        values = json.loads(self.state["found"])
        found = {states[name]: value for name, value in values.items()}
        rest = json.loads(self.state["progress"])
        return Progress(found, seen=self.tensors.get("seen"), **rest)

    def _trial(self, spread: Spread) -> Trial:
        chosen, split = self.settings.trial, self.images.test
        count = min(chosen.images or len(split.labels), len(split.labels))
        manner = Manner(self.settings.seed, chosen.batch, NUMBERS, self.world)
        sums = {
            name.removeprefix("trial/"): t for name, t in self.tensors.items() if name.startswith("trial/")
        }
        done = int(self.state.get("tried", "0"))
        classes = len(self.images.classes)
        return Trial(self.twins, spread, split, classes, count, chosen.ledger, manner, done, sums)

    def _note(self, progress: Progress) -> None:
        self._keep(progress, {}, 0)
        if progress.batches == 0 and progress.phase == "peak":
            state = list(progress.found)[-1]
            self.listener.found(state, progress.found[state])
        else:
            name = next(str(s) for s in self.twins.spiking.spiking if s not in progress.found)
            self.listener.advanced(f"balancing {name}", progress.batches, len(self.plan))

    def _note_trial(self, trial: Trial) -> None:
        self._keep(self._last, trial.sums, trial.done)
        done = min(trial.done * trial.manner.batch, trial.images)
        self.listener.advanced("images tried", done, trial.images)

    _last = Progress()

    def _keep(self, progress: Progress, sums: dict[str, Tensor], tried: int) -> None:
        """Write how far it is, now and then."""
        self._last = progress
        if monotonic() - self.saved_at < SECONDS_BETWEEN_SAVES and progress.batches:
            return
        self.saved_at = monotonic()
        rest = {name: getattr(progress, name) for name in ("phase", "peak", "batches", "simulated")}
        tensors = {f"trial/{name}": one for name, one in sums.items()}
        if progress.seen is not None:
            tensors["seen"] = progress.seen
        texts = {
            "format": FORMAT,
            "about": self.about,
            "found": json.dumps({str(state): value for state, value in progress.found.items()}),
            "progress": json.dumps(rest),
            "tried": str(tried),
        }
        write_sealed(self.folder / STATE, tensors, texts)

    def _save(self, ledger: Ledger) -> None:
        artifact.save(
            self.folder / NETWORK,
            self.twins.network,
            self.twins.spiking.module,
            classes=self.images.classes,
            recipe=self.settings.model_dump_json(),
            result={**ledger.result(), "data": self.images.name},
        )
