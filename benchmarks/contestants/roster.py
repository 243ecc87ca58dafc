"""Who takes part, by name; a file is imported only in the process of its contestant."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from types import MappingProxyType

from benchmarks.contestants.base import Build


@dataclass(frozen=True)
class Entry:
    """A contestant: its file, its function, and the distribution whose release is reported."""

    module: str
    function: str = "build"
    distribution: str = ""
    computes: str = "build"  # the function of loop.py that returns the same scores; "" for none

    def build(self) -> Build:
        """Return the function that builds it; ``ImportError`` where its library is absent."""
        build: Build = getattr(import_module(f"benchmarks.contestants.{self.module}"), self.function)
        return build

    def release(self) -> str:
        return version(self.distribution) if self.distribution else ""


CONTESTANTS: Mapping[str, Entry] = MappingProxyType(
    {
        "snnc": Entry("printed"),
        "floor": Entry("floor", computes=""),
        "floor, untiled": Entry("floor", "build_untiled", computes=""),
        "loop by hand": Entry("loop"),
        "norse": Entry("norse", distribution="norse"),
        "SpikingJelly": Entry("spikingjelly", distribution="spikingjelly"),
        "snnTorch": Entry("snntorch", distribution="snntorch", computes="build_above_twice"),
        "sinabs": Entry("sinabs", distribution="sinabs"),
    }
)
PEERS = ("norse", "SpikingJelly", "snnTorch", "sinabs")
