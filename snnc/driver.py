"""Text to network: the one place that knows all stages.

`load` and `loads` parse, fold, validate, lower and run the passes for both twins, so that whatever
is wrong with a spec is known when they return. What they return, a `Net`, prints, builds and draws.
"""

# NOTE: a `Net` imports a back end when it is asked for what it makes: checking a spec takes no
# printer, and nothing but building takes torch.

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING

from snnc.analysis.report import layer_table
from snnc.diagnostics import Diagnostic, Reporter
from snnc.ir.graph import Graph
from snnc.ir.ids import NodeId
from snnc.ir.program import Program, Target
from snnc.ir.shape import Map
from snnc.lower import lower, printed_layers
from snnc.passes.infer_shapes import BlockEntry
from snnc.passes.pipeline import Watcher
from snnc.passes.presets import folding, unrolling
from snnc.source import Source
from snnc.spec import model
from snnc.spec.files import open_spec, read_network

if TYPE_CHECKING:
    from torch import nn


def load(path: str | os.PathLike[str]) -> Net:
    """Compile a spec file, or by its bare name a spec that ships with snnc.

    Raises `CompileError` where the spec is refused, `OSError` where the file cannot be read.
    """
    return compile_source(*open_spec(path))


def loads(text: str, name: str = "<text>") -> Net:
    """Compile a spec given as text; ``name`` is what diagnostics call it. Raises `CompileError`."""
    return compile_source(Source(name, text))


def compile_source(source: Source, folder: Traversable | None = None) -> Net:
    """Compile a source for both twins. Raises `CompileError`; ``folder`` is where ``use`` clauses look."""
    report = Reporter()
    network = read_network(source, folder, report)
    report.stop_on_errors()
    if network is None:
        raise AssertionError(f"{source.name} gave neither a network nor a diagnostic")
    graph = lower(network)
    ann, snn = (Twin.of(network, graph, target) for target in Target)
    return Net(network, graph, ann, snn, report.diagnostics)


@dataclass(frozen=True)
class Twin:
    """One twin's programs: ``folded`` is printed and trained, ``unrolled`` is counted and drawn."""

    folded: Program
    unrolled: Program

    @classmethod
    def of(cls, network: model.Network, graph: Graph, target: Target, watch: Watcher | None = None) -> Twin:
        """Run the passes; ``watch`` sees each one's name and result. Raises `CompileError`."""
        folded = folding(target, network.encode, _entries(network)).run(graph, watch)
        unrolled = unrolling(target, network.encode).run(folded, watch)
        return cls(_program(network, target, folded), _program(network, target, unrolled))


@dataclass(frozen=True)
class Net:
    """A compiled network and its two twins. ``warnings`` did not keep it from being compiled."""

    model: model.Network
    graph: Graph
    ann_twin: Twin
    snn_twin: Twin
    warnings: tuple[Diagnostic, ...] = ()

    @property
    def name(self) -> str:
        """The network's name, which is its class's name in the printed modules."""
        return self.model.name

    def twin(self, target: Target) -> Twin:
        """Return the programs of one twin."""
        return self.ann_twin if target is Target.ANN else self.snn_twin

    def source(self, target: Target, *, standalone: bool = False) -> str:
        """Return the PyTorch module as Python source; a standalone one needs only torch."""
        from snnc.backends.torch.printer import print_module

        return print_module(self.twin(target).folded, standalone=standalone)

    def ann(self) -> nn.Module:
        """Return the ANN twin, freshly initialised: image [B, C, H, W] -> scores [B, classes]."""
        return self._built(Target.ANN)

    def snn(self, timesteps: int | None = None, memory: int | str | None = None) -> nn.Module:
        """Return the SNN twin, freshly initialised: image [B, C, H, W] in [-1, 1] -> scores [B, classes].

        ``timesteps`` is T; by default the spec's. ``memory``, in bytes or as text ("2GiB"), bounds what
        training keeps of the spiking part for the backward pass; what is beyond is computed twice.
        """
        return self._built(Target.SNN, timesteps=timesteps or self.model.timesteps, memory=memory)

    def _built(self, target: Target, **options: int | str | None) -> nn.Module:
        from snnc.backends.torch.build import build

        return build(self.source(target), self.name, **options)

    def summary(self) -> str:
        """Return a table of the layers: shapes, parameters and MACs of every application."""
        return layer_table(self.snn_twin.unrolled)

    def _repr_svg_(self) -> str:
        """Return the diagram of the unrolled spiking twin, for notebooks."""
        from snnc.backends.diagram import svg_of

        return svg_of(self.snn_twin.unrolled)

    def dumps(self, target: Target) -> dict[str, Graph]:
        """Return the graph after each pass by the pass's name, the lowered one first."""
        found = {"lower": self.graph}
        Twin.of(self.model, self.graph, target, found.__setitem__)
        return found


def _program(network: model.Network, target: Target, graph: Graph) -> Program:
    return Program(network.name, target, network.timesteps, graph, printed_layers(network))


def _entries(network: model.Network) -> dict[NodeId, BlockEntry]:
    """Return what the blocks of ``use`` clauses expect, by the node that takes it."""
    entries = {}
    for block in network.blocks:
        shape = Map(block.input.channels, block.input.height, block.input.width)
        entry = BlockEntry(block.name, shape, block.input.span, block.span)
        entries[_entrance(network.layers, block)] = entry
    return entries


def _entrance(items: tuple[model.Item, ...], block: model.Block) -> NodeId:
    """Return the node that takes a block's input: a pool goes by its number, an FC layer flattens first."""
    first = items[block.start]
    if isinstance(first, model.Pool):
        return NodeId(f"Pool{_pools(items[: block.start + 1])}")
    return NodeId(f"{block.first}.flatten" if isinstance(first, model.Linear) else block.first)


def _pools(items: tuple[model.Item, ...]) -> int:
    inner = (_pools(item.items) for item in items if isinstance(item, model.Group))
    return sum(isinstance(item, model.Pool) for item in items) + sum(inner)
