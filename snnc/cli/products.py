"""What ``snnc compile`` makes of a network: files with their contents.

The names of files and folders are snnc's own, made of the spec's name; nothing in them can leave the
folder. Contents depend on the spec and the options alone: no time stamp, no path.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

import typer

from snnc.backends.diagram.sketch import draw
from snnc.backends.diagram.svg import svg_text
from snnc.cli.options import Which
from snnc.cli.verdict import Accepted
from snnc.cli.write import write_files
from snnc.ir.program import Target

BUILD = Path("build")
LONGEST_NAME = 64


@dataclass(frozen=True)
class Product:
    """The files of one network, and the folders whose names snnc chose, outermost first."""

    verdict: Accepted
    files: dict[Path, bytes]
    own: tuple[Path, ...]


def stem(spec: str) -> str:
    """Return the name of a spec's files: its file's stem in lower case, made an identifier.

    The result has at most 64 of ``a-z``, ``0-9`` and ``_`` and does not begin with a digit.
    """
    name = PurePath(spec).name.removesuffix(".spec").lower()
    name = re.sub(r"[^a-z0-9_]+", "_", name).strip("_") or "net"
    return (f"_{name}" if name[0].isdigit() else name)[:LONGEST_NAME]


def build_folder(name: str) -> tuple[Path, tuple[Path, ...]]:
    """Return where files go unless a folder is named, and which of its folders snnc chose."""
    return BUILD / name, (BUILD, BUILD / name)


def product(verdict: Accepted, out: Path | None, target: Which | None, *, standalone: bool) -> Product:
    """Make the files of one network: a module for each twin that is wanted, and the unrolled diagram."""
    net, name = verdict.net, stem(verdict.spec.source.name)
    targets = [Target(target)] if target else list(Target)
    texts = {f"{name}_{one}.py": net.source(one, standalone=standalone) for one in targets}
    texts[f"{name}.svg"] = svg_text(draw(net.twin(targets[-1]).unrolled))
    folder, own = (out, ()) if out is not None else build_folder(name)
    return Product(verdict, {folder / file: text.encode() for file, text in texts.items()}, own)


def write_products(made: Sequence[Product]) -> None:
    """Write all files of all networks, or none. Raises `OSError`, or `typer.BadParameter` for a clash."""
    contents: dict[Path, bytes] = {}
    for one in made:
        if clash := contents.keys() & one.files.keys():
            raise typer.BadParameter(f"two of the specs would write {min(clash)}; compile them one by one")
        contents |= one.files
    write_files(contents, own=[folder for one in made for folder in one.own])
