"""The DOT text: golden, inert, and understood by Graphviz."""

from __future__ import annotations

import itertools
import re

import pytest

from snnc.backends.diagram import dot_text, draw
from snnc.backends.diagram.drawing import Box, Drawing, Edge, Kind, Route, Time
from snnc.backends.diagram.placed import placed_text
from snnc.backends.diagram.quote import quoted
from snnc.backends.diagram.words import visible

HOSTILE = [
    'say "hi"',
    '"]; evil [label="',
    "back\\slash\\",
    '\\"',
    "<script>alert(1)</script>",
    "<<b>bold</b>>",
    "two\nlines\r",
    "\u202eevil",
    "&lt;&#x202e;&amp;",
    "\\N \\G \\L",
    "-> } digraph {",
    "汉字",
]
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def hostile() -> Drawing:
    boxes = tuple(Box(text, Kind.LAYER, Time.TRAIN, text, notes=(text,), weight=text) for text in HOSTILE)
    edges = tuple(Edge(one, other, Route.FLOW, other) for one, other in itertools.pairwise(HOSTILE))
    return Drawing(HOSTILE[1], boxes, edges)


@pytest.mark.parametrize("name", ["rich", "skips", "hybrid"])
@pytest.mark.parametrize("folded", [True, False])
def test_it_is_what_it_was(compiled, specs, golden, name, folded):
    golden(dot_text(draw(compiled(specs[name], folded=folded))), f"{name}{'_folded' if folded else ''}.dot")


def test_the_placed_text_is_what_it_was(compiled, specs, golden):
    golden(placed_text(draw(compiled(specs["skips"]))), "skips_placed.dot")


@pytest.mark.parametrize("write", [dot_text, placed_text])
def test_it_is_the_same_every_time(compiled, specs, write):
    for text in specs.values():
        assert write(draw(compiled(text))) == write(draw(compiled(text)))


@pytest.mark.parametrize("write", [dot_text, placed_text])
def test_only_our_own_statements_are_outside_strings(write):
    outside = STRING.sub("S", write(hostile()))
    allowed = re.compile(
        r"[ ]*(digraph S \{|\}|(subgraph )?S( \{| -> S)?( \[.*\];)?|(graph|node|edge) \[.*\];)"
    )
    assert all(allowed.fullmatch(line) for line in outside.splitlines())
    assert set(re.findall(r"[a-zA-Z]+(?==)", outside)) <= {
        "arrowsize", "color", "constraint", "dir", "dpi", "fillcolor", "fixedsize", "fontcolor", "fontname",
        "fontsize", "height", "label", "labeljust", "labelloc", "margin", "nodesep", "pad", "penwidth", "pos",
        "ranksep", "shape", "style", "width",
    }  # fmt: skip


@pytest.mark.parametrize("write", [dot_text, placed_text])
def test_every_node_and_edge_has_a_label_of_its_own(write):
    for line in write(hostile()).splitlines():
        if re.match(r' +"', line):
            assert " [label=" in line


@pytest.mark.parametrize("text", HOSTILE)
def test_a_string_never_ends_early(text):
    assert STRING.fullmatch(quoted(text))
    assert STRING.fullmatch(quoted(text, text, side="l"))


def test_nothing_in_a_string_means_more_than_itself():
    assert quoted("a", "b") == r'"a\nb"'
    assert quoted(r"\N") == r'"\\N"'
    assert quoted("&#x202e;") == '"&amp;#x202e;"'
    assert quoted("<b>") == '"<b>"'
    assert quoted("a\nb") == r'"a\\u{a}b"'


def test_colours_have_six_digits(compiled, specs):
    for colour in re.findall(r"#\w+", dot_text(draw(compiled(specs["rich"])))):
        assert re.fullmatch(r"#[0-9a-f]{6}", colour)


@pytest.mark.parametrize("write", [dot_text, placed_text])
def test_graphviz_reads_back_what_was_meant(write):
    pygraphviz = pytest.importorskip("pygraphviz")
    drawing = hostile()
    graph = pygraphviz.AGraph(string=write(drawing))
    named = {str(node): node.attr["label"] for node in graph.nodes()}
    keys = {visible(key).replace("\\", "\\\\").replace("&", "&amp;") for key in HOSTILE}
    assert keys <= set(named)
    assert graph.number_of_edges() == len(drawing.edges)
    if write is dot_text:
        assert len(named) == len(HOSTILE)


def test_graphviz_paints_hostile_labels_as_text():
    pygraphviz = pytest.importorskip("pygraphviz")
    graph = pygraphviz.AGraph(string=placed_text(hostile()))
    painted = graph.draw(format="svg", prog="nop2").decode()
    assert not re.search(r"<script|<b>|<a |\bon\w+=|javascript:", painted)
    assert "\u202e" not in painted
