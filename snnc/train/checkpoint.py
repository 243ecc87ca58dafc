"""What a run needs to go on as if nothing had happened: weights, the optimiser's memory, where it is.

Chance, order and schedule are functions of the seed and the step (`seeds`, `schedule`), so the step is their
state. The last two checkpoints are kept: whatever happens while one is written, the other is whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from torch import Tensor

from snnc.train.sealed import DamagedError, read_sealed, write_sealed

KEPT = 2
FORMAT = "snnc-checkpoint-1"
_NAME = re.compile(r"checkpoint-(\d{9})\.safetensors")


@dataclass
class Position:
    """How far a run has come. ``step`` steps are done; the sums are those of the epoch under way.

    ``metrics`` is the length in bytes of the metrics that belong to it; ``seconds`` the time spent.
    """

    step: int = 0
    loss_sum: float = 0.0
    loss_count: int = 0
    rate_sums: dict[str, float] = field(default_factory=dict)
    rate_notes: int = 0
    best: float | None = None
    stale: int = 0
    metrics: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Checkpoint:
    """A position, the tensors of the network and of the optimiser, and the run that they belong to."""

    position: Position
    weights: Mapping[str, Tensor]
    memory: Mapping[str, Tensor]
    run: str


def save(folder: Path, checkpoint: Checkpoint) -> Path:
    """Write a checkpoint, then remove all but the last two. Raises `OSError`, the others still whole."""
    folder.mkdir(exist_ok=True)
    path = folder / f"checkpoint-{checkpoint.position.step:09d}.safetensors"
    tensors = {f"network/{name}": tensor for name, tensor in checkpoint.weights.items()}
    tensors |= {f"optimiser/{name}": tensor for name, tensor in checkpoint.memory.items()}
    texts = {"format": FORMAT, "position": json.dumps(asdict(checkpoint.position)), "run": checkpoint.run}
    write_sealed(path, tensors, texts)
    for old in _paths(folder)[:-KEPT]:
        old.unlink(missing_ok=True)
    return path


def newest(folder: Path) -> tuple[Checkpoint | None, list[str]]:
    """Return the last whole checkpoint of a folder, and a line about each one that is not whole."""
    complaints: list[str] = []
    for path in reversed(_paths(folder)):
        try:
            return read(path), complaints
        except DamagedError as error:
            complaints.append(str(error))
    return None, complaints


def read(path: Path) -> Checkpoint:
    """Return a checkpoint. Raises `DamagedError`, `OSError`."""
    tensors, texts = read_sealed(path)
    if texts.get("format") != FORMAT:
        raise DamagedError(f"{path.name}: it is no checkpoint of this version of snnc")
    parts: dict[str, dict[str, Tensor]] = {"network": {}, "optimiser": {}}
    try:
        for name, tensor in tensors.items():
            part, _, rest = name.partition("/")
            parts[part][rest] = tensor
        return Checkpoint(_position(texts["position"]), parts["network"], parts["optimiser"], texts["run"])
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedError(f"{path.name}: it lacks or garbles an entry: {error}") from error


def _position(text: str) -> Position:
    found = Position(**json.loads(text))
    counts = [found.step, found.loss_count, found.rate_notes, found.stale, found.metrics]
    shares = [found.loss_sum, found.seconds, found.best or 0.0, *dict(found.rate_sums).values()]
    if not all(isinstance(one, int) for one in counts) or not all(
        isinstance(one, int | float) for one in shares
    ):
        raise TypeError("a number of its position is none")
    return found


def _paths(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("checkpoint-*") if _NAME.fullmatch(path.name))
