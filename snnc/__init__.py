"""snnc: a declarative compiler for spiking networks.

    net = snnc.load("specs/vgg5.spec")
    ann, snn = net.ann(), net.snn(timesteps=25)
    trained = snnc.load("runs/vgg5/network.safetensors").module

Importing the package imports none of its stages: its names are looked up when they are used.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from snnc.diagnostics import CompileError
    from snnc.driver import Net, loads

__version__ = "0.1.0"
__all__ = ["CompileError", "Net", "__version__", "load", "loads"]

_HOMES = {
    "CompileError": "snnc.diagnostics",
    "Net": "snnc.driver",
    "loads": "snnc.driver",
}


def load(path: str | os.PathLike[str]) -> Any:  # noqa: ANN401 - what comes back depends on the file
    """Return a `Net` for a spec, a `snnc.train.artifact.Saved` for a saved network (``.safetensors``).

    The bare name of a spec that ships with snnc, such as ``vgg5``, will do. Raises `CompileError` where
    a spec is refused, `OSError` where the file cannot be read, `ValueError` where a saved network is
    damaged or does not fit its spec.
    """
    if os.fspath(path).endswith(".safetensors"):
        from pathlib import Path

        return import_module("snnc.train.artifact").load(Path(path))
    return import_module("snnc.driver").load(path)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
