"""What is drawn: boxes, frames, edges, families, words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from snnc.analysis.timing import Time
from snnc.backends.diagram import draw
from snnc.backends.diagram.drawing import Box, Drawing, Item, Kind, Loop, Panel, Route
from snnc.backends.diagram.legend import legend
from snnc.ir.ids import StateId
from snnc.ir.program import Target


def walk(items: tuple[Item, ...]) -> Iterator[Item]:
    for item in items:
        yield item
        if not isinstance(item, Box):
            yield from walk(item.items)


def box(drawing: Drawing, key: str) -> Box:
    (found,) = (one for one in drawing.boxes if one.key == key)
    return found


def test_one_box_per_layer_holds_its_neuron_norm_and_dropout(compiled, specs):
    drawing = draw(compiled(specs["rich"]))
    first = box(drawing, "Conv1")
    assert (first.title, first.detail, first.count) == ("Conv1", "3×3, 3→8", "216 weights")
    assert (first.neuron, first.notes) == ("LIF 0.95", ("BN", "dropout 0.2"))
    assert not [one for one in drawing.boxes if one.key in {"Conv1.bn", "Conv1.neuron", "Conv1.dropout"}]


def test_boxes_stand_in_order_of_execution_with_their_application(compiled, specs):
    titles = [one.title for one in draw(compiled(specs["rich"])).boxes if one.kind is Kind.LAYER]
    steps = [f"Conv3 @{n}" for n in range(1, 7)]
    assert titles == [
        "Conv1", "Conv2 @1", *steps[:3], "Conv4 @1", "Conv2 @2", *steps[3:], "Conv4 @2", "FC1",
    ]  # fmt: skip


def test_steps_of_one_weight_are_one_family_and_only_the_first_counts_it(compiled, specs):
    boxes = [one for one in draw(compiled(specs["rich"])).boxes if one.kind is Kind.LAYER]
    families = {one.weight: {other.family for other in boxes if other.weight == one.weight} for one in boxes}
    assert families == {"Conv1": {None}, "Conv2": {0}, "Conv3": {1}, "Conv4": {2}, "FC1": {None}}
    assert [one.count for one in boxes if one.weight == "Conv4"] == ["576 weights", "same weights"]


def test_folded_layers_have_the_family_that_they_have_unrolled(compiled, specs):
    folded, unrolled = draw(compiled(specs["rich"], folded=True)), draw(compiled(specs["rich"]))
    assert {one.weight: one.family for one in folded.boxes} == {
        one.weight: one.family for one in unrolled.boxes
    }


def test_a_folded_block_is_a_loop_with_an_edge_back_to_its_first_layer(compiled, specs):
    drawing = draw(compiled(specs["rich"], folded=True))
    loops = [item for item in walk(drawing.items) if isinstance(item, Loop)]
    assert [loop.times for loop in loops] == [2, 3]
    assert loops[1] in loops[0].items
    back = [(edge.source, edge.target, edge.label) for edge in drawing.edges if edge.route is Route.LOOP]
    assert back == [("Conv3", "Conv3", "×3"), ("Conv4", "Conv2", "×2")]


def test_an_unrolled_graph_has_no_loops(compiled, specs):
    drawing = draw(compiled(specs["rich"]))
    assert not [item for item in walk(drawing.items) if isinstance(item, Loop)]
    assert not [edge for edge in drawing.edges if edge.route is Route.LOOP]


def test_static_and_spiking_segments_are_panels(compiled, specs):
    drawing = draw(compiled(specs["hybrid"]))
    panels = [item for item in drawing.items if isinstance(item, Panel)]
    assert [(panel.time, panel.title, panel.note) for panel in panels] == [
        (Time.STATIC, "ANN", "once"),
        (Time.TRAIN, "SNN", "at each of T steps"),
        (Time.STATIC, "ANN", "once"),
    ]
    between = [item.kind for item in drawing.items if isinstance(item, Box)]
    assert between == [Kind.INPUT, Kind.ENCODE, Kind.INTEGRATE, Kind.CLASSIFY]


def test_the_artificial_twin_is_one_panel(compiled, specs):
    drawing = draw(compiled(specs["hybrid"], Target.ANN))
    assert [item.time for item in drawing.items if isinstance(item, Panel)] == [Time.STATIC]
    assert drawing.title == "Hybrid: artificial twin"


def test_a_layer_that_is_computed_once_stands_apart_from_its_spiking_neuron(compiled, specs):
    drawing = draw(compiled(specs["hybrid"]))
    layer, neuron = box(drawing, "Conv2"), box(drawing, "Conv2.neuron")
    assert (layer.time, layer.neuron) == (Time.STATIC, "")
    assert (neuron.time, neuron.title, neuron.neuron) == (Time.TRAIN, "Conv2 neuron", "LIF 0.9")
    assert neuron.notes == ("threshold 2", "reset to 0")


def test_skips_end_in_joins_and_say_what_they_pass(compiled, specs):
    drawing = draw(compiled(specs["skips"]))
    skips = [edge for edge in drawing.edges if edge.route is Route.SKIP]
    assert [(edge.source, edge.target, edge.label, edge.note) for edge in skips] == [
        ("Input.encoded", "Conv2.join", "3×16×16", ""),
        ("Conv1", "FC1.join", "6×8×8", "avg pool 2×2"),
    ]
    assert [box(drawing, edge.target).title for edge in skips] == ["tile", "concat"]


def test_a_skip_into_a_folded_block_enters_it_from_outside(compiled, specs):
    drawing = draw(compiled(specs["rich"], folded=True))
    (skip,) = (edge for edge in drawing.edges if edge.route is Route.SKIP)
    assert (skip.source, skip.target) == ("Conv1", "Conv4.join")


def test_stochmax_takes_the_features_by_a_skip(compiled, specs):
    (skip,) = (edge for edge in draw(compiled(specs["hybrid"])).edges if edge.route is Route.SKIP)
    assert (skip.source, skip.target, skip.label) == ("FC1.neuron.mean", "Classify", "features")


def test_shapes_stand_where_maps_change(compiled, specs):
    labels = {
        edge.source: edge.label for edge in draw(compiled(specs["skips"])).edges if edge.route is Route.FLOW
    }
    assert {source: label for source, label in labels.items() if label} == {
        "Conv1": "6×16×16",
        "Pool1": "6×8×8",
        "FC1.join": "12×8×8",
    }


def test_thresholds_that_somebody_found_are_printed(compiled, specs):
    found = {StateId("Conv2", step): f"{step}.5" for step in (1, 2)}
    unrolled = draw(compiled(specs["skips"]), found)
    assert [box(unrolled, f"Conv2@{step}").notes for step in (1, 2)] == [
        ("threshold 1.5",),
        ("threshold 2.5",),
    ]
    assert box(unrolled, "Conv1").notes == ()
    folded = draw(compiled(specs["skips"], folded=True), found)
    assert box(folded, "Conv2").notes == ("threshold 1.5, 2.5",)


def test_every_edge_joins_boxes_that_exist(compiled, specs):
    for text in specs.values():
        drawing = draw(compiled(text, folded=True))
        keys = {one.key for one in drawing.boxes}
        assert all({edge.source, edge.target} <= keys for edge in drawing.edges)


@pytest.mark.parametrize("folded", [True, False])
def test_everything_but_the_image_is_reached(compiled, specs, folded):
    for text in specs.values():
        drawing = draw(compiled(text, folded=folded))
        reached = {edge.target for edge in drawing.edges if edge.route is not Route.LOOP}
        assert {one.key for one in drawing.boxes} - reached == {"Input"}


def test_the_legend_holds_the_marks_of_the_drawing_and_no_others(compiled, specs, chain):
    def marks(program):
        return [entry.mark.value for entry in legend(draw(program))]

    assert marks(chain(["Conv1", "Conv2"])) == ["spikes"]
    assert marks(compiled(specs["rich"])) == ["shared", "skip", "spikes"]
    assert marks(compiled(specs["rich"], folded=True)) == ["loop", "skip", "spikes"]
    assert marks(compiled(specs["hybrid"])) == ["shared", "skip", "ramp", "spikes"]


def test_where_colours_repeat_the_ties_tell(compiled):
    layers = " - ".join(f"Conv{number}(3,3,3x3/1)" for number in range(1, 10))
    text = f"input 3x8x8\nInput - [{layers}] repeated 2 times - FC1(192,10)\n"
    (entry, *_) = legend(draw(compiled(text)))
    assert entry.text == "tied at the left: the same weights"
