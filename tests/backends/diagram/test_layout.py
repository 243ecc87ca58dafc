"""The page: nothing lies upon anything else, whatever the network."""

from __future__ import annotations

from functools import cache
from itertools import combinations, pairwise

import pytest

from snnc.backends.diagram import Drawing, draw
from snnc.backends.diagram.drawing import Loop, Panel, Route, boxes_of
from snnc.backends.diagram.layout import Frame, Label, Layout, Place, Point
from snnc.backends.diagram.metrics import TINY, text_width
from snnc.backends.diagram.place import lay_out
from snnc.driver import load, loads
from snnc.ir.program import Target
from snnc.source.data import data

SPECS = sorted(
    entry.name.removesuffix(".spec") for entry in data("specs").iterdir() if entry.name.endswith(".spec")
)

Rectangle = tuple[float, float, float, float]


def layers(start: int, end: int) -> str:
    return " - ".join(f"Conv{number}(8,8,3x3/1)" for number in range(start, end))


HEAD = "input 3x8x8\nInput - Conv1(3,8,3x3/1) - "
GROUPS = " - ".join(f"[{layers(start, end)}] repeated 3 times" for start, end in ((6, 9), (9, 40), (40, 43)))
# What no spec of the paper has: skips to the next columns and over several, loops wherever a column may end.
MADE = {
    "skips": f"{HEAD}{layers(2, 50)} - FC1(512,10)\n"
    "Skip Conv1-to-Conv30 add, Conv2-to-Conv29 add, Conv3-to-Conv49 add, Conv4-to-Conv20 add, "
    "Conv5-to-Conv18 add, Conv9-to-Conv12 add, Conv8-to-Conv13 add, Conv26-to-Conv40 add, "
    "Conv2-to-Conv49 add",
    "pools": f"{HEAD.replace('8x8', '96x96')}{layers(2, 14)} - MaxPool(3x3/2) - Pool(3x3/2) "
    f"- MaxPool(2x2/2) - {layers(14, 20)} - FC1(968,10)\nSkip Conv1-to-Conv19 add, Conv2-to-Conv18 add",
    "loops": f"{HEAD}{layers(2, 6)} - {GROUPS} - {layers(43, 70)} - FC1(512,10)",
}


@cache
def drawings(spec: str) -> list[Drawing]:
    net = loads(MADE[spec]) if spec in MADE else load(spec)
    twins = [net.twin(target) for target in Target]
    return [draw(program) for twin in twins for program in (twin.folded, twin.unrolled)]


def rectangle(place: Place) -> Rectangle:
    return place.left, place.y, place.right, place.bottom


def words(label: Label) -> Rectangle:
    width = text_width(label.text, TINY)
    left = label.x - {"start": 0.0, "middle": width / 2, "end": width}[label.anchor]
    return left, label.y - 7.0, left + width, label.y


def caption(frame: Frame) -> Rectangle:
    width = text_width("continued" if frame.again else frame.frame.note, TINY)
    return frame.side - width, frame.y + 7.0, frame.side, frame.y + 14.0


def meet(one: Rectangle, other: Rectangle) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def stretch(start: Point, end: Point) -> Rectangle:
    return min(start[0], end[0]), min(start[1], end[1]), max(start[0], end[0]), max(start[1], end[1])


def within(page: Layout, place: Rectangle) -> bool:
    return place[0] >= 0 and place[1] >= 0 and place[2] <= page.width and place[3] <= page.height + 1


@pytest.mark.parametrize("spec", [*SPECS, *MADE])
def test_boxes_words_and_ways_keep_clear_of_boxes(spec):
    for drawing in drawings(spec):
        page = lay_out(drawing)
        boxes = {place.box.key: rectangle(place) for place in page.places}
        assert not [pair for pair in combinations(boxes.values(), 2) if meet(*pair)]
        beside = [words(label) for label in page.labels if label.route is not Route.LOOP]
        assert not [(label, box) for label in beside for box in boxes.values() if meet(label, box)]
        for wire in page.wires:
            others = [box for key, box in boxes.items() if key not in {wire.edge.source, wire.edge.target}]
            ways = [stretch(*pair) for pair in pairwise(wire.points)]
            assert not [(wire, box) for way in ways for box in others if meet(way, box)]


@pytest.mark.parametrize("spec", [*SPECS, *MADE])
def test_words_keep_clear_of_words_and_of_ways_down(spec):
    for drawing in drawings(spec):
        page = lay_out(drawing)
        beside = [words(label) for label in page.labels if label.route is not Route.LOOP]
        beside += [caption(frame) for frame in page.frames]
        assert not [pair for pair in combinations(beside, 2) if meet(*pair)]
        ways = [stretch(*pair) for wire in page.wires for pair in pairwise(wire.points)]
        down = [way for way in ways if way[0] == way[2]]
        assert not [(label, way) for label in beside for way in down if meet(label, way)]


@pytest.mark.parametrize("spec", [*SPECS, *MADE])
def test_all_is_on_the_page(spec):
    for drawing in drawings(spec):
        page = lay_out(drawing)
        frames = [(frame.x, frame.y, frame.x + frame.width, frame.y + frame.height) for frame in page.frames]
        ways = [stretch(*pair) for wire in page.wires for pair in pairwise(wire.points)]
        everything = [*map(rectangle, page.places), *map(words, page.labels), *frames, *ways]
        assert all(within(page, place) for place in everything)


@pytest.mark.parametrize("spec", [*SPECS, *MADE])
def test_frames_hold_their_boxes_and_nest(spec):
    for drawing in drawings(spec):
        page = lay_out(drawing)
        places = {place.box.key: place for place in page.places}
        for frame in page.frames:
            inside = [places[box.key] for box in boxes_of(frame.frame.items)]
            here = [one for one in inside if frame.x < one.x < frame.x + frame.width]
            assert here
            assert all(frame.y < one.y and one.bottom < frame.y + frame.height for one in here)
            assert all(frame.x < one.left and one.right < frame.x + frame.width for one in here)


@pytest.mark.parametrize("spec", [*SPECS, *MADE])
def test_lanes_are_not_shared(spec):
    for drawing in drawings(spec):
        ways = [
            (stretch(*pair), wire.edge)
            for wire in lay_out(drawing).wires
            for pair in pairwise(wire.points)
            if pair[0][0] == pair[1][0]
        ]
        for (one, edge), (other, another) in combinations(ways, 2):
            if edge != another and one[0] == other[0]:
                assert one[3] <= other[1] or other[3] <= one[1]


def test_a_wire_ends_at_its_boxes(compiled, specs):
    for text in specs.values():
        page = lay_out(draw(compiled(text, folded=True)))
        places = {place.box.key: place for place in page.places}
        for wire in page.wires:
            (x, y), target = wire.points[-1], places[wire.edge.target]
            assert target.left <= x <= target.right
            assert target.y <= y <= target.bottom


def test_a_loop_is_never_broken_between_columns():
    page = lay_out(draw(loads(MADE["loops"]).snn_twin.folded))
    columns = {place.box.key: place.column for place in page.places}
    loops = [frame.frame for frame in page.frames if isinstance(frame.frame, Loop)]
    assert len(loops) == 3
    assert len(set(columns.values())) > 2
    assert all(len({columns[box.key] for box in boxes_of(loop.items)}) == 1 for loop in loops)


def test_a_long_chain_is_broken_into_even_columns_and_its_panel_goes_on(chain):
    page = lay_out(draw(chain([f"Conv{number}" for number in range(60)])))
    heights: dict[int, float] = {}
    for place in page.places:
        heights[place.column] = max(heights.get(place.column, 0.0), place.bottom)
    assert len(heights) > 3
    assert min(heights.values()) > 0.6 * max(heights.values())
    again = [
        frame.again for frame in page.frames if isinstance(frame.frame, Panel) and frame.frame.title == "SNN"
    ]
    assert again == [False] + [True] * (len(again) - 1)
    assert 0.7 < page.width / page.height < 2.8


def test_a_short_chain_is_one_column(chain):
    page = lay_out(draw(chain(["Conv1", "Conv2"])))
    assert {place.column for place in page.places} == {0}


def test_a_skip_over_several_columns_runs_below_them():
    page = lay_out(draw(loads(MADE["skips"]).snn_twin.unrolled))
    lowest = max(place.bottom for place in page.places)
    columns = {place.box.key: place.column for place in page.places}
    apart = [wire for wire in page.wires if columns[wire.edge.target] > columns[wire.edge.source] + 1]
    assert len(apart) >= 2
    assert all(max(y for _, y in wire.points) > lowest for wire in apart)
