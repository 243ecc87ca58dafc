"""Every place of a folded program where an operation is applied, with what the place decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from snnc.analysis.timing import Time, times
from snnc.backends.torch.names import neuron_attribute, part_attribute
from snnc.ir.graph import Graph, Node
from snnc.ir.ops import BatchNorm, Neuron, Repeat, Spiking


@dataclass(frozen=True)
class Site:
    """A node, and whether it is applied to a train.

    For a group, which may narrow, what it is applied to is its own output.
    """

    node: Node
    train: bool


def sites(graph: Graph, carry: Time = Time.STATIC, captures: tuple[Time, ...] = ()) -> Iterator[Site]:
    """Yield the sites of a timed graph in execution order, those of a body before their group."""
    known = times(graph, carry=carry, captures=captures)
    for node in graph:
        taken = tuple(known[operand] for operand in node.operands)
        if isinstance(node.op, Repeat):
            yield from sites(node.op.body, taken[0], taken[1:])
            taken = (known[node.id],)
        yield Site(node, Time.TRAIN in taken)


def own_module(node: Node) -> str | None:
    """Return the attribute whose every application is a module of its own, where the node has one.

    Neurons have a threshold and batch norms have statistics for each unrolled step (Sec. IV).
    """
    match node.op:
        case Neuron(state=state, unit=Spiking() as unit):
            return neuron_attribute(state.name, unit)
        case BatchNorm():
            return part_attribute(node.id.name)
        case _:
            return None


def applications(graph: Graph) -> Counter[str]:
    """Return how often one pass through a graph applies each module that steps do not share."""
    count: Counter[str] = Counter()
    for node in graph:
        if isinstance(node.op, Repeat):
            inner = applications(node.op.body)
            count.update({name: uses * node.op.times for name, uses in inner.items()})
        elif (name := own_module(node)) is not None:
            count[name] += 1
    return count
