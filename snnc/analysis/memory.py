"""How many bytes a network needs: weights, thresholds, potentials, and activations in a run of it.

Activations are those of the printed module in float32, as closed forms in T and the batch B: *saved* is
what PyTorch keeps for the backward pass, to the byte; *checkpointed* what it keeps at most if every layer
is computed again on the way back; *live* the most that has to exist at one moment of
an inference. Workspace of kernels, gradients and optimiser states are not counted, nor what the loss
and the stochmax objective save. A convolution of spikes in C++ keeps less: a bit of each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import assert_never

from snnc.analysis.timing import Time, times
from snnc.analysis.users import users_of
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
    Input,
    Integrate,
    Join,
    Linear,
    Narrow,
    Neuron,
    Pool,
    Relu,
    Repeat,
    Spiking,
)
from snnc.ir.program import Program
from snnc.ir.shape import Map

FLOAT = 4  # bytes of a float32
INDEX = 8  # bytes of an index of max pooling


@dataclass(frozen=True)
class Bytes:
    """``fixed + B (once + T per_step)`` bytes."""

    fixed: int = 0
    once: int = 0
    per_step: int = 0

    def at(self, timesteps: int, batch: int = 1) -> int:
        """The number of bytes for T steps and B samples."""
        return self.fixed + batch * (self.once + timesteps * self.per_step)

    def __add__(self, other: Bytes) -> Bytes:
        return Bytes(self.fixed + other.fixed, self.once + other.once, self.per_step + other.per_step)

    def __str__(self) -> str:
        parts = [f"{self.fixed:,}"] * bool(self.fixed)
        inner = [f"{self.once:,}"] * bool(self.once) + [f"{self.per_step:,} T"] * bool(self.per_step)
        parts += [f"B ({' + '.join(inner)})"] * bool(inner)
        return " + ".join(parts) or "0"


@dataclass(frozen=True)
class Memory:
    """What one twin needs. ``states`` counts membrane potentials per sample, ``thresholds`` numbers."""

    thresholds: int
    states: int
    saved: Bytes
    layer_inputs: Bytes
    segments: tuple[Bytes, ...]
    live: tuple[Bytes, ...]

    def checkpointed_at(self, timesteps: int, batch: int = 1) -> int:
        """The bytes that training keeps if each layer, up to the next one's input, is computed again."""
        largest = max((one.at(timesteps, batch) for one in self.segments), default=0)
        return self.layer_inputs.at(timesteps, batch) + largest

    def live_at(self, timesteps: int, batch: int = 1) -> int:
        """The most bytes of activations that exist at one moment of an inference."""
        return max((one.at(timesteps, batch) for one in self.live), default=0)


def memory(program: Program) -> Memory:
    """Return what a twin needs, from its unrolled and timed program."""
    graph = program.graph
    spiking = [node for node in graph if isinstance(node.op, Neuron) and isinstance(node.op.unit, Spiking)]
    plan = _Plan(graph)
    return Memory(
        thresholds=len(spiking),
        states=sum(_size(node) for node in spiking),
        saved=_sum(plan.saved()),
        layer_inputs=_sum(map(plan.value, plan.layer_inputs())),
        segments=tuple(plan.segments()),
        live=tuple(plan.live()),
    )


def _sum(parts: Iterable[Bytes]) -> Bytes:
    total = Bytes()
    for part in parts:
        total = total + part
    return total


def _size(node: Node) -> int:
    if node.shape is None:
        raise ValueError(f"{node.id} has no shape yet")
    return node.shape.size


class _Plan:
    """A graph with what its values are stored in: views share the memory of what they look at."""

    def __init__(self, graph: Graph) -> None:
        self.graph, self.nodes, self.times = graph, tuple(graph), times(graph)
        self.users = users_of(graph)
        self.stored: dict[NodeId, NodeId] = {}
        self.learns: set[NodeId] = set()
        for node in graph:
            view = isinstance(node.op, Flatten) or (isinstance(node.op, Encode) and node.op.coding == "hold")
            self.stored[node.id] = self.stored[node.operands[0]] if view else node.id
            weighted = isinstance(node.op, Conv | Linear | BatchNorm)
            if weighted or any(operand in self.learns for operand in node.operands):
                self.learns.add(node.id)

    def value(self, name: NodeId) -> Bytes:
        """The bytes of a node's value."""
        return self._timed(self.graph[name], _size(self.graph[name]) * FLOAT)

    def _timed(self, node: Node, count: int) -> Bytes:
        """So many bytes, once or at every step, as the node runs."""
        return Bytes(per_step=count) if self.times[node.id] is Time.TRAIN else Bytes(once=count)

    def saved(self) -> Iterator[Bytes]:
        """Yield what autograd keeps: every value once, and what operations make for themselves."""
        values: dict[NodeId, None] = {}
        for node in self.graph:
            values.update((self.stored[name], None) for name in self._keeps(node))
            yield self._own(node)
        yield from map(self.value, values)

    def _keeps(self, node: Node) -> tuple[NodeId, ...]:
        """The values that a node's derivative needs."""
        match node.op:
            case Conv() | Linear() | BatchNorm():
                return node.operands
            case Neuron(unit=Relu()):
                return (node.id,) if node.id in self.learns else ()
            case Pool(mode="max") | Narrow(keep="top"):
                return node.operands if node.id in self.learns else ()
            case Pool() as pool:
                return node.operands if node.id in self.learns and not self._is_lean(node, pool) else ()
            case (
                Input() | Neuron() | Flatten() | Dropout() | Join() | Narrow() | Repeat() | Carry()
                | Capture() | Encode() | Integrate() | Classify()
            ):  # fmt: skip
                return ()
            case _:
                assert_never(node.op)

    def _is_lean(self, node: Node, pool: Pool) -> bool:
        """Whether an average pool keeps nothing: a global one, and in a spiking network even windows."""
        if pool.size == 0:
            return True
        shape = self.graph.operands(node)[0].shape
        even = isinstance(shape, Map) and shape.height % pool.size == shape.width % pool.size == 0
        return even and pool.stride == pool.size and Time.TRAIN in self.times.values()

    def _own(self, node: Node) -> Bytes:
        """What a node makes and keeps beside its values: potentials, indices, masks, statistics."""
        if node.id not in self.learns:
            return Bytes()
        match node.op:
            case Neuron(unit=Spiking()):
                return self._timed(node, _size(node) * FLOAT)
            case Pool(mode="max"):
                return self._timed(node, _size(node) * INDEX)
            case BatchNorm(channels=channels):
                return Bytes(fixed=2 * FLOAT * channels)
            case Dropout(probability=probability):
                return Bytes(once=_size(node) * FLOAT) if probability else Bytes()
            case Narrow(keep="top", outputs=outputs):
                return self._timed(node, outputs * INDEX)
            case _:
                return Bytes()

    def layer_inputs(self) -> dict[NodeId, None]:
        """What the weighted layers read, every stored value once."""
        layers = (node for node in self.graph if isinstance(node.op, Conv | Linear))
        return {self.stored[operand]: None for node in layers for operand in node.operands}

    def segments(self) -> Iterator[Bytes]:
        """Yield what autograd keeps of each layer and all up to the next one, beyond the layers' inputs."""
        inputs, kept, own = self.layer_inputs(), dict[NodeId, None](), Bytes()
        for node in self.graph:
            if isinstance(node.op, Conv | Linear):
                yield own + _sum(self.value(name) for name in kept if name not in inputs)
                kept, own = {}, Bytes()
            kept.update((self.stored[name], None) for name in self._keeps(node))
            own = own + self._own(node)
        yield own + _sum(self.value(name) for name in kept if name not in inputs)

    def live(self) -> Iterator[Bytes]:
        """Yield the bytes that exist while each node runs: what it reads and gives, and what has a name.

        The printed module names a layer's input until its neurons have fired, to its end the image and
        whatever several nodes read, and what it encodes until the trains that come of it are averaged.
        """
        last = self._last_uses()
        alive: dict[NodeId, None] = {}
        for place, node in enumerate(self.graph):
            alive[self.stored[node.id]] = None
            yield _sum(map(self.value, alive))
            alive = {name: None for name in alive if last[name] > place}

    def _last_uses(self) -> dict[NodeId, int]:
        order = {node.id: place for place, node in enumerate(self.graph)}
        last = {self.stored[name]: place for name, place in order.items()}
        for node in self.graph:
            end = order[self._line_end(node).id]
            for operand in self.graph.operands(node):
                result = self._line_end(operand) == operand  # else it is never named
                until = self._rebound(end) if result else end
                last[self.stored[operand.id]] = max(last[self.stored[operand.id]], until)
            if isinstance(node.op, Input) or self._named(node):
                last[self.stored[node.id]] = len(order)
            if isinstance(node.op, Encode):
                last[self.stored[node.id]] = max(last[self.stored[node.id]], self._averaged(order[node.id]))
        return last

    def _averaged(self, place: int) -> int:
        """The next place, from one on, where trains are averaged over time."""
        means = (at for at, node in enumerate(self.nodes) if at > place and isinstance(node.op, Integrate))
        return next(means, len(self.nodes))

    def _named(self, node: Node) -> bool:
        """Whether a value has a variable of its own: several nodes read it. The others are all ``x``."""
        return len(self.users[node.id]) > 1

    def _rebound(self, place: int) -> int:
        """The end of the first line, from a place on, that gives ``x`` another value."""
        nodes = self.nodes
        while place < len(nodes) - 1 and (
            self._named(nodes[place]) or self._line_end(nodes[place]) != nodes[place]
        ):
            place += 1
        return place

    def _line_end(self, node: Node) -> Node:
        """The node with which the line of the printed module ends that has this one in it."""
        while True:
            users = self.users[node.id]
            if len(users) != 1 or not _in_one_line(node, users[0]):
                return node
            node = users[0]


def _in_one_line(node: Node, user: Node) -> bool:
    """Whether a node is only an argument in the line of its user."""
    match node.op:
        case Conv() | Linear() | BatchNorm():
            return isinstance(user.op, BatchNorm | Encode | Neuron)
        case Flatten() | Integrate():
            return True
        case Encode(coding="hold"):
            return True
        case Pool():
            return ".join." in node.id.name
        case _:
            return False
