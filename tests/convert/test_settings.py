"""The recipes of conversions: those that ship, and what is told of a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel

from snnc.convert.settings import Conversion, open_conversion
from snnc.diagnostics import CompileError
from snnc.source.data import data
from snnc.train.recipe import open_recipe

FILES = [file.name.removesuffix(".toml") for file in (data("specs") / "recipes").iterdir()]
SHIPPED = sorted(name for name in FILES if "_convert" in name)
DOCS = Path(__file__).parents[2] / "docs" / "conversion.md"


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_recipe_names_the_one_that_trains_its_network(name: str):
    found = open_conversion(Path(name))
    assert found.title
    assert open_recipe(Path(found.ann)).method == "ann"


def test_the_tables_have_their_recipes():
    titles = [open_conversion(Path(name)).title for name in SHIPPED]
    assert [sum(title.startswith(f"Table {table},") for title in titles) for table in ("II", "IV")] == [3, 2]


def test_overrides_win():
    found = open_conversion(Path("vgg2x4_convert"), {"timesteps": "9", "calibration.per": "channel"})
    assert (found.timesteps, found.calibration.per, found.calibration.steps) == (9, "channel", 2500)
    assert open_conversion(None) == Conversion()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("timesteps = 0", "1:13"),
        ("[calibration]\nimages = 3\nblance = 'maximum'", "3:1"),
        ("[calibration]\nbalance = 'most'", "2:11"),
        ("[trial]\nimages = -1", "2:10"),
        ("initial = 1.0", "1:11"),
        ("seed: 3", "1:5"),
    ],
)
def test_a_mistake_is_told_where_it_stands(tmp_path: Path, text: str, place: str):
    (tmp_path / "r.toml").write_text(text)
    with pytest.raises(CompileError, match=rf"r.toml:{place}: error"):
        open_conversion(tmp_path / "r.toml")


def test_every_entry_is_explained():
    table = DOCS.read_text().split("## Recipes")[1].split("\n## ")[0]
    for name, field in Conversion.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            for entry in inner.model_fields:
                assert f"`{name}.{entry}`" in table or f"`.{entry}`" in table, entry
        else:
            assert f"`{name}`" in table, name
