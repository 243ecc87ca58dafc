"""A TOML text to a recipe: found, read, overridden from the command line, and told where it is wrong.

It knows no recipe: what entries there are is said by the pydantic model that a draft is filled into.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from snnc.diagnostics import Diagnostic, Reporter
from snnc.diagnostics.near import closest
from snnc.source import Source, Span
from snnc.source.data import data
from snnc.source.places import span_of, span_of_fault
from snnc.source.read import decode
from snnc.train.errors import RecipeKey, RecipeLacks, RecipeSyntax, RecipeValue

Kind = TypeVar("Kind", bound=BaseModel)


@dataclass(frozen=True)
class Draft:
    """The entries of a recipe, not checked yet: those of ``source``, and above them those ``given``."""

    source: Source
    given: Mapping[str, Source]
    table: Mapping[str, Any]

    def fill(self, kind: type[Kind], elsewhere: Mapping[str, str] = MappingProxyType({})) -> Kind:
        """Return a recipe of a kind. Raises `CompileError` with all that is wrong for it.

        ``elsewhere`` says of entries that only other kinds have how to come by them.
        """
        try:
            return kind.model_validate(self.table)
        except ValidationError as error:
            report = Reporter()
            for detail in error.errors():
                report(_diagnostic(detail, self, kind, elsewhere))
            report.stop_on_errors()
            raise AssertionError("a recipe was refused without a diagnostic") from error

    def place(self, key: tuple[str, ...], *, value: bool = True) -> Span:
        """Return where an entry, or its value, was given: on the command line, else in the text."""
        dotted = ".".join(key)
        for name, text in self.given.items():
            if name == dotted or name.startswith(f"{dotted}."):
                return text.span(len(name) + 1 if value else 0)
        return span_of(self.source, key, value=value)


def draft(source: Source, overrides: Mapping[str, str] | None = None) -> Draft:
    """Return the entries of a text and of overrides.

    An override is a dotted key and its value, as TOML writes it or as plain text. Raises `CompileError`
    where either is no TOML.
    """
    report = Reporter()
    table = _table(source, report)
    given = {key: Source(f"--set {key}", f"{key}={value}") for key, value in (overrides or {}).items()}
    for key, text in given.items():
        _override(table, key, text, report)
    report.stop_on_errors()
    return Draft(source, given, table)


def find(path: Path | None) -> Source:
    """Return a recipe's text: that of a file, or by bare name one that ships with snnc; none for no path.

    Raises `OSError`, `CompileError` where the file is no text.
    """
    if path is None:
        return Source("<command line>", "")
    shipped = data("specs") / "recipes" / f"{path}.toml"
    bare = path.name == str(path) and not path.suffix and not path.exists()
    if bare and shipped.is_file():
        return decode(f"{path}.toml", shipped.read_bytes())
    return decode(str(path), path.read_bytes())


def _table(source: Source, report: Reporter) -> dict[str, Any]:
    try:
        return tomllib.loads(source.text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        report(RecipeSyntax(span_of_fault(source, error), str(error).split(" (at")[0]))
        return {}


def _override(whole: dict[str, Any], key: str, text: Source, report: Reporter) -> None:
    *tables, last = key.split(".")
    table: Any = whole
    for name in tables:
        table = table.setdefault(name, {})
        if not isinstance(table, dict):
            report(RecipeSyntax(text.span(), f"{name} is no table, so {key} is no entry"))
            return
    if not all((*tables, last)):
        report(RecipeSyntax(text.span(), f"{key} is no dotted key of an entry"))
        return
    value = text.text[len(key) + 1 :]
    try:
        table[last] = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        table[last] = value  # plain text needs no quotes on a command line


def _diagnostic(
    detail: ErrorDetails, draft: Draft, kind: type[BaseModel], elsewhere: Mapping[str, str]
) -> Diagnostic:
    key = tuple(str(part) for part in detail["loc"] if isinstance(part, str) and part not in _BRANCHES)
    dotted = ".".join(key)
    match detail["type"]:
        case "extra_forbidden":
            return RecipeKey(draft.place(key, value=False), dotted, elsewhere.get(dotted) or _near(key, kind))
        case "missing":
            return RecipeLacks(draft.source.span(0, 0), dotted)
        case "value_error":
            dotted, reason = str(detail["ctx"]["error"]).split(": ", 1)
            return RecipeValue(draft.place(tuple(dotted.split("."))), dotted, reason)
        case _:
            return RecipeValue(draft.place(key), dotted, _reason(detail))


_BRANCHES = ("int", "float", "str", "list", "constrained-int")  # what pydantic adds to a place


def _reason(detail: ErrorDetails) -> str:
    said = detail["msg"][0].lower() + detail["msg"][1:]
    shown = detail["input"]
    if isinstance(shown, float) and not math.isfinite(shown):
        return said
    return f"{said}; got {json.dumps(shown, default=str)[:60]}"


def _near(key: tuple[str, ...], model: type[BaseModel]) -> str:
    for name in key[:-1]:
        field = model.model_fields.get(name)
        if (
            field is None
            or not isinstance(field.annotation, type)
            or not issubclass(field.annotation, BaseModel)
        ):
            break
        model = field.annotation
    known = tuple(model.model_fields)
    near = closest(key[-1], known)
    return f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(known)}"
