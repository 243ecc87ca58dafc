"""The catalogue: every kind of mistake there is, and what is written about it.

Each stage keeps its mistakes in a module (or a package) named ``errors`` or ``..._errors``. This module
stands below all stages, so it names none of them: it looks for such modules and imports what it finds.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from inspect import getmembers, isclass
from pathlib import Path

from snnc.diagnostics.diagnostic import Diagnostic
from snnc.diagnostics.near import closest
from snnc.source.data import data

PACKAGE = Path(__file__).parents[1]


def catalogue() -> dict[str, type[Diagnostic]]:
    """Return the kinds of mistakes by their codes, in alphabetical order.

    Raises `ValueError` where two kinds share a code: a compiler fault.
    """
    found: dict[str, type[Diagnostic]] = {}
    for kind in _kinds():
        if found.setdefault(kind.code, kind) is not kind:
            raise ValueError(f"{kind.__name__} and {found[kind.code].__name__} share the code {kind.code}")
    return dict(sorted(found.items()))


def explain(code: str) -> str:
    """Return what is written about a code, in Markdown.

    Raises `LookupError` with a hint where there is no such code.
    """
    folder = data("diagnostics")
    known = sorted(file.name.removesuffix(".md") for file in folder.iterdir() if file.name.endswith(".md"))
    if code not in known:
        near = closest(code, known)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise LookupError(f"no diagnostic has this code{hint}")
    return (folder / f"{code}.md").read_text(encoding="utf-8")


def _kinds() -> Iterator[type[Diagnostic]]:
    for module in _modules():
        for _, member in getmembers(import_module(module), isclass):
            if issubclass(member, Diagnostic) and hasattr(member, "code"):
                yield member


def _modules() -> Iterator[str]:
    """Yield the modules named ``errors`` or ``..._errors``, and those in packages of this name."""
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = (PACKAGE.name, *file.relative_to(PACKAGE).with_suffix("").parts)
        if any(part.split("_")[-1] == "errors" for part in parts[-2:]):
            yield ".".join(part for part in parts if part != "__init__")
