"""From runs to figures: medians, spread, ratios, and which of them are to be doubted."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.contestants.roster import PEERS
from benchmarks.noise import foreign_cores, is_noisy

MIB = 2**20


@dataclass(frozen=True)
class Figure:
    """A contestant in a cell. ``spread`` is how far the slower half lies out: its median over the whole's."""

    seconds: float
    spread: float
    peak_mib: float
    foreign_cores: float | None

    @property
    def noisy(self) -> bool:
        return is_noisy(self.foreign_cores)


def figure(runs: list[dict[str, Any]]) -> Figure:
    """Return the median of a contestant's runs and the highest of their peaks."""
    seconds = sorted(run["seconds"] for run in runs)
    middle = median(seconds)
    slower = median(seconds[len(seconds) // 2 :])
    return Figure(middle, slower / middle, max(run["peak_bytes"] for run in runs) / MIB, foreign_cores(runs))


def figures(results: Mapping[str, Any]) -> dict[str, Figure]:
    """Return the figure of each contestant that ran."""
    return {name: figure(result["runs"]) for name, result in results.items() if result.get("runs")}


def fastest_peer(found: Mapping[str, Figure]) -> str | None:
    """Return the library that took least; a loop by hand is none."""
    return min((name for name in PEERS if name in found), key=lambda name: found[name].seconds, default=None)


def leanest_peer(found: Mapping[str, Figure]) -> str | None:
    """Return the library that needed least memory."""
    return min((name for name in PEERS if name in found), key=lambda name: found[name].peak_mib, default=None)


def ratio(ours: float, theirs: float) -> str:
    """Return how many times the other's ours is; nothing can be said beside nothing."""
    return f"{ours / theirs:.2f}" if theirs > 0 else "-"
