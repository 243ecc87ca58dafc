"""A small run that uses everything that a resumed one could get wrong, and a way to kill it."""

from __future__ import annotations

import os
import signal
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from training import few

from snnc.source import Source
from snnc.train.checkpoint import read
from snnc.train.metrics import Quiet
from snnc.train.recipe import Recipe, read_recipe
from snnc.train.run import train

SPEC = """
input 1x8x8
timesteps 3
encode poisson
Input - Conv1(1,4,3x3/1) - BN - [Conv2(4,4,3x3/1)] repeated 2 times - Pool(2x2/2)
 - FC1(64,16) - Dropout(0.2) - FC2(16,10)
"""

RECIPE = """
method = "agd"
epochs = 3
batch = 16
parts = 2
data.augment = ["flip", "crop"]
optimiser.rate = 1e-2
log.rates = 2
log.checkpoint = 2
log.silent = 0.0
"""


class Killed(Quiet):
    """Kills its own process after a step, as `kill -9` would."""

    def __init__(self, step: int) -> None:
        self.step = step

    def stepped(self, step: int, loss: float) -> None:
        if step == self.step:
            os.kill(os.getpid(), signal.SIGKILL)


class Warned(Quiet):
    def __init__(self) -> None:
        self.messages: list[str] = []
        self.words: list[str] = []

    def told(self, message: str) -> None:
        self.words.append(message)

    def warned(self, message: str) -> None:
        self.messages.append(message)


class Runs:
    """Runs of one spec in folders of their own."""

    def __init__(self, place: Path) -> None:
        self.place = place
        (place / "net.spec").write_text(SPEC)

    def recipe(self, text: str = RECIPE, **overrides: str) -> Recipe:
        found = {name.replace("__", "."): value for name, value in overrides.items()}
        return read_recipe(Source("r.toml", text), {"spec": f'"{self.place}/net.spec"', **found})

    def train(self, name: str, recipe: Recipe | None = None, **options: object):
        return train(recipe or self.recipe(), self.place / name, dataset=few(96, 40), **options)

    killed = Killed
    warned = Warned

    def start(self, work: Callable[[], object]) -> int:
        """Do something in a forked process and return its number."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # later Pythons mind forking with threads
            child = os.fork()
        if child == 0:
            status = 1
            try:
                work()
                status = 0
            finally:
                os._exit(status)
        return child

    def in_child(self, work: Callable[[], object]) -> int:
        """Do something in a forked process; return its exit status, negative where a signal ended it."""
        return os.waitstatus_to_exitcode(os.waitpid(self.start(work), 0)[1])

    def result(self, name: str) -> dict[str, bytes]:
        """Everything that a run leaves and that must not depend on breaks, by its place."""
        folder = self.place / name
        kept = max((folder / "checkpoints").iterdir())
        found = read(kept)
        tensors = {f"weight {k}": v for k, v in found.weights.items()} | {
            f"memory {k}": v for k, v in found.memory.items()
        }
        position = {**vars(found.position), "seconds": 0.0}
        return {
            "network": (folder / "network.safetensors").read_bytes(),
            "metrics": (folder / "metrics.jsonl").read_bytes(),
            "position": repr(position).encode(),
            **{key: tensor.contiguous().numpy().tobytes() for key, tensor in tensors.items()},
        }


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Runs, of which ``whole`` has been trained without a break."""
    found = Runs(tmp_path_factory.mktemp("runs"))
    found.train("whole")
    return found
