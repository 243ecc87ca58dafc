"""`snnc graph`: the formats, where they go, and who draws."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

# The package has a function of this name, too.
render = import_module("snnc.backends.diagram.render")

STARTS = {"svg": b"<", "png": b"\x89PNG", "pdf": b"%PDF", "dot": b"digraph"}


@pytest.mark.parametrize("form", STARTS)
def test_the_suffix_chooses_the_format(snnc, right, tree, form: str):
    answer = snnc("graph", str(right), "-o", f"x.{form.upper()}")
    assert (answer.status, answer.out) == (0, f"wrote x.{form.upper()}\n")
    assert Path(f"x.{form.upper()}").read_bytes().startswith(STARTS[form])
    assert tree() == {"right.spec", f"x.{form.upper()}"}


def test_a_diagram_shows_the_layers(snnc, right):
    unrolled, folded = (
        snnc("graph", str(right), "-o", "-", "-f", "dot", *more).out for more in ((), ("--folded",))
    )
    assert "FC1" in unrolled
    assert "FC1" in folded
    assert unrolled != folded


@pytest.mark.parametrize(
    ("more", "file"), [((), "right.svg"), (("--folded",), "right_folded.svg"), (("-f", "dot"), "right.dot")]
)
def test_without_a_file_it_goes_beside_the_modules(snnc, right, tree, more: tuple[str, ...], file: str):
    assert snnc("graph", str(right), *more).out == f"wrote build/right/{file}\n"
    assert tree() == {"right.spec", "build", "build/right", f"build/right/{file}"}


def test_stdout_gets_the_bytes_alone(snnc, right, tree):
    answer = snnc("graph", str(right), "-o", "-")
    assert ET.fromstring(answer.out).tag.endswith("svg")  # noqa: S314  snnc has just written it
    assert (answer.status, tree()) == (0, {"right.spec"})


def test_bytes_are_not_sent_to_a_terminal(snnc, right, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    answer = snnc("graph", str(right), "-o", "-", "--format", "png")
    assert (answer.status, answer.out) == (2, "")
    assert "a terminal cannot show png" in answer.err


def test_who_draws_is_told_on_stderr(snnc, right, monkeypatch):
    monkeypatch.setattr(render, "ENGINES", {"snnc": render.ENGINES["snnc"]})
    assert snnc("graph", str(right), "-o", "x.svg") == (0, "wrote x.svg\n", "drawn by snnc\n")


def test_a_format_that_nothing_can_draw_is_one_line(snnc, right, tree, monkeypatch):
    monkeypatch.setattr(render, "ENGINES", {"snnc": render.ENGINES["snnc"]})
    answer = snnc("graph", str(right), "-o", "x.png")
    assert (answer.status, answer.out) == (4, "")
    assert answer.err.startswith("snnc: nothing here can write PNG")
    assert answer.err.count("\n") == 1
    assert tree() == {"right.spec"}


def test_a_refused_spec_leaves_nothing(snnc, mendable, tree):
    answer = snnc("graph", str(mendable), "-o", "x.svg")
    assert (answer.status, answer.out) == (2, "")
    assert tree() == {"mendable.spec"}


def test_a_link_is_not_followed(snnc, right, tmp_path):
    outside = tmp_path / "outside.svg"
    Path("x.svg").symlink_to(outside)
    assert snnc("graph", str(right), "-o", "x.svg").status == 4
    assert not outside.exists()


@pytest.mark.parametrize("target", ["ann", "snn"])
def test_either_twin(snnc, right, target: str):
    text = snnc("graph", str(right), "-o", "-", "-f", "dot", "--target", target).out
    assert target.upper() in text
