"""Recipes: read, overridden, and refused where they stand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from snnc.diagnostics import CompileError, Diagnostic
from snnc.source import Source
from snnc.source.data import data
from snnc.train.reading import draft
from snnc.train.recipe import Recipe, StdpRecipe, Table, open_recipe, read_recipe, recipe_from
from snnc.train.run import network_of

GOOD = 'spec = "digits"\nmethod = "agd"\nepochs = 3\n'
FILES = sorted(file.name.removesuffix(".toml") for file in (data("specs") / "recipes").iterdir())
SHIPPED = [name for name in FILES if "_convert" not in name]  # the others do not train


def recipe(text: str = GOOD, **overrides: str) -> Recipe:
    return read_recipe(Source("r.toml", text), {name.replace("__", "."): v for name, v in overrides.items()})


def refused(text: str, **overrides: str) -> list[Diagnostic]:
    with pytest.raises(CompileError) as caught:
        recipe(text, **overrides)
    return list(caught.value.diagnostics)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_recipe_trains_a_network_of_the_paper(name: str) -> None:
    found = open_recipe(Path(name))
    network = network_of(found)
    assert found.title
    assert network.timesteps == (found.timesteps or 1)
    if found.method == "agd":
        assert network.net.model.encode == found.coding


def test_the_tables_have_their_recipes() -> None:
    tables = [open_recipe(Path(name)).title.split(",")[0] for name in SHIPPED]
    expected = {"II": 3, "IV": 2, "VI": 3, "VIII": 12, "X": 6, "XI": 4, "XII": 3, "XIV": 4, "XVI": 2}
    assert {table: tables.count(f"Table {table}") for table in expected} == expected


def test_overrides_win_and_keep_their_types() -> None:
    found = recipe(optimiser__rate="1e-4", data__augment='["flip"]', spec="vgg5", epochs="7")
    assert (found.optimiser.rate, found.data.augment, found.spec, found.epochs) == (1e-4, ["flip"], "vgg5", 7)
    assert recipe().optimiser.rate == Recipe(spec="digits", method="agd", epochs=3).optimiser.rate


def test_the_text_of_a_recipe_gives_the_recipe_back() -> None:
    found = recipe(optimiser__rate="0.1")
    assert Recipe.model_validate_json(found.text()) == found


CASES = {
    "a value": ('spec = "a"\nmethod = "agdx"\nepochs = 3', "recipe-value", 2, 10, '"agdx"'),
    "a number": ('spec = "a"\nmethod = "ann"\nepochs = 0 # none', "recipe-value", 3, 10, "0"),
    "a type": ('spec = 3\nmethod = "ann"\nepochs = 1', "recipe-value", 1, 8, "3"),
    "text for number": (GOOD + '[optimiser]\nrate = "fast"', "recipe-value", 5, 8, '"fast"'),
    "infinity": (GOOD + "[optimiser]\nrate = inf", "recipe-value", 5, 8, "inf"),
    "a key": (GOOD + "[optimiser]\nname = 'sgd'\nrat = 1.0", "recipe-key", 6, 1, "rat"),
    "a dotted key": (GOOD + "optimiser.rat = 1.0", "recipe-key", 4, 1, "optimiser.rat"),
    "a table": (GOOD + "[optimizer]\nrate = 1.0", "recipe-key", 4, 2, "optimizer"),
    "an item": (GOOD + 'data.augment = ["flip", "spin"]', "recipe-value", 4, 16, '["flip", "spin"]'),
    "two entries": (GOOD + "batch = 10\nparts = 3", "recipe-value", 5, 9, "3"),
    "after a text": (GOOD + 'title = """\nepochs = 1\n"""\nbatch = -1', "recipe-value", 7, 9, "-1"),
    "syntax": ('spec = "a"\nmethod: "ann"', "recipe-syntax", 2, 7, ":"),
    "twice": (GOOD + "epochs = 4", "recipe-syntax", 4, 10, "4"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_is_told_where_it_stands(case: str) -> None:
    text, code, line, column, marked = CASES[case]
    (found,) = refused(text)
    assert (found.code, found.span.line, found.span.column, found.span.text) == (code, line, column, marked)
    assert found.title_text()


def test_all_mistakes_are_told_at_once() -> None:
    found = refused('method = "x"\nepochs = -1\nspeed = 3')
    assert sorted(one.code for one in found) == ["recipe-key", "recipe-lacks", "recipe-value", "recipe-value"]


def test_a_misspelt_key_gets_a_hint() -> None:
    (found,) = refused(GOOD + "[schedule]\nmilestone = [0.5]")
    assert found.help_text() == "did you mean milestones?"


def test_a_mistake_on_the_command_line_is_told_there() -> None:
    (found,) = refused(GOOD, optimiser__rate="fast")
    assert (found.span.source.name, found.span.text) == ("--set optimiser.rate", "fast")
    (found,) = refused(GOOD, optimisr__rate="1.0")
    assert (found.code, found.span.source.name) == ("recipe-key", "--set optimisr.rate")
    (found,) = refused(GOOD, parts="3")
    assert (found.span.source.name, found.span.text) == ("--set parts", "3")
    (found,) = refused(GOOD, epochs__x="1")
    assert found.code == "recipe-syntax"


def test_what_lacks_can_come_from_the_command_line() -> None:
    (found,) = refused('spec = "a"\nmethod = "ann"')
    assert found.title_text() == "the recipe lacks epochs"
    assert recipe('spec = "a"\nmethod = "ann"', epochs="2").epochs == 2


def test_checking_a_recipe_does_not_load_torch() -> None:
    code = (
        "import sys; from pathlib import Path; from snnc.train.recipe import open_recipe;"
        "open_recipe(Path('digits')); sys.exit('torch' in sys.modules)"
    )
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=root).returncode == 0


def test_another_kind_of_recipe_is_read_alike() -> None:
    class Tea(Table):
        minutes: int = 3

    assert draft(Source("t.toml", "minutes = 5")).fill(Tea) == Tea(minutes=5)
    with pytest.raises(CompileError) as caught:
        draft(Source("t.toml", "minuts = 5")).fill(Tea)
    assert caught.value.diagnostics[0].help_text() == "did you mean minutes?"


STDP = 'spec = "a"\nmethod = "stdp"\nepochs = 1\n'


def test_the_method_decides_of_the_entries() -> None:
    assert isinstance(recipe(STDP + "stdp.tau = 3.0"), StdpRecipe)
    (found,) = refused(GOOD + "[stdp]\ntau = 3.0")
    assert (found.code, found.span.text) == ("recipe-key", "stdp")
    assert found.help_text() == 'only a recipe with method = "stdp" has it'
    assert recipe_from(recipe(STDP).model_dump()) == recipe(STDP)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("stdp.start = [0.5, 0.1]", "its numbers do not rise"),
        ("stdp.start = [0.5, 1.5]", "leave stdp.low to stdp.high"),
        ("stdp.low = 1.0", "it is not below stdp.high"),
        ('data.augment = ["flip"]', "counted once"),
        ("stdp.offset = []", "at least 1"),
        ("stdp.settle.windw = 3", "did you mean window?"),
    ],
)
def test_what_is_wrong_with_a_rule_is_told(entry: str, reason: str) -> None:
    (found,) = refused(STDP + entry)
    assert reason in found.title_text() + found.help_text()
    assert found.span.line == 4
