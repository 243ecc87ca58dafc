"""Hold a graph to what is claimed of it, without trust in the passes that made it.

`violations` is what the pipeline asks after each pass. Every graph has to be well formed; each fact
has a question of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import assert_never

from snnc.analysis.shapes import shape_if_fits
from snnc.analysis.timing import Time, body_demands, body_time, demands, misfit, times
from snnc.ir.facts import Fact
from snnc.ir.graph import Graph, Node
from snnc.ir.ids import NodeId
from snnc.ir.ops import (
    BatchNorm,
    Capture,
    Carry,
    Classify,
    Conv,
    Dropout,
    Encode,
    Flatten,
    Identity,
    Input,
    Integrate,
    Join,
    Linear,
    Narrow,
    Neuron,
    Op,
    Pool,
    Relu,
    Repeat,
    Spiking,
    Twin,
)
from snnc.ir.shape import Map, Shape


def violations(graph: Graph, facts: Iterable[Fact]) -> Iterator[str]:
    """Yield a sentence for everything in a graph that contradicts a fact."""
    broken = list(_ill_formed(graph))
    yield from broken
    for fact in () if broken else sorted(facts):
        yield from _QUESTIONS[fact](graph)


def _ill_formed(graph: Graph) -> Iterator[str]:
    """Roots, arity and sharing: one input, operands as each operation takes them, one shape per weight."""
    roots = [node for node in graph if isinstance(node.op, Input)]
    if len(roots) != 1 or not isinstance(graph.output.op, Classify):
        yield f"a network has one input and ends in a classifier, not {len(roots)} and {graph.output.id}"
    yield from _misshared(graph)
    for one in _graphs(graph):
        for node in one:
            fewest, most = _arity(node.op)
            if not fewest <= len(node.operands) <= most:
                yield f"{node.id} takes {len(node.operands)} operands"
    for node in graph.walk():
        if isinstance(node.op, Repeat):
            yield from _broken_group(node, node.op)


def _graphs(graph: Graph) -> Iterator[Graph]:
    yield graph
    for node in graph.walk():
        if isinstance(node.op, Repeat):
            yield node.op.body


def _broken_group(node: Node, op: Repeat) -> Iterator[str]:
    carries = sum(isinstance(one.op, Carry) for one in op.body)
    if carries != 1:
        yield f"{node.id} has {carries} carried values"
    if op.times < 1:
        yield f"{node.id} runs {op.times} times"
    captures = {one.op.index for one in op.body if isinstance(one.op, Capture)}
    if not captures <= set(range(len(node.operands) - 1)):
        yield f"{node.id} captures more than its operands give"


def _misshared(graph: Graph) -> Iterator[str]:
    shared: dict[str, Op] = {}
    for node in graph.walk():
        if isinstance(node.op, Conv | Linear) and shared.setdefault(node.op.weight, node.op) != node.op:
            yield f"{node.id} shares the weight {node.op.weight} with an operation of another shape"


_MANY = 10_000


def _arity(op: Op) -> tuple[int, int]:
    match op:
        case Input() | Carry() | Capture():
            return 0, 0
        case Join():
            return 2, _MANY
        case Repeat():
            return 1, _MANY
        case Classify(head=head):
            return (2, 2) if head == "stochmax" else (1, 1)
        case (
            Conv() | Linear() | Pool() | Flatten() | BatchNorm() | Dropout() | Neuron() | Narrow()
            | Encode() | Integrate()
        ):  # fmt: skip
            return 1, 1
        case _:
            assert_never(op)


def _unresolved(graph: Graph) -> Iterator[str]:
    return (f"{node.id} does not say how it joins" for node in graph.walk() if node.op == Join("infer"))


def _unchosen(graph: Graph) -> Iterator[str]:
    for node in graph.walk():
        if isinstance(node.op, Neuron) and isinstance(node.op.unit, Twin | Identity):
            yield f"{node.id} is a neuron of no twin"


def _misshapen(graph: Graph) -> Iterator[str]:
    return _misshapen_in(graph, ())


def _misshapen_in(graph: Graph, outside: tuple[Shape | None, ...]) -> Iterator[str]:
    for node in graph:
        taken = tuple(graph[operand].shape for operand in node.operands)
        if node.shape is None:
            yield f"{node.id} has no shape"
        elif isinstance(node.op, Repeat):
            yield from _misshapen_in(node.op.body, taken)
            if node.shape != node.op.body.output.shape:
                yield f"{node.id} is {node.shape}, its body {node.op.body.output.shape}"
        elif node.shape != (expected := _expected(node, taken, outside)):
            yield f"{node.id} is {node.shape}, its operands make it {expected}"
        elif not _takes(node.op, taken):
            yield f"{node.id} does not take {', '.join(map(str, taken))}"


def _expected(node: Node, taken: tuple[Shape | None, ...], outside: tuple[Shape | None, ...]) -> Shape | None:
    match node.op:
        case Carry():
            return outside[0]
        case Capture(index=index):
            return outside[index + 1]
        case _:
            return shape_if_fits(node.op, taken)


def _takes(op: Op, taken: tuple[Shape | None, ...]) -> bool:
    """Whether an operation's own numbers agree with what arrives."""
    main = taken[0] if taken else None
    match op:
        case Conv():
            return isinstance(main, Map) and main.channels == op.inputs
        case Linear():
            return main is not None and main.size == op.inputs
        case BatchNorm():
            return main is not None and main.channels == op.channels
        case Narrow():
            return main is not None and main.channels == op.inputs >= op.outputs
        case Join(mode="add"):
            return len(set(taken)) == 1
        case Join():
            return len({(one.height, one.width) if isinstance(one, Map) else None for one in taken}) == 1
        case _:
            return True


def _unpeeled(graph: Graph) -> Iterator[str]:
    """The coding is not the graph's to know: what is wrong is wrong whatever the image is."""
    wanted = demands(graph, Time.STATIC)
    either = (set(_unpeeled_in(graph, times(graph, image), wanted)) for image in Time)
    return (
        f"{group} takes and hands on values of different times" for group in sorted(set.intersection(*either))
    )


def _unpeeled_in(
    graph: Graph, known: Mapping[NodeId, Time], wanted: Mapping[NodeId, Time]
) -> Iterator[NodeId]:
    for node in graph:
        if not isinstance(node.op, Repeat):
            continue
        outside = tuple(known[operand] for operand in node.operands)
        if misfit(node, outside, wanted[node.id]):
            yield node.id
        body = node.op.body
        inside = times(body, carry=outside[0], captures=outside[1:])
        yield from _unpeeled_in(body, inside, body_demands(body, wanted[node.id]))


def _mistimed(graph: Graph) -> Iterator[str]:
    return _mistimed_in(graph, times(graph))


def _mistimed_in(graph: Graph, known: Mapping[NodeId, Time]) -> Iterator[str]:
    for node in graph:
        taken = tuple(known[operand] for operand in node.operands)
        if isinstance(node.op, Repeat):
            yield from _mistimed_in(node.op.body, times(node.op.body, carry=taken[0], captures=taken[1:]))
            if taken[0] is not body_time(node, taken):
                yield f"{node.id} takes a {taken[0]} value and hands on another"
        elif not _timed_well(node.op, taken):
            yield f"{node.id} takes {', '.join(taken)} values"


def _timed_well(op: Op, taken: tuple[Time, ...]) -> bool:
    match op:
        case Neuron(unit=Spiking()) | Integrate():
            return taken == (Time.TRAIN,)
        case Neuron(unit=Relu()) | Encode() | Classify():
            return set(taken) == {Time.STATIC}
        case _:
            return len(set(taken)) <= 1


def _rolled(graph: Graph) -> Iterator[str]:
    counts = Counter(node.op.state for node in graph if isinstance(node.op, Neuron))
    yield from (
        f"the state {state} is shared by {count} neurons" for state, count in counts.items() if count > 1
    )
    for node in graph:
        if isinstance(node.op, Repeat | Carry | Capture):
            yield f"{node.id} belongs to a group"


_QUESTIONS: Mapping[Fact, Callable[[Graph], Iterator[str]]] = {
    Fact.SKIPS_RESOLVED: _unresolved,
    Fact.TWIN_CHOSEN: _unchosen,
    Fact.SHAPED: _misshapen,
    Fact.PEELED: _unpeeled,
    Fact.TIMED: _mistimed,
    Fact.UNROLLED: _rolled,
}
