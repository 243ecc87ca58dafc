"""One tree node to one model entry: pydantic asks the ranges, the tree says where the answer stands.

Tree and model have the same field names. So the data of an entry are read off its tree node, and the
`loc` of a pydantic error leads back to the span of the offending value.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from pydantic import ValidationError

from snnc.diagnostics import Reporter
from snnc.diagnostics.escape import shorten
from snnc.spec import model
from snnc.spec.allowed import WORDS, allowed
from snnc.spec.errors import OutOfRange
from snnc.syntax import tree

E = TypeVar("E", bound=model.Entry)
Value = tree.Int | tree.Real | tree.Name | tree.Text

SPELT = {"size": "height"}  # a square window's size is written twice, as height and width


def entry(kind: type[E], node: tree.Tree, report: Reporter, **given: object) -> E | None:
    """Return the entry that a tree node describes; None where a value was refused, after reporting it.

    ``given`` holds the fields that are not simply what was written: nested entries and defaults.
    """
    try:
        return kind.model_validate({"span": node.span, **dict(_written(kind, node)), **given})
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_context=False):
            _refuse(kind, str(fault["loc"][0]), node, report)
        return None


def _written(kind: type[model.Entry], node: tree.Tree) -> Iterator[tuple[str, object]]:
    """Yield the fields that stand in the text, and the spans that the model wants to keep."""
    for field in kind.model_fields:
        value = _at(node, field.removesuffix("_span"))
        if isinstance(value, bool):
            yield field, value
        elif isinstance(value, Value):
            yield field, value.span if field.endswith("_span") else value.value


def _at(node: tree.Tree, field: str) -> object:
    """Return what was written for a field."""
    if isinstance(node, tree.Unit) and field != "kind":
        return next((one.value for one in node.constants if one.name.value == field), None)
    return getattr(node, SPELT.get(field, field), None)


def _refuse(kind: type[model.Entry], field: str, node: tree.Tree, report: Reporter) -> None:
    """Report a value that was written; what is missing is reported where it was sought."""
    value = _at(node, field)
    if isinstance(value, Value):
        what, why = WORDS[kind, field]
        report(OutOfRange(value.span, what, shorten(value.span.text), allowed(kind, field), why))
