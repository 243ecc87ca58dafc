"""Cut out of `snnc.nn` the definitions that a printed module uses, to stand in the module itself.

Reads the package's files as text, so no torch is imported. Relies on what `snnc.nn` promises of its
files: imports at the top and by name, and no name defined in two of them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from snnc.backends.torch.imports import Import

_OURS = "snnc.nn"
_NOQA = re.compile(r"\s*# noqa\b.*$", re.MULTILINE)
_REFERENCE = re.compile(r"\bsnnc\.nn\.\w+\.(\w+)")


@dataclass(frozen=True)
class Definition:
    """A class, function or constant: the names it binds, its source, and the names that this uses."""

    names: frozenset[str]
    text: str
    uses: frozenset[str]


@dataclass(frozen=True)
class Excerpt:
    """Definitions in an order in which they can be executed, and what they import."""

    definitions: tuple[Definition, ...]
    imports: tuple[Import, ...]

    @property
    def names(self) -> frozenset[str]:
        """All names that it defines or imports."""
        imported = frozenset(one.bound for one in self.imports)
        return imported.union(*(one.names for one in self.definitions))


@dataclass(frozen=True)
class _File:
    definitions: tuple[Definition, ...]
    imports: tuple[Import, ...]


def excerpt(names: frozenset[str]) -> Excerpt:
    """Return what the runtime's ``names`` need, themselves included.

    Raises `ValueError` where the package defines one of them nowhere.
    """
    ordered = tuple(_ordered(_package()))
    known = {name: one for file in ordered for one in file.definitions for name in one.names}
    if missing := names - known.keys():
        raise ValueError(f"{_OURS} does not define {', '.join(sorted(missing))}")
    needed, queue = set(names), list(names)
    while queue:
        uses = known[queue.pop()].uses & known.keys()
        queue += uses - needed
        needed |= uses
    definitions = tuple(one for file in ordered for one in file.definitions if one.names & needed)
    used = frozenset[str]().union(*(one.uses for one in definitions))
    imports = (one for file in ordered for one in file.imports if one.bound in used)
    return Excerpt(definitions, tuple(one for one in imports if not one.module.startswith(_OURS)))


@cache
def _package() -> Mapping[str, _File]:
    """Read the files of `snnc.nn` by module name; its ``__init__`` only names what they define."""
    paths = [path for path in (files("snnc") / "nn").iterdir() if path.name.endswith(".py")]
    modules = {path.name.removesuffix(".py"): path for path in sorted(paths, key=str)}
    del modules["__init__"]
    return MappingProxyType(
        {f"{_OURS}.{name}": _file(path.read_text(encoding="utf-8")) for name, path in modules.items()}
    )


def _ordered(package: Mapping[str, _File]) -> Iterator[_File]:
    """Yield the files, each after those that it imports."""
    done: set[str] = set()

    def visit(module: str) -> Iterator[_File]:
        if module in done:
            return
        done.add(module)
        for one in package[module].imports:
            if one.module in package:
                yield from visit(one.module)
        yield package[module]

    for module in package:
        yield from visit(module)


def _file(source: str) -> _File:
    lines = source.splitlines()
    definitions: list[Definition] = []
    imports: list[Import] = []
    for statement in ast.parse(source).body:
        match statement:
            case ast.Import() | ast.ImportFrom():
                imports += _imports(statement)
            case ast.Expr(value=ast.Constant()):
                pass
            case _:
                uses = frozenset(node.id for node in ast.walk(statement) if isinstance(node, ast.Name))
                definitions.append(Definition(_bound(statement), _text(statement, lines), uses))
    return _File(tuple(definitions), tuple(imports))


def _imports(statement: ast.Import | ast.ImportFrom) -> Iterator[Import]:
    for alias in statement.names:
        if isinstance(statement, ast.Import):
            yield Import(alias.asname or alias.name, alias.name)
        else:
            yield Import(alias.asname or alias.name, statement.module or "", alias.name)


def _bound(statement: ast.stmt) -> frozenset[str]:
    """Return the names that a top-level statement defines; none for one that only does something."""
    match statement:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return frozenset({name})
        case ast.Assign(targets=targets):
            parts = (part for target in targets for part in ast.walk(target))
            return frozenset(part.id for part in parts if isinstance(part, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            return frozenset({name})
        case _:
            return frozenset()


def _text(statement: ast.stmt, lines: list[str]) -> str:
    """Return a statement's lines with the comments right above it, without remarks to our linter."""
    decorators = getattr(statement, "decorator_list", [])
    start = min([statement.lineno, *(one.lineno for one in decorators)]) - 1
    while start and lines[start - 1].startswith("#"):
        start -= 1
    text = "\n".join(lines[start : statement.end_lineno])
    return _REFERENCE.sub(r"\1", _NOQA.sub("", text))
