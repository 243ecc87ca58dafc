"""A network to the parts that STDP trains one after the other, and the classifier behind them.

Everything is read off the compiled graph: which convolutions feed back on each other and so learn together,
what has to run to see their spikes, where spikes end. What STDP cannot train is refused where it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from snnc.analysis.signals import Signal, signals, unit_after
from snnc.analysis.users import Users, users_of
from snnc.diagnostics import Diagnostic, Reporter
from snnc.driver import Twin
from snnc.ir.graph import Graph, Node
from snnc.ir.ids import NodeId
from snnc.ir.ops import BatchNorm, Conv, Dropout, Input, Integrate, Linear, Neuron, Repeat, Spiking
from snnc.ir.program import Program
from snnc.ir.shape import Map
from snnc.source import Span
from snnc.train.errors import StdpLayer, StdpParts


@dataclass(frozen=True)
class Stage:
    """Convolutions that learn together, and the program from the image to the last of their spikes.

    One layer, or those of a BackRes block: each of its layers is the next step's input to the others.
    """

    layers: tuple[str, ...]
    program: Program

    @property
    def name(self) -> str:
        """What to call it: ``Conv2``, or ``Conv2+Conv3``."""
        return "+".join(self.layers)


@dataclass(frozen=True)
class Division:
    """The stages in order, then ``spiking``: from the image to the mean over T; then the ``classifier``.

    A value of the mean is a number of spikes, divided by T and by ``area``, that of the average pools.
    """

    stages: tuple[Stage, ...]
    spiking: Program
    classifier: Program
    area: int

    @property
    def features(self) -> Map:
        """The shape of what the classifier reads."""
        shape = self.spiking.graph.output.shape
        if not isinstance(shape, Map):
            raise TypeError("what STDP trains puts out maps")
        return shape


def divide(twin: Twin) -> Division:
    """Return the parts of a spiking twin. Raises `CompileError` with all that STDP cannot train."""
    report = Reporter()
    for problem in _problems(twin):
        report(problem)
    report.stop_on_errors()
    graph, unrolled = twin.folded.graph, twin.unrolled.graph
    end = _integrate(graph)
    spiking = replace(twin.folded, graph=graph.up_to(end))
    area = signals(unrolled)[_integrate(unrolled).operands[0]].area
    classifier = replace(twin.folded, graph=_behind(graph, end))
    return Division(tuple(_stages(spiking)), spiking, classifier, area)


def _integrate(graph: Graph) -> Node:
    return next(node for node in graph if isinstance(node.op, Integrate))


def _behind(graph: Graph, end: Node) -> Graph:
    """Return the graph from the mean over T on, which it takes as its image."""
    if not isinstance(end.shape, Map):
        raise TypeError("what STDP trains puts out maps")
    image = replace(end, op=Input(end.shape), operands=())
    return Graph([image, *_after(graph, end)])


def _after(graph: Graph, end: Node) -> list[Node]:
    """Return the nodes behind one of them."""
    before = graph.up_to(end)
    return [node for node in graph if node.id not in before]


def _stages(spiking: Program) -> Iterator[Stage]:
    graph, nodes = spiking.graph, tuple(spiking.graph)
    for layers, last in _together(graph):
        node = nodes[last]
        if isinstance(node.op, Conv):
            (node,) = graph.users(node)  # its neurons
        yield Stage(layers, replace(spiking, graph=graph.up_to(node)))


def _together(graph: Graph) -> list[tuple[tuple[str, ...], int]]:
    """Return the layers that learn together, with the place of the last node that applies them.

    A layer reaches from its first application to its last; those that overlap learn together.
    """
    reach: dict[str, tuple[int, int]] = {}
    for place, node in enumerate(graph):
        for layer in _convolutions(node):
            reach[layer] = (reach.get(layer, (place, place))[0], place)
    found: list[tuple[tuple[str, ...], int]] = []
    for layer, (first, last) in reach.items():
        if found and first <= found[-1][1]:
            layers, end = found.pop()
            found.append(((*layers, layer), max(end, last)))
        else:
            found.append(((layer,), last))
    return found


def _convolutions(node: Node) -> Iterator[str]:
    if isinstance(node.op, Repeat):
        for inner in node.op.body:
            yield from _convolutions(inner)
    if isinstance(node.op, Conv):
        yield node.op.weight


def _problems(twin: Twin) -> Iterator[Diagnostic]:
    """Yield what keeps the network from falling into two parts, else what is wrong with single layers."""
    parts = list(_part_problems(twin.folded.graph))
    yield from parts or _layer_problems(twin.unrolled.graph)


def _part_problems(graph: Graph) -> Iterator[Diagnostic]:
    if not any(isinstance(node.op, Neuron) and isinstance(node.op.unit, Spiking) for node in graph.walk()):
        yield StdpParts(graph.output.span, "nothing spikes in this network")
        return
    ends = [node for node in graph if isinstance(node.op, Integrate)]
    if len(ends) != 1:
        reader = graph.users(ends[0])[0]
        yield StdpParts(reader.span, f"spikes end before {reader.id.name}, and again later")
        return
    behind = _after(graph, ends[0])
    inside = {ends[0].id, *(node.id for node in behind)}
    for node in behind:
        if not inside.issuperset(node.operands):
            yield StdpParts(node.span, "this also reads what comes before the mean over time")


def _layer_problems(graph: Graph) -> Iterator[Diagnostic]:
    """Yield what is wrong with each layer among the spiking ones, once though it is applied several times."""
    edges, read = users_of(graph), signals(graph)
    told: set[Span] = set()
    for node in graph.up_to(_integrate(graph)):
        problem = _problem(node, edges, read)
        if problem is not None and node.span not in told:
            told.add(node.span)
            yield problem


def _problem(node: Node, edges: Users, read: Mapping[NodeId, Signal]) -> Diagnostic | None:
    match node.op:
        case Linear():
            reason, advice = "it is fully connected", "with ReLU behind it, it is part of the classifier"
        case BatchNorm():
            reason, advice = "batch norms are trained by gradients", "leave the BN out"
        case Dropout():
            reason, advice = "dropout is a matter of the recipe", "leave it out; stdp.dropout is its share"
        case Conv(bias=True):
            reason, advice = "there is no rule for a bias", "leave the bias out"
        case Conv() if not read[node.operands[0]].spikes:
            reason, advice = "it reads no spikes", "write `encode poisson`, and spiking neurons before it"
        case Conv() if not isinstance(unit_after(edges, node), Spiking):
            reason, advice = "no spiking neurons follow it", "write LIF or IF behind it"
        case _:
            return None
    return StdpLayer(node.span, node.id.name, reason, advice)
