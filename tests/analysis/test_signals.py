from dataclasses import replace

import pytest

from snnc.analysis.layers import layer_rows
from snnc.analysis.signals import Kind, signals
from snnc.analysis.timing import Time, times
from snnc.ir.graph import Graph, Node
from snnc.ir.ids import NodeId, StateId
from snnc.ir.ops import Carry, Encode, Input, Join, Narrow, Neuron, Pool, Relu, Repeat, Spiking
from snnc.ir.program import Target
from snnc.ir.shape import Map


def kinds(program):
    found = signals(program.graph)
    return [found[program.graph.operands(program.graph[row.node])[0].id] for row in layer_rows(program)]


def test_a_full_snn(build, words):
    assert [one.kind for one in kinds(build(words["vgg5"]))] == [
        "signed spike",
        "spike",
        "pooled spike",
        "spike",
        "pooled spike",
        "accumulated",
    ]


def test_an_artificial_twin_is_analog(build, words):
    assert {one.kind for one in kinds(build(words["vgg5"], target=Target.ANN))} == {Kind.ANALOG}
    assert not any(one.train for one in kinds(build(words["vgg5"], target=Target.ANN)))


def test_a_hybrid_knows_what_comes_after_spikes(build, words):
    found = kinds(build(words["vgg13"], (3, 224, 224), encode="direct"))
    assert [one.after_spikes for one in found] == [False] * 7 + [True] * 6
    assert found[6].kind is Kind.ANALOG
    assert found[7].kind is Kind.SPIKE
    assert found[8].kind is Kind.ACCUMULATED
    assert found[9].kind is Kind.ANALOG


def test_max_pooling_keeps_spikes_and_average_pooling_remembers_its_area(build):
    found = kinds(build("Conv1(3,8,3/1)L M2/2 Conv2(8,8,3/1)L P2/2 P2/2 Conv3(8,8,3/1)L"))
    assert [(one.kind, one.area) for one in found][1:] == [("spike", 1), ("pooled spike", 16)]


@pytest.mark.parametrize("name", ["vgg5", "vgg9", "vgg13"])
def test_trains_agree_with_the_timing_analysis(build, words, name):
    image = (3, 224, 224) if name == "vgg13" else (3, 32, 32)
    program = build(words[name], image, encode="poisson" if name == "vgg5" else "direct")
    time = times(program.graph)
    assert {node: one.train for node, one in signals(program.graph).items()} == {
        node: one is Time.TRAIN for node, one in time.items()
    }


def joined(program, mode):
    """The train of the program's last neuron, joined with that of its Poisson input."""
    graph = program.graph
    last = graph.output
    first = next(node for node in graph if isinstance(node.op, Encode))
    join = replace(last, id=NodeId("Join"), op=Join(mode), operands=(last.id, first.id))
    return signals(Graph([*graph, join]))[join.id]


def test_added_trains_are_counts_and_concatenated_ones_are_not(build):
    program = build("Conv1(3,3,3/1)L")
    assert joined(program, "add").kind is Kind.SUMMED
    assert joined(program, "tile").kind is Kind.SUMMED
    assert joined(program, "concat").kind is Kind.SIGNED


def nodes(*ops):
    origin = build_origin()
    made = []
    for index, op in enumerate(ops):
        operands = (made[-1].id,) if made else ()
        made.append(Node(NodeId(f"N{index}"), op, operands, origin=origin, shape=Map(8, 4, 4)))
    return made


def build_origin():
    from snnc.ir.graph import Origin
    from snnc.source import Source, Span

    return Origin(Span(Source("hand.spec", ""), 0, 0))


def test_narrowing_by_the_mean_pools_spikes():
    spike = (Input(Map(8, 4, 4)), Encode("hold"), Neuron(StateId("C"), Spiking(1.0, 1.0)))
    mean = nodes(*spike, Narrow("mean", 8, 4))
    assert signals(Graph(mean))[mean[-1].id].kind is Kind.POOLED
    top = nodes(*spike, Narrow("top", 8, 4))
    assert signals(Graph(top))[top[-1].id].kind is Kind.SPIKE


def test_a_held_value_is_an_analog_train_and_global_pooling_has_the_area_of_its_map():
    held = nodes(Input(Map(8, 4, 4)), Encode("hold"), Pool("average", 0, 0), Neuron(StateId("C"), Relu()))
    found = signals(Graph(held))
    assert found[held[1].id].train
    assert not found[held[1].id].spikes
    assert found[held[2].id].area == 16
    assert found[held[3].id].kind is Kind.ANALOG


def test_a_folded_graph_is_refused():
    body = Graph(nodes(Carry()))
    folded = nodes(Input(Map(8, 4, 4)), Repeat(body, 2))
    with pytest.raises(ValueError, match="unrolled"):
        signals(Graph(folded))
