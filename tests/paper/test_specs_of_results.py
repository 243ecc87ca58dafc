"""The specs that docs/results.md trains beside the paper's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from counting import network

from snnc.spec.model import Dropout, Group, Item

FOLDER = Path(__file__).parents[2] / "docs" / "specs"
NAMES = sorted(path.stem for path in FOLDER.glob("*_dropout.spec"))


def without_dropout(items: tuple[Item, ...]) -> list[dict[str, Any]]:
    """Return what the items say, the dropout left out."""
    said = []
    for item in items:
        if isinstance(item, Group):
            said.append({**item.model_dump(), "items": without_dropout(item.items)})
        elif not isinstance(item, Dropout):
            said.append(item.model_dump())
    return said


def test_there_are_two() -> None:
    assert NAMES == ["vgg8x2_dropout", "vgg9_dropout"]


@pytest.mark.parametrize("name", NAMES)
def test_without_its_dropout_it_is_the_paper_s(name: str) -> None:
    ours, theirs = network(str(FOLDER / name)), network(name.removesuffix("_dropout"))
    assert without_dropout(ours.layers) == without_dropout(theirs.layers)
    assert any(isinstance(item, Dropout) for item in ours.layers)
    assert ours.model_dump(exclude={"layers"}) == theirs.model_dump(exclude={"layers"})
