"""The chain of engines: dot, pygraphviz, our own; and what is said when none can."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from snnc.backends.diagram import EngineError, dot_text, draw, render, svg_text
from snnc.backends.diagram.render import ENGINES

FAKE = """#!{python}
import sys
sys.stdout.write(" ".join(sys.argv[1:]) + "\\n" + sys.stdin.read())
"""
BROKEN = "#!/bin/sh\necho no such font >&2\nexit 3\n"


@pytest.fixture
def drawing(compiled, specs):
    return draw(compiled(specs["skips"]))


@pytest.fixture
def no_dot(monkeypatch, tmp_path: Path) -> Path:
    """An empty PATH, and the folder that it names."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


@pytest.fixture
def no_pygraphviz(monkeypatch):
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


def install(folder: Path, script: str) -> None:
    program = folder / "dot"
    program.write_text(script.format(python=sys.executable) if "{python}" in script else script)
    program.chmod(0o755)


def test_dot_on_the_path_comes_first(drawing, no_dot):
    install(no_dot, FAKE)
    picture = render(drawing, "pdf")
    assert picture.engine == "dot"
    arguments, text = picture.content.decode().split("\n", 1)
    assert arguments.split() == ["-Kneato", "-Tpdf", "-n2"]
    assert text.startswith("digraph ")


def test_a_bitmap_is_asked_for_in_print_quality(drawing, no_dot):
    install(no_dot, FAKE)
    assert b"dpi=192" in render(drawing, "png").content
    assert b"dpi=72" in render(drawing, "svg").content


def test_a_bitmap_of_a_huge_net_is_not_huge(chain, no_dot):
    install(no_dot, FAKE)
    drawing = draw(chain([f"Conv{number}" for number in range(2000)]))
    assert b"dpi=72" in render(drawing, "png").content


@pytest.mark.parametrize(
    ("form", "magic"), [("svg", b"<?xml"), ("png", b"\x89PNG\r\n\x1a\n"), ("pdf", b"%PDF-")]
)
def test_pygraphviz_comes_second(drawing, no_dot, form, magic):
    pytest.importorskip("pygraphviz")
    picture = render(drawing, form)
    assert picture.engine == "pygraphviz"
    assert picture.content.startswith(magic)


def test_a_fault_in_pygraphviz_is_not_ours(drawing, no_dot, monkeypatch):
    pytest.importorskip("pygraphviz")
    monkeypatch.setattr(sys.modules[render.__module__], "PAINT", "import os; os.abort()")
    assert render(drawing, "svg").engine == "snnc"
    with pytest.raises(EngineError, match="pygraphviz: ended with code -6"):
        render(drawing, "png")


def test_pygraphviz_keeps_the_layout(drawing, no_dot):
    pytest.importorskip("pygraphviz")
    from struct import unpack

    from snnc.backends.diagram.place import lay_out

    width, _ = unpack(">II", render(drawing, "png").content[16:24])
    page = lay_out(drawing)
    assert width / 192 * 72 == pytest.approx(page.width, rel=0.1)


@pytest.mark.usefixtures("no_dot", "no_pygraphviz")
def test_our_own_comes_last(drawing):
    picture = render(drawing, "svg")
    assert (picture.engine, picture.content) == ("snnc", svg_text(drawing).encode())


def test_a_broken_dot_is_passed_over(drawing, no_dot, no_pygraphviz):
    install(no_dot, BROKEN)
    assert render(drawing, "svg").engine == "snnc"
    with pytest.raises(EngineError, match="dot: ended with code 3"):
        render(drawing, "png")


@pytest.mark.usefixtures("no_dot", "no_pygraphviz")
@pytest.mark.parametrize("form", ["png", "pdf"])
def test_without_engines_bitmaps_are_refused_with_the_ways_out(drawing, form):
    with pytest.raises(EngineError) as caught:
        render(drawing, form)
    message = str(caught.value)
    assert f"can write {form.upper()}" in message
    assert "dot: not on the PATH; pygraphviz: not installed; snnc: writes SVG only" in message
    assert "pip install 'snnc[diagrams]'" in message
    assert ".svg" in message


@pytest.mark.usefixtures("no_dot", "no_pygraphviz")
def test_dot_text_needs_no_engine(drawing):
    picture = render(drawing, "dot")
    assert (picture.engine, picture.content) == ("snnc", dot_text(drawing).encode())


def test_an_engine_can_be_asked_for(drawing):
    assert render(drawing, "svg", ("snnc",)).engine == "snnc"
    assert tuple(ENGINES) == ("dot", "pygraphviz", "snnc")
