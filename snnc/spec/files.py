"""Files to model: read a spec, and the specs that its ``use`` clauses name.

A path is relative and stays inside the folder tree of the spec that is compiled; anything else is
refused before it is opened.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath

from snnc.diagnostics import CompileError, Reporter
from snnc.source import Source
from snnc.source.data import data
from snnc.source.read import MOST_BYTES, UnreadableError, decode
from snnc.spec import model
from snnc.spec.errors.files import FileUnreadable, UseCycle, UseNotFound, UseOutside
from snnc.spec.validate import validate
from snnc.syntax import tree
from snnc.syntax.fold import fold
from snnc.syntax.parse import parse

_DEEPEST = 8


def open_spec(path: str | os.PathLike[str]) -> tuple[Source, Traversable]:
    """Return a spec's text and the folder that its ``use`` clauses may read.

    ``path`` is a file, or the bare name of a spec that ships with snnc, such as ``vgg5``. Raises
    `OSError` where there is neither, `CompileError` where the file is no text.
    """
    file = Path(path)
    shipped = data("specs") / f"{file}.spec"
    if not file.exists() and file.name == str(file) and not file.suffix and shipped.is_file():
        return _read(shipped, f"{file}.spec"), data("specs")
    return _read(file, os.fspath(path)), file.parent


def read_network(source: Source, folder: Traversable | None, report: Reporter) -> model.Network | None:
    """Return the model of a spec, its used blocks included; None where something was reported.

    Without a ``folder`` (a spec that is no file) nothing can be used.
    """
    place = PurePosixPath()
    return _Reading(report, folder, (PurePosixPath(source.name).name,), place).network(source)


@dataclass(frozen=True)
class _Reading:
    """Reading one spec: where used ones are looked for, which are being read, and which are known."""

    report: Reporter
    folder: Traversable | None
    open: tuple[str, ...]
    place: PurePosixPath
    known: dict[str, model.Network | None] = field(default_factory=dict)

    def network(self, source: Source) -> model.Network | None:
        spec = parse(source, self.report)
        if spec is None or self.report.failed:
            return None
        folded = fold(spec, self.report)
        if self.report.failed:
            return None
        return validate(folded, self.report, self._used)

    def _used(self, use: tree.Use) -> model.Network | None:
        path = self.place / use.path.value
        name = str(path)
        if not self._inside(use, path):
            self.report(UseOutside(use.path.span))
        elif name in self.open or len(self.open) >= _DEEPEST:
            self.report(UseCycle(use.path.span, _DEEPEST))
        else:
            if name not in self.known:
                self.known[name] = self._read(use, path)
            return self.known[name]
        return None

    def _inside(self, use: tree.Use, path: PurePosixPath) -> bool:
        written = use.path.value
        if "\\" in written or ":" in written or path.is_absolute() or ".." in path.parts or not written:
            return False
        if not isinstance(self.folder, Path):
            return True
        root = self.folder.resolve()
        return (root / path).resolve().is_relative_to(root)

    def _read(self, use: tree.Use, path: PurePosixPath) -> model.Network | None:
        if self.folder is None:
            self.report(UseNotFound(use.path.span, "this spec is no file, so nothing stands beside it"))
            return None
        name = str(PurePosixPath(use.span.source.name).parent / use.path.value)
        try:
            source = _read(self.folder.joinpath(*path.parts), name)
        except OSError as error:
            self.report(UseNotFound(use.path.span, error.strerror or "it is no file"))
        except CompileError as error:
            for diagnostic in error.diagnostics:
                self.report(diagnostic)
        else:
            inner = replace(self, open=(*self.open, str(path)), place=path.parent)
            return inner.network(source)
        return None


def _read(file: Traversable, name: str) -> Source:
    with file.open("rb") as stream:
        content = stream.read(MOST_BYTES + 1)
    try:
        return decode(name, content)
    except UnreadableError as error:
        raise CompileError((FileUnreadable(Source(name, "").span(), str(error)),)) from error
