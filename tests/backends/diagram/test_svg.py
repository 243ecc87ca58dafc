"""The SVG: well formed, the same every time, and harmless inline in any page."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from xml.etree import ElementTree as ET

import pytest

from snnc.backends.diagram import draw, svg_of, svg_text
from snnc.backends.diagram.drawing import Box, Drawing, Edge, Kind, Route, Time
from snnc.backends.diagram.palette import FAMILIES, ROUTES
from snnc.backends.diagram.words import visible
from snnc.ir.program import Target

SVG = "{http://www.w3.org/2000/svg}"
TAGS = {"svg", "title", "rect", "text", "path", "polygon"}
HOSTILE = [
    '"quoted"',
    "back\\slash\\",
    "<script>alert(1)</script>",
    "two\nlines\r\x00\x1b[2J",
    "\u202eevil\u2066",
    "]]>&lt;&#x202e;",
    "javascript:alert(1)",
    '" onload="alert(1)',
    "a" * 5000,
    "\\N\\G\\l",
    "<<b>bold</b>>",
    "\ud800",
    "汉字",
]


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314  # our own output


def texts(page: ET.Element) -> list[str]:
    return [element.text or "" for element in page.iter(f"{SVG}text")]


def hostile() -> Drawing:
    boxes = [
        Box(text, Kind.LAYER, Time.TRAIN, text, text, "spikes", text, text, (text,), text) for text in HOSTILE
    ]
    edges = [Edge(one, other, Route.FLOW, f"1{one}") for one, other in itertools.pairwise(HOSTILE)]
    skips = [Edge(HOSTILE[0], HOSTILE[5], Route.SKIP, HOSTILE[2], HOSTILE[3])]
    return Drawing(HOSTILE[2], tuple(boxes), (*edges, *skips))


def test_hostile_labels_are_text_and_nothing_else():
    page = parsed(svg_text(hostile()))
    tags = {element.tag.removeprefix(SVG) for element in page.iter()}
    assert tags <= TAGS
    names = {name for element in page.iter() for name in element.attrib}
    assert not [name for name in names if name.startswith("on") or "href" in name or name in {"style", "id"}]
    values = [value for element in page.iter() for value in element.attrib.values()]
    assert not [value for value in values if "url" in value or "javascript" in value or "alert" in value]
    shown = Counter(texts(page))
    assert all(shown[visible(text)] >= 4 for text in HOSTILE)  # title, neuron, detail, count
    assert all(character.isprintable() for text in shown for character in text)


def test_every_box_is_there_once(compiled, specs):
    drawing = draw(compiled(specs["rich"]))
    shown = Counter(texts(parsed(svg_text(drawing))))
    titles = Counter(box.title for box in drawing.boxes if box.kind is Kind.LAYER)
    assert all(shown[title] == count for title, count in titles.items())


def test_steps_of_one_weight_are_filled_alike(compiled, specs):
    page = parsed(svg_text(draw(compiled(specs["rich"]))))
    fills = Counter(element.get("fill") for element in page.iter(f"{SVG}rect"))
    legend = 1  # its swatches show the first two
    assert fills[FAMILIES[0].fill] == 2 + legend
    assert fills[FAMILIES[1].fill] == 6 + legend
    assert fills[FAMILIES[2].fill] == 2


def test_skips_are_dashed_and_loops_counted(compiled, specs):
    page = parsed(svg_text(draw(compiled(specs["rich"], folded=True))))
    dashed = [path for path in page.iter(f"{SVG}path") if path.get("stroke-dasharray")]
    assert {path.get("stroke") for path in dashed} == {ROUTES[Route.SKIP]}
    back = [path for path in page.iter(f"{SVG}path") if path.get("stroke") == ROUTES[Route.LOOP]]
    assert len(back) == 2 + 1  # and one in the legend
    assert {"×2", "×3"} <= set(texts(page))


def test_the_panels_say_what_is_done_once(compiled, specs):
    shown = texts(parsed(svg_text(draw(compiled(specs["hybrid"])))))
    assert shown.count("ANN") == 2
    assert shown.count("once") == 2
    assert "at each of T steps" in shown


def test_it_is_the_same_every_time(compiled, specs):
    for text in specs.values():
        assert svg_of(compiled(text)) == svg_of(compiled(text))


@pytest.mark.parametrize("target", list(Target))
def test_no_part_depends_on_another_document(compiled, specs, target):
    text = svg_of(compiled(specs["skips"], target))
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|<!|<\?|<style|<script|url\(", text)


def test_colours_have_six_digits(compiled, specs):
    for colour in re.findall(r"#\w+", svg_of(compiled(specs["rich"]))):
        assert re.fullmatch(r"#[0-9a-f]{6}", colour)


def test_it_has_a_title_for_those_who_cannot_see_it(compiled, specs):
    page = parsed(svg_of(compiled(specs["skips"])))
    assert page.get("role") == "img"
    assert page.findtext(f"{SVG}title") == "Skips: spiking twin, T = 100"


def test_it_is_what_it_was(compiled, specs, golden):
    golden(svg_of(compiled(specs["hybrid"], folded=True)), "hybrid_folded.svg")
