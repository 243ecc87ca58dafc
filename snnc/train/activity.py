"""Measure the activity S_A of a network on images: rates per layer, application and step, exactly counted.

Hooks on the printed module note what neurons fire and what layers read; `events` follows the spikes to
the layers. Rates are spikes per value and time-step at a layer's input; operations are spikes times the
synapses that each really has, borders and strides minded, average pools folded into the fan-out. Nothing
is sampled or rounded: all sums are of whole numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from snnc.analysis.activity import Activity, Key, Origin, Rate
from snnc.analysis.fanout import channels_reached, sides
from snnc.analysis.signals import Kind, signals
from snnc.ir.graph import Graph, Node
from snnc.ir.ids import NodeId
from snnc.ir.ops import BatchNorm, Conv, Dropout, Encode, Flatten, Linear, Narrow, Neuron, Pool, Spiking
from snnc.ir.program import Program
from snnc.ir.shape import Map
from snnc.train.events import Trains
from snnc.train.network import spiking
from snnc.train.tally import Tally, add_events, add_shown, rates_per_step


def measure(module: nn.Module, program: Program, batches: Iterable[Tensor], data: str = "") -> Activity:
    """Return the activity of a spiking twin on batches of images [B, C, H, W], in evaluation.

    ``program`` is the unrolled program that the module was printed from. Draws Poisson spikes from
    torch's generator. Raises `ValueError` without an image, or where the module is of another network.
    """
    meter = _Meter(program)
    training = module.training
    module.eval()
    try:
        with torch.no_grad():
            for images in batches:
                with meter.watching(module):
                    module(images)
                meter.count(len(images))
    finally:
        module.train(training)
    if not meter.samples:
        raise ValueError("an activity is measured on at least one image")
    return meter.activity(module, data)


class _Meter:
    """Notes one presentation at a time and adds it to the sums."""

    def __init__(self, program: Program) -> None:
        self.program, self.graph = program, program.graph
        self.signals = signals(program.graph)
        self.rows = [node for node in self.graph if isinstance(node.op, Conv | Linear)]
        self.inputs: dict[Key, Tally] = defaultdict(Tally)
        self.outputs: dict[NodeId, Tally] = defaultdict(Tally)
        self.samples = self.timesteps = 0
        self.fired: dict[NodeId, Tensor] = {}
        self.read: dict[str, list[Tensor]] = defaultdict(list)
        self.gave: dict[str, list[Tensor]] = defaultdict(list)

    @contextmanager
    def watching(self, module: nn.Module) -> Iterator[None]:
        """Note what the module's parts read and give while it runs."""
        self.fired, self.read, self.gave = {}, defaultdict(list), defaultdict(list)
        hooks = list(self._hooks(module))
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def _hooks(self, module: nn.Module) -> Iterator[RemovableHandle]:
        parts = spiking(module)
        for node in self.graph:
            if isinstance(node.op, Neuron) and isinstance(node.op.unit, Spiking):
                if str(node.op.state) not in parts:
                    raise ValueError(f"the module has no neurons of {node.op.state}")
                yield parts[str(node.op.state)].register_forward_hook(_note_fired(self.fired, node.id))
        for name, part in module.named_children():
            yield part.register_forward_pre_hook(_note_read(self.read[name]))
            yield part.register_forward_hook(_note_gave(self.gave[name]))

    def count(self, batch: int) -> None:
        """Add what was noted to the sums."""
        self._image()
        self.samples += batch
        self.timesteps = max((len(train) for train in self.fired.values()), default=1)
        trains = Trains(self.graph, self.fired, self._narrowed())
        for name, train in self.fired.items():
            add_events(self.outputs[name], train.abs(), 1)
            add_shown(self.outputs[name], train, 1)
        calls: dict[str, int] = defaultdict(int)
        for node in self.rows:
            noted, call = self.read[node.id.name], calls[node.id.name]
            calls[node.id.name] += 1
            if call >= len(noted):
                raise ValueError(f"the module did not run {node.id}")
            self._row(node, noted[call], trains)

    def _image(self) -> None:
        """The coded image is what its first reader reads."""
        for node in self.graph:
            if isinstance(node.op, Encode) and node.op.coding == "poisson" and node.shape is not None:
                reader = _reader(self.graph, node)
                train = self.read[reader.id.name.rpartition(".")[2]][0]
                size = (
                    [node.shape.channels, node.shape.height, node.shape.width]
                    if isinstance(node.shape, Map)
                    else [node.shape.size]
                )
                batch = train.numel() // node.shape.size
                steps = max(len(one) for one in self.fired.values()) if self.fired else 1
                self.fired[node.id] = train.reshape(steps, batch // steps, *size)

    def _narrowed(self) -> dict[NodeId, Tensor]:
        calls: dict[str, int] = defaultdict(int)
        found = {}
        for node in self.graph:
            if isinstance(node.op, Narrow):
                name = node.id.name.replace(".", "_")
                found[node.id] = self.gave[name][calls[name]]
                calls[name] += 1
        return found

    def _row(self, node: Node, read: Tensor, trains: Trains) -> None:
        assert isinstance(node.op, Conv | Linear)  # noqa: S101  the rows are chosen so
        operand = node.operands[0]
        signal, into = self.signals[operand], self.inputs[node.id.name, max(node.id.application, 1)]
        weight = _fanout(node.op, read)
        shown = read.reshape(self.timesteps if signal.train else 1, -1, *read.shape[1:])
        add_shown(into, shown, weight)
        if signal.spikes or (signal.kind is Kind.ACCUMULATED and not signal.train):
            add_events(into, trains.at(operand).events, weight)
        else:
            add_events(into, shown != 0, weight)

    def activity(self, module: nn.Module, data: str) -> Activity:
        """Return all sums as rates."""
        rates = {(node.id.name, max(node.id.application, 1)): self._rate(node) for node in self.rows}
        return Activity(
            rates=rates,
            network=self.program.name,
            timesteps=self.timesteps,
            samples=self.samples,
            data=data,
            activation_sparsity=self._silence(),
            connection_sparsity=_zeros(module),
        )

    def _rate(self, node: Node) -> Rate:
        total = self.inputs[node.id.name, max(node.id.application, 1)]
        signal = self.signals[node.operands[0]]
        per_step = total.values // max(len(total.steps), 1) * signal.area
        after = _neuron_after(self.graph, node)
        out = self.outputs[after] if after is not None else None
        return Rate(
            Fraction(total.events, total.values * signal.area),
            Origin.MEASURED,
            output=Fraction(out.events, out.values) if out else None,
            per_step=tuple(Fraction(events, per_step) for events in total.steps) if signal.train else (),
            output_per_step=rates_per_step(out) if out else (),
            spread=total.spread / signal.area,
            nonzero=Fraction(total.nonzero, total.shown),
            effective=Fraction(total.operations, self.samples),
            effective_macs=Fraction(total.contacts, self.samples),
        )

    def _silence(self) -> Fraction | None:
        """The share of zeros among all neurons' outputs; None where some neurons do not spike."""
        neurons = [node for node in self.graph if isinstance(node.op, Neuron)]
        if not neurons or any(
            not isinstance(node.op.unit, Spiking) for node in neurons if isinstance(node.op, Neuron)
        ):
            return None
        totals = [self.outputs[node.id] for node in neurons]
        return 1 - Fraction(sum(one.nonzero for one in totals), sum(one.shown for one in totals))


def _note_fired(into: dict[NodeId, Tensor], name: NodeId) -> Callable[..., None]:
    def note(_part: nn.Module, _arguments: object, spikes: Tensor) -> None:
        into[name] = spikes

    return note


def _note_read(into: list[Tensor]) -> Callable[..., None]:
    def note(_part: nn.Module, arguments: tuple[Tensor, ...]) -> None:
        if arguments:
            into.append(arguments[0])

    return note


def _note_gave(into: list[Tensor]) -> Callable[..., None]:
    def note(_part: nn.Module, _arguments: object, output: Tensor) -> None:
        into.append(output)

    return note


def _reader(graph: Graph, node: Node) -> Node:
    """The first module that reads a node's value."""
    for user in graph.users(node):
        if isinstance(user.op, Conv | Linear | Pool):
            return user
        if isinstance(user.op, Flatten):
            return _reader(graph, user)
    raise ValueError(f"no layer reads {node.id} itself")


def _neuron_after(graph: Graph, node: Node) -> NodeId | None:
    """The spiking neuron that a layer feeds."""
    for user in graph.users(node):
        if isinstance(user.op, Neuron):
            return user.id if isinstance(user.op.unit, Spiking) else None
        if isinstance(user.op, BatchNorm | Encode | Dropout):
            return _neuron_after(graph, user)
    return None


def _fanout(layer: Conv | Linear, read: Tensor) -> Tensor | int:
    """The synapses of every value that a layer reads: [H, W], or one number."""
    if isinstance(layer, Linear):
        return layer.outputs
    rows, columns = sides(layer, Map(*read.shape[-3:]))
    across = torch.tensor(columns, dtype=torch.float64, device=read.device)
    down = torch.tensor(rows, dtype=torch.float64, device=read.device)
    return torch.outer(down, across) * channels_reached(layer)


def _zeros(module: nn.Module) -> Fraction:
    """The share of weights that are zero."""
    weights = [one.detach() for one in module.parameters()]
    zeros = sum(int((one == 0).sum()) for one in weights)
    return Fraction(zeros, sum(one.numel() for one in weights))
