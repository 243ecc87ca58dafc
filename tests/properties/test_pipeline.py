"""What holds of every valid network, whatever its topology."""

from __future__ import annotations

from hypothesis import given
from nets import networks

from snnc.analysis.checks import violations
from snnc.driver import loads
from snnc.ir.facts import Fact
from snnc.ir.ops import Conv, Linear, Neuron, Spiking
from snnc.ir.program import Target
from snnc.ir.text import graph_text
from snnc.passes.presets import folding, unrolling


@given(networks())
def test_a_valid_network_compiles_and_keeps_every_promise(text: str) -> None:
    net = loads(text)
    for target in Target:
        twin = net.twin(target)
        facts = folding(target, net.model.encode).gives
        assert Fact.TIMED in facts
        assert not list(violations(twin.folded.graph, facts))
        assert not list(violations(twin.unrolled.graph, unrolling(target, net.model.encode).gives))


@given(networks())
def test_the_twins_differ_in_neurons_and_time_alone(text: str) -> None:
    net = loads(text)
    weights = [
        [node.op for node in net.twin(target).unrolled.graph if isinstance(node.op, Conv | Linear)]
        for target in Target
    ]
    assert weights[0] == weights[1]
    ann = net.ann_twin.unrolled.graph
    assert not any(isinstance(node.op, Neuron) and isinstance(node.op.unit, Spiking) for node in ann)


@given(networks())
def test_compiling_twice_gives_the_same_graphs(text: str) -> None:
    first, second = loads(text), loads(text)
    for target in Target:
        assert graph_text(first.twin(target).unrolled.graph) == graph_text(second.twin(target).unrolled.graph)
