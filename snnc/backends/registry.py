"""Find a back end by its name, importing nothing before it is asked for.

Third parties add theirs as entry points of the group ``snnc.backends``; a built-in name cannot be
taken over by one.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import cast

from snnc.backends.base import Backend

GROUP = "snnc.backends"

BUILT_IN = (
    EntryPoint("dot", "snnc.backends.diagram.backend:Dot", GROUP),
    EntryPoint("svg", "snnc.backends.diagram.backend:Svg", GROUP),
    EntryPoint("torch", "snnc.backends.torch.printer:Torch", GROUP),
)


def backend_names() -> tuple[str, ...]:
    """Return the names of all back ends that can be found, sorted."""
    return tuple(sorted(_found()))


def backend(name: str) -> type[Backend[object]]:
    """Return the back end of this name; its class, to be called with its options.

    Raises `LookupError`, whose message lists the names that exist.
    """
    found = _found()
    if name not in found:
        raise LookupError(f"no back end is named {name!r}; there are {', '.join(sorted(found))}")
    return cast("type[Backend[object]]", found[name].load())


def _found() -> dict[str, EntryPoint]:
    others = entry_points(group=GROUP)
    return {point.name: point for point in (*others, *BUILT_IN)}
