"""Is the machine quiet? What others take of its processors while a contestant runs.

OpenMP's threads wait for one another, so a single other process on a core makes a run several
times slower: such a number is no measurement, and it is marked.
"""

import os
import time
from dataclasses import dataclass
from pathlib import Path

STAT = Path("/proc/stat")
NOISY_CORES = 0.1  # cores that others may keep busy before a run is marked
TICKS = os.sysconf("SC_CLK_TCK") if STAT.exists() else 100  # per second


@dataclass(frozen=True)
class Clock:
    """Seconds since some start: of the wall, of this process, and of all processors that were busy."""

    wall: float
    own: float
    busy: float | None

    @classmethod
    def now(cls) -> "Clock":
        return cls(time.perf_counter(), time.process_time(), busy_seconds())

    def since(self, start: "Clock") -> dict[str, float | None]:
        """Return the seconds that passed, those of this process, and the cores that others took."""
        wall, own = self.wall - start.wall, self.own - start.own
        if self.busy is None or start.busy is None:
            return {"seconds": wall, "cpu_seconds": own, "foreign_cores": None}
        foreign = max(0.0, self.busy - start.busy - own) / wall
        return {"seconds": wall, "cpu_seconds": own, "foreign_cores": foreign}


def busy_seconds() -> float | None:
    """Return the processor time of all that ran, a hypervisor's share included; None where nobody tells."""
    if not STAT.exists():
        return None
    first, _, _ = STAT.read_text().partition("\n")
    return busy_of(first)


def busy_of(line: str) -> float:
    """Return the busy seconds of the line ``cpu user nice system idle iowait irq softirq steal ...``."""
    user, nice, system, _idle, _iowait, irq, softirq, steal, *_guests = map(int, line.split()[1:])
    return (user + nice + system + irq + softirq + steal) / TICKS


def foreign_cores(runs: list[dict[str, float | None]]) -> float | None:
    """Return the cores that others kept busy over all runs, weighted by how long each took."""
    told = [
        (r["seconds"], r["foreign_cores"]) for r in runs if r["foreign_cores"] is not None and r["seconds"]
    ]
    whole = sum(seconds or 0 for seconds, _ in told)
    return sum((seconds or 0) * (cores or 0) for seconds, cores in told) / whole if whole else None


def is_noisy(cores: float | None) -> bool:
    """Tell whether others kept so much busy that a number is to be doubted."""
    return cores is not None and cores > NOISY_CORES
