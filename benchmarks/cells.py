"""What is measured: a cell is one network under one condition, run by every contestant."""

from dataclasses import asdict, dataclass
from itertools import product

from benchmarks.networks import NETWORKS

MODES = ("inference", "training")
PRECISIONS = ("float32", "bfloat16")
TIMESTEPS = (5, 25, 100)
BATCH = 16


@dataclass(frozen=True)
class Cell:
    """One row of conditions. ``precision`` is that of the weighted sums, by autocast."""

    network: str
    timesteps: int
    batch: int = BATCH
    mode: str = "inference"
    precision: str = "float32"
    device: str = "cpu"
    threads: int = 1

    @property
    def key(self) -> str:
        """Return what tells this cell from all others."""
        return ", ".join(f"{name}={value}" for name, value in asdict(self).items())

    def __str__(self) -> str:
        return f"{self.network} T={self.timesteps} batch {self.batch} {self.mode} {self.precision}"


def grid(
    networks: tuple[str, ...] = tuple(NETWORKS),
    timesteps: tuple[int, ...] = TIMESTEPS,
    modes: tuple[str, ...] = MODES,
    precisions: tuple[str, ...] = PRECISIONS,
    *,
    batch: int = BATCH,
    device: str = "cpu",
    threads: int = 1,
) -> list[Cell]:
    """Return the cells of a run, those that a reader looks for first at the front."""
    found = product(precisions, timesteps, networks, modes)
    cells = [Cell(network, t, batch, mode, p, device, threads) for p, t, network, mode in found]
    return sorted(cells, key=lambda cell: (cell.timesteps != 25, cell.timesteps))
