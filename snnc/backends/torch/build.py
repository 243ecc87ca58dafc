"""Printed source -> live network: the one place of the project that executes what it has written.

The source is registered under a name of its own, so tracebacks and debuggers show its lines and
`inspect.getsource` returns it. The same source gives the same class.
"""

from __future__ import annotations

import linecache
import sys
from hashlib import sha256
from types import ModuleType
from typing import cast

from torch import nn

from snnc.backends.torch.names import class_name


def build(source: str, network: str, **options: int | str | None) -> nn.Module:
    """Return a new network of a printed module, which was printed for the network of this name.

    ``options`` are the constructor's: the spiking twin takes ``timesteps`` and ``memory``.
    """
    return network_class(source, network)(**options)


def network_class(source: str, network: str) -> type[nn.Module]:
    """Return the class that a printed module defines, executing the module the first time."""
    name = class_name(network)
    digest = sha256(source.encode()).hexdigest()[:12]
    module = sys.modules.get(f"snnc_printed.{name}_{digest}") or _executed(source, name, digest)
    return cast("type[nn.Module]", getattr(module, name))


def _executed(source: str, name: str, digest: str) -> ModuleType:
    file = f"<snnc {name} {digest}>"
    module = ModuleType(f"snnc_printed.{name}_{digest}")
    module.__file__ = file
    code = compile(source, file, "exec", dont_inherit=True)
    # NOTE: an entry without a time of modification is never looked for on the disk.
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    exec(code, module.__dict__)
    sys.modules[module.__name__] = module
    return module
