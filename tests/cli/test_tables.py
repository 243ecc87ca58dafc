from io import StringIO

import pytest
from rich.console import Console

from snnc.backends.report.sheet import Column, Sheet
from snnc.cli.main import run
from snnc.cli.tables import show

SHEET = Sheet(
    "[red]Net[/red]",
    (("policy", "[bold]paper[/bold]"),),
    (Column("layer", "layer"), Column("macs", "MACs", "count")),
    (("Conv1\x1b[2J", 1_769_472), ("Conv2\u202e", None)),
    ("total", 1_769_472),
    (("EE", "14.75x"),),
    ("a note",),
)


def shown(width: int) -> str:
    page = StringIO()
    show(SHEET, Console(file=page, width=width, force_terminal=False))
    return page.getvalue()


def test_a_sheet_on_a_terminal():
    text = shown(80)
    assert "[red]Net[/red]" in text
    assert "[bold]paper[/bold]" in text
    assert text.count("1,769,472") == 2
    assert "?" in text
    assert "a note" in text


def test_nothing_of_a_spec_steers_the_terminal():
    text = shown(80)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\\u{1b}" in text


def test_a_narrow_terminal_loses_nothing():
    letters = "".join(shown(16).split())
    assert "1,769,472" in letters


@pytest.mark.parametrize(("color", "escapes"), [("always", True), ("never", False)])
def test_colours_on_demand(capfd, color, escapes):
    assert run(["cost", "vgg3", "-a", "0.1", "--color", color]) == 0
    out, _ = capfd.readouterr()
    assert ("\x1b[" in out) is escapes
    assert "13,308,928" in out
