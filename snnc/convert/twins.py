"""A trained artificial twin and the spiking twin that it is to become, side by side."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

from snnc.analysis.timing import Time
from snnc.convert.circuit import Circuit
from snnc.convert.errors import HardReset, Leak, RealBetweenSpikes, SpikingMaxPool
from snnc.convert.presentation import Presentation
from snnc.convert.settings import Conversion
from snnc.convert.stage import tile
from snnc.diagnostics import Diagnostic, Reporter
from snnc.ir.graph import Graph
from snnc.ir.ids import NodeId, StateId
from snnc.ir.ops import Encode, Neuron, Pool, Spiking
from snnc.ir.program import Target
from snnc.train.artifact import Saved, folder_of
from snnc.train.network import Converted, Network, network, used_files

CPU = torch.device("cpu")


class UnfitError(ValueError):
    """What was given cannot be converted. The message says why."""


@dataclass(frozen=True)
class Twins:
    """``saved`` is the artificial twin, a copy; ``network`` the spiking one, its module in ``spiking``."""

    saved: Saved
    network: Network
    artificial: Circuit
    spiking: Circuit
    warnings: tuple[Diagnostic, ...]

    @classmethod
    def of(cls, saved: Saved, settings: Conversion, device: torch.device = CPU) -> Twins:
        """Return the twins on a device, nothing balanced yet. Raises `UnfitError`, `CompileError`."""
        if saved.spikes:
            raise UnfitError("it is a spiking network already; conversion starts from an artificial one")
        target = _target(saved, settings)
        graph = target.net.snn_twin.unrolled.graph
        report = Reporter()
        _judge(saved, graph, settings, report)
        report.stop_on_errors()
        saved = replace(saved, module=deepcopy(saved.module).eval().to(device))
        spiking = Circuit(graph, target.module().eval().to(device))
        if not spiking.spiking:
            raise UnfitError("no layer of its spiking twin spikes, so there is nothing to convert")
        artificial = Circuit(saved.network.net.ann_twin.unrolled.graph, saved.module)
        return cls(saved, target, artificial, spiking, report.diagnostics)

    @cached_property
    def counterparts(self) -> dict[StateId, NodeId]:
        """The artificial neurons of the spiking ones."""
        found = {n.op.state: n.id for n in self.artificial.graph if isinstance(n.op, Neuron)}
        return {state: found[state] for state in self.spiking.spiking if state in found}

    def activations(self, images: Tensor, wanted: Iterable[NodeId]) -> dict[NodeId, Tensor]:
        """Return values of the artificial twin on a batch of images."""
        targets = set(wanted)
        size = tile(self.artificial.largest(), len(images), images.device)[1]
        with torch.inference_mode():
            parts = [
                Presentation(self.artificial, one, targets).behind() for one in torch.split(images, size)
            ]
        return {name: torch.cat([part[name] for part in parts]) for name in targets}


def _target(saved: Saved, settings: Conversion) -> Network:
    options = replace(
        saved.network.options,
        target=Target.SNN,
        timesteps=settings.timesteps or saved.network.net.model.timesteps,
        coding=settings.coding or saved.network.options.coding,
        converted=Converted(settings.initial, settings.calibration.per == "channel"),
    )
    found = saved.network
    return network(found.source, folder_of(used_files(found.net, found.source)), options)


def _judge(saved: Saved, graph: Graph, settings: Conversion, report: Reporter) -> None:
    """Tell what keeps a network from being converted, or its rates from converging."""
    circuit = Circuit(graph, saved.module)
    for node in graph:
        match node.op:
            case Pool(mode="max") if settings.max_pool == "refuse" and circuit.times[node.id] is Time.TRAIN:
                report(SpikingMaxPool(node.span))
            case Encode() if node.operands[0] in circuit.late:
                report(RealBetweenSpikes(node.span))
            case Neuron(unit=Spiking(reset=reset)) if reset != "subtract":
                report(HardReset(node.span, f"reset={reset}"))
            case Neuron(unit=Spiking(refractory=rest)) if rest:
                report(HardReset(node.span, f"refractory={rest}"))
            case _:
                pass
    for node in saved.network.net.snn_twin.unrolled.graph:
        if isinstance(node.op, Neuron) and isinstance(node.op.unit, Spiking) and node.op.unit.leak < 1:
            report(Leak(node.span))
