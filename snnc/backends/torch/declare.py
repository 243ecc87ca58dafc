"""The lines of ``__init__``: a module for each weight, and one for each application of what is not shared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from snnc.backends.torch.constants import call, real, whole, word
from snnc.backends.torch.names import layer_attribute, neuron_attribute, part_attribute, pool_attribute
from snnc.backends.torch.sites import Site, applications, sites
from snnc.backends.torch.spikes import convolved
from snnc.ir.graph import Graph
from snnc.ir.ids import WeightId
from snnc.ir.ops import (
    BatchNorm,
    Classify,
    Conv,
    Dropout,
    Linear,
    Narrow,
    Neuron,
    Pool,
    Repeat,
    Spiking,
)
from snnc.ir.shape import Map


@dataclass(frozen=True)
class Declaration:
    """An attribute and the module it is; a list of ``count`` modules where there are several."""

    attribute: str
    module: str
    count: int = 1

    @property
    def code(self) -> str:
        """The assignment."""
        module = self.module
        if self.count > 1:
            module = call("nn.ModuleList", f"{module} for _ in range({self.count})")
        return f"self.{self.attribute} = {module}"

    @property
    def comment(self) -> str:
        """Why it is a list."""
        return "one per step" if self.count > 1 else ""


def declarations(graph: Graph, *, lean: bool = True) -> tuple[Declaration, ...]:
    """Return what ``__init__`` declares, in order of first use.

    With ``lean``, convolutions of spikes are those that skip what did not fire, and average pools of a
    spiking network those that keep nothing of their input.

    Raises `ValueError` when one name would stand for two modules: a compiler fault.
    """
    found: dict[str, str] = {}
    dropouts = dropout_attributes(graph)
    spiking = convolved(graph) if lean else frozenset[WeightId]()
    lean_pools = lean and any(site.train for site in sites(graph))
    for site in sites(graph):
        for attribute, module in _modules(site, dropouts, spiking, lean_pools=lean_pools):
            if found.setdefault(attribute, module) != module:
                raise ValueError(f"{attribute} would be both {found[attribute]} and {module}")
    count = applications(graph)
    return tuple(Declaration(name, module, max(count[name], 1)) for name, module in found.items())


def dropout_attributes(graph: Graph) -> dict[tuple[str, bool], str]:
    """Return the attribute of each dropout, by its node's name and whether it is applied to a train.

    A layer that is applied to both, as the first step of a group may be, has one for each.
    """
    kinds = {(site.node.id.name, site.train) for site in sites(graph) if isinstance(site.node.op, Dropout)}
    return {
        (name, train): f"{part_attribute(name)}{'_static' if not train and (name, True) in kinds else ''}"
        for name, train in kinds
    }


def narrow_attribute(node: str) -> str:
    """``Group1_narrow``, for the group and for its first step where that stands by itself."""
    return part_attribute(node if node.endswith(".narrow") else f"{node}.narrow")


def _modules(
    site: Site,
    dropouts: Mapping[tuple[str, bool], str],
    spiking: frozenset[WeightId],
    *,
    lean_pools: bool,
) -> Iterator[tuple[str, str]]:
    """Yield the attributes that an application needs, with their modules."""
    name = site.node.id.name
    match site.node.op:
        case Conv() as conv:
            yield layer_attribute(conv.weight), _conv(conv, spikes=conv.weight in spiking)
        case Linear() as linear:
            yield layer_attribute(linear.weight), _linear(linear)
        case Pool() as pool:
            yield pool_attribute(name), _pool(pool, lean=lean_pools)
        case BatchNorm(channels=channels):
            size = "2d" if isinstance(site.node.shape, Map) else "1d"
            yield part_attribute(name), call(f"nn.BatchNorm{size}", whole(channels))
        case Dropout(probability=probability):
            kind = "DropoutOverTime" if site.train else "nn.Dropout"
            yield dropouts[name, site.train], call(kind, real(probability))
        case Neuron(state=state, unit=Spiking() as unit):
            yield neuron_attribute(state.name, unit), _neuron(unit)
        case Narrow() as narrow:
            yield narrow_attribute(name), _narrow(narrow, train=site.train)
        case Repeat(narrow=Narrow() as narrow):
            yield narrow_attribute(name), _narrow(narrow, train=site.train)
        case Classify(head="stochmax", features=features, classes=classes):
            yield "stochmax", call("Stochmax", whole(features), whole(classes))
        case _:
            pass


def _conv(conv: Conv, *, spikes: bool) -> str:
    """What is torch's default is left out; a bias is its default, not the paper's."""
    usual = {"stride": 1, "padding": 0, "groups": 1, "dilation": 1}
    named = {
        name: whole(getattr(conv, name)) for name, value in usual.items() if getattr(conv, name) != value
    }
    sizes = (whole(conv.inputs), whole(conv.outputs), whole(conv.kernel))
    return call("SpikeConv2d" if spikes else "nn.Conv2d", *sizes, **named, **_bias(present=conv.bias))


def _linear(linear: Linear) -> str:
    return call("nn.Linear", whole(linear.inputs), whole(linear.outputs), **_bias(present=linear.bias))


def _bias(*, present: bool) -> dict[str, str]:
    return {} if present else {"bias": "False"}


def _pool(pool: Pool, *, lean: bool) -> str:
    kind = "Avg" if pool.mode == "average" else "Max"
    if pool.size == 0:
        return call(f"nn.Adaptive{kind}Pool2d", "1")
    stride = {} if pool.stride == pool.size else {"stride": whole(pool.stride)}
    if lean and pool.mode == "average" and not stride:
        return call("MeanPool2d", whole(pool.size))
    return call(f"nn.{kind}Pool2d", whole(pool.size), **stride)


def _neuron(unit: Spiking) -> str:
    named = {"threshold": real(unit.threshold)}
    if unit.reset != "subtract":
        named["reset"] = word(unit.reset)
    if unit.refractory:
        named["refractory"] = whole(unit.refractory)
    if unit.leak == 1:
        return call("IF", **named)
    return call("LIF", leak=real(unit.leak), **named)


def _narrow(narrow: Narrow, *, train: bool) -> str:
    spiking = {"spiking": "True"} if train else {}
    return call("Narrow", whole(narrow.inputs), whole(narrow.outputs), word(narrow.keep), **spiking)
