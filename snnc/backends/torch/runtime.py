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
    """A class, function or constant: its name, its source, and the names that this uses."""

    name: str
    text: str
    uses: frozenset[str]


@dataclass(frozen=True)
class Excerpt:
    """Definitions in an order in which they can be executed, and what they import."""

    definitions: tuple[Definition, ...]
    imports: tuple[Import, ...]


@dataclass(frozen=True)
class _File:
    definitions: tuple[Definition, ...]
    imports: tuple[Import, ...]


def excerpt(names: frozenset[str]) -> Excerpt:
    """Return what the runtime's ``names`` need, themselves included.

    Raises `ValueError` where the package defines one of them nowhere.
    """
    ordered = tuple(_ordered(_package()))
    known = {one.name: one for file in ordered for one in file.definitions}
    if missing := names - known.keys():
        raise ValueError(f"{_OURS} does not define {', '.join(sorted(missing))}")
    needed, queue = set(names), list(names)
    while queue:
        uses = known[queue.pop()].uses & known.keys()
        queue += uses - needed
        needed |= uses
    definitions = tuple(one for file in ordered for one in file.definitions if one.name in needed)
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
                definitions.append(_definition(statement, lines))
    return _File(tuple(definitions), tuple(imports))


def _imports(statement: ast.Import | ast.ImportFrom) -> Iterator[Import]:
    for alias in statement.names:
        if isinstance(statement, ast.Import):
            yield Import(alias.asname or alias.name, alias.name)
        else:
            yield Import(alias.asname or alias.name, statement.module or "", alias.name)


def _definition(statement: ast.stmt, lines: list[str]) -> Definition:
    uses = frozenset(node.id for node in ast.walk(statement) if isinstance(node, ast.Name))
    return Definition(_name(statement), _text(statement, lines), uses)


def _name(statement: ast.stmt) -> str:
    match statement:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case _:
            raise ValueError(f"line {statement.lineno} of a file of {_OURS} defines nothing")


def _text(statement: ast.stmt, lines: list[str]) -> str:
    """Return a statement's lines with the comments right above it, without remarks to our linter."""
    decorators = getattr(statement, "decorator_list", [])
    start = min([statement.lineno, *(one.lineno for one in decorators)]) - 1
    while start and lines[start - 1].startswith("#"):
        start -= 1
    text = "\n".join(lines[start : statement.end_lineno])
    return _REFERENCE.sub(r"\1", _NOQA.sub("", text))
