"""snnc: a declarative compiler for spiking networks.

    net = snnc.load("specs/vgg5.spec")
    ann, snn = net.ann(), net.snn(timesteps=25)

Importing the package imports none of its stages: its names are looked up when they are used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snnc.diagnostics import CompileError
    from snnc.driver import Net, load, loads

__version__ = "0.1.0"
__all__ = ["CompileError", "Net", "__version__", "load", "loads"]

_HOMES = {
    "CompileError": "snnc.diagnostics",
    "Net": "snnc.driver",
    "load": "snnc.driver",
    "loads": "snnc.driver",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
