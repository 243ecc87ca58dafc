"""Decide which nodes of a graph get a line of their own, and which values a variable of their own.

A layer with its normalisation, neuron and dropout is one line, as long as it stays readable; what
flattens, averages over time or holds is written where it is used. A value is called ``x`` unless it
is still wanted when the next ``x`` has been computed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from snnc.analysis.timing import Time
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
    Neuron,
    Pool,
    Repeat,
)
from snnc.ir.shape import Vector

DEEPEST = 3  # calls in one expression; `over_time(layer, x)` reads like two


@dataclass(frozen=True)
class Plan:
    """How a graph is written down.

    ``stands_for`` maps the nodes that do nothing to those whose value they pass on. ``lines`` are
    the nodes with a line; ``named`` the values that get a variable of their own.
    """

    stands_for: Mapping[NodeId, NodeId]
    inlined: frozenset[NodeId]
    lines: tuple[Node, ...]
    named: frozenset[NodeId]


def plan(graph: Graph, known: Mapping[NodeId, Time]) -> Plan:
    """Return the plan for one graph, a body's apart from the graph around it."""
    stands_for = _passed_on(graph)
    uses = _uses(graph, stands_for)
    inlined = _inlined(graph, known, stands_for, uses)
    silent = (Input, Carry, Capture)
    written = (
        node
        for node in graph
        if node.id not in inlined and stands_for[node.id] == node.id and not isinstance(node.op, silent)
    )
    behind = _behind_trains(graph, known)
    lines = tuple(sorted(written, key=lambda node: node.id in behind))
    return Plan(stands_for, inlined, lines, _named(graph, lines, stands_for, inlined, uses))


def _behind_trains(graph: Graph, known: Mapping[NodeId, Time]) -> set[NodeId]:
    """Return the nodes that compute with trains; the others, encoders among them, are written first."""
    found: set[NodeId] = set()
    for node in graph:
        if any(one in found or known[one] is Time.TRAIN for one in node.operands):
            found.add(node.id)
    return found


def _leaves(
    graph: Graph, node: Node, stands_for: Mapping[NodeId, NodeId], inlined: frozenset[NodeId]
) -> Iterator[Node]:
    """Yield the nodes whose variables a line reads, in the order in which it reads them."""
    for operand in node.operands:
        value = graph[stands_for[operand]]
        if value.id in inlined:
            yield from _leaves(graph, value, stands_for, inlined)
        else:
            yield value


Use = tuple[Node, int]
"""A user and which of its operands the value is."""


def _passed_on(graph: Graph) -> dict[NodeId, NodeId]:
    found: dict[NodeId, NodeId] = {}
    for node in graph:
        found[node.id] = found[node.operands[0]] if _does_nothing(graph, node) else node.id
    return found


def _does_nothing(graph: Graph, node: Node) -> bool:
    match node.op:
        case Neuron(unit=Identity()) | Classify(head="softmax"):
            return True
        case Flatten():
            return isinstance(graph.operands(node)[0].shape, Vector)
        case _:
            return False


def _uses(graph: Graph, stands_for: Mapping[NodeId, NodeId]) -> dict[NodeId, list[Use]]:
    found: dict[NodeId, list[Use]] = {node.id: [] for node in graph}
    for node in graph:
        if stands_for[node.id] == node.id:
            for place, operand in enumerate(node.operands):
                found[stands_for[operand]].append((node, place))
    return found


def _inlined(
    graph: Graph,
    known: Mapping[NodeId, Time],
    stands_for: Mapping[NodeId, NodeId],
    uses: Mapping[NodeId, list[Use]],
) -> frozenset[NodeId]:
    """Return the nodes that are written inside the line of their only user."""
    found: set[NodeId] = set()
    calls: dict[NodeId, int] = {}
    for node in graph:
        own, inside = _calls(node, known), 0
        for place, operand in enumerate(node.operands):
            value = graph[stands_for[operand]]
            fits = own + calls[value.id] <= DEEPEST
            if len(uses[value.id]) == 1 and fits and _belongs_in(value, node, place):
                found.add(value.id)
                inside = max(inside, calls[value.id])
        calls[node.id] = own + inside
    return frozenset(found)


def _calls(node: Node, known: Mapping[NodeId, Time]) -> int:
    match node.op:
        case Flatten() | Integrate() | Input() | Carry() | Capture():
            return 0
        case Conv() | Linear() | BatchNorm() | Pool():
            return 2 if known[node.id] is Time.TRAIN else 1
        case _:
            return 1


def _belongs_in(value: Node, user: Node, place: int) -> bool:
    match value.op:
        case Flatten() | Integrate():
            return not isinstance(user.op, Repeat)
        case Conv() | Linear() | BatchNorm():
            return isinstance(user.op, BatchNorm | Neuron | Dropout | Encode | Flatten | Integrate | Classify)
        case Neuron():
            return isinstance(user.op, Dropout)
        case Pool():
            return "." in value.id.name and isinstance(user.op, Pool | Join) and not _starts_join(user, place)
        case _:
            return False


def _starts_join(user: Node, place: int) -> bool:
    return isinstance(user.op, Join) and place == 0


def _named(
    graph: Graph,
    lines: tuple[Node, ...],
    stands_for: Mapping[NodeId, NodeId],
    inlined: frozenset[NodeId],
    uses: Mapping[NodeId, list[Use]],
) -> frozenset[NodeId]:
    """Return the values for which ``x`` does not do: another ``x`` comes before they are last read."""
    aside = _aside(graph, uses)
    last_read = {
        value.id: place
        for place, line in enumerate(lines)
        for value in _leaves(graph, line, stands_for, inlined)
    }
    main = [0]
    for line in lines:
        main.append(main[-1] + (line.id not in aside))
    captured = {stands_for[one] for line in lines if isinstance(line.op, Repeat) for one in line.operands[1:]}
    written = {line.id: place for place, line in enumerate(lines)}
    outlived = {value for value, last in last_read.items() if main[last] > main[written.get(value, -1) + 1]}
    return frozenset(captured | outlived | (aside & written.keys()))


def _aside(graph: Graph, uses: Mapping[NodeId, list[Use]]) -> set[NodeId]:
    """Return the values that only wait beside the main path, to be joined to it."""
    found: set[NodeId] = set()
    for node in reversed(tuple(graph)):
        users = uses[node.id]
        if users and all(
            (place > 0 if isinstance(user.op, Join | Repeat | Classify) else user.id in found)
            for user, place in users
        ):
            found.add(node.id)
    return found
