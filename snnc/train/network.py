"""A spec and options to a module that can be trained: compiled, initialised, told what its loss is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath
from typing import Literal, get_args

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from snnc.driver import Net, Twin, compile_source
from snnc.ir.ops import Conv, Linear, Neuron, Relu
from snnc.ir.program import Target
from snnc.lower import lower
from snnc.nn import Stochmax
from snnc.source import Source
from snnc.spec.model import Coding, Head
from snnc.train.converted import Converted, receive, without_leak
from snnc.train.parts import spiking, state_id
from snnc.train.seeds import seed_for

Mode = Literal["full", "simple"]

MOST_STEPS = 1_000_000  # T of a recipe or a saved network
PRINTED_GAIN = 2.0  # what a printed module's layers before spiking neurons are drawn with


@dataclass(frozen=True)
class Options:
    """Which twin, and what departs from the spec; None leaves it as the spec has it."""

    target: Target
    timesteps: int | None = None
    coding: Coding | None = None
    classify: Head | None = None
    mode: Mode = "full"
    converted: Converted | None = None

    def text(self) -> str:
        """Return the options as JSON."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def of(cls, text: str) -> Options:
        """Return options from their JSON. Raises `ValueError`, `TypeError` or `KeyError` for none."""
        found = json.loads(text)
        for name, known in _KNOWN.items():
            if found[name] not in known:
                raise ValueError(f"{name} is {found[name]!r}")
        steps = found["timesteps"]
        if steps is not None and not (type(steps) is int and 1 <= steps <= MOST_STEPS):
            raise ValueError(f"timesteps is {steps!r}")
        converted = found.get("converted")
        read = None if converted is None else Converted.of(converted)
        return cls(**{**found, "target": Target(found["target"]), "converted": read})


_KNOWN = {
    "target": tuple(Target),
    "coding": (None, *get_args(Coding)),
    "classify": (None, *get_args(Head)),
    "mode": get_args(Mode),
}


@dataclass(frozen=True)
class Network:
    """A compiled spec with its options: what is trained, saved and loaded again.

    ``learnt`` are tensors that it begins with in place of fresh ones, by their names in the module's state.
    """

    net: Net
    source: Source
    options: Options
    learnt: Mapping[str, Tensor] = field(default_factory=dict, compare=False)

    @property
    def timesteps(self) -> int:
        """T of the spiking twin; an ANN takes one step."""
        if self.options.target is Target.ANN:
            return 1
        return self.options.timesteps or self.net.model.timesteps

    @property
    def size(self) -> tuple[int, int, int]:
        """Channels, height and width of the image."""
        shape = self.net.model.input
        return shape.channels, shape.height, shape.width

    def module(self, seed: int = 1, gain: float = PRINTED_GAIN) -> nn.Module:
        """Return the network as it begins: the same seed gives the same weights."""
        with torch.random.fork_rng(devices=[]):  # weights are drawn on the CPU
            torch.default_generator.manual_seed(seed_for(seed, "weights"))
            module = self._drawn()
        with torch.no_grad():
            for name in self._before_spikes():
                module.get_submodule(name).weight.mul_(gain / PRINTED_GAIN)  # type: ignore[operator]
        module.load_state_dict(dict(self.learnt), strict=False)
        return module

    def outline(self) -> nn.Module:
        """Return the network without memory for its tensors: names and shapes, to be filled."""
        with torch.device("meta"):
            return self._drawn()

    def _drawn(self) -> nn.Module:
        artificial = self.options.target is Target.ANN
        module = self.net.ann() if artificial else self.net.snn(self.timesteps)
        if self.options.mode == "simple":
            for name, head in list(module.named_children()):
                if isinstance(head, Stochmax):
                    features, classes = head.prior.in_features, head.prior.out_features
                    setattr(module, name, Stochmax(features, classes, "simple"))
        if self.options.converted is not None:
            receive(module, self.net.snn_twin.unrolled.graph, self.options.converted)
        return module

    def _before_spikes(self) -> list[str]:
        """Return the layers that are drawn for spikes: those of a spiking twin that no ReLU follows."""
        if self.options.target is Target.ANN:
            return []
        nodes = list(self.net.snn_twin.folded.graph.walk())
        rectified = {
            n.op.state.name for n in nodes if isinstance(n.op, Neuron) and isinstance(n.op.unit, Relu)
        }
        weights = dict.fromkeys(n.op.weight for n in nodes if isinstance(n.op, Conv | Linear))
        return [weight for weight in weights if weight not in rectified]


def network(source: Source, folder: Traversable | None, options: Options) -> Network:
    """Return a spec compiled with options. Raises `CompileError`."""
    net = compile_source(source, folder)
    changes = {"encode": options.coding, "classify": options.classify}
    changed: dict[str, object] = {name: value for name, value in changes.items() if value is not None}
    if options.converted is not None:
        changed["layers"] = without_leak(net.model.layers)
        changed["neuron"] = without_leak((net.model.neuron,))[0]
    if any(getattr(net.model, name) != value for name, value in changed.items()):
        net = _again(net, changed)
    return Network(net, source, options)


def _again(net: Net, changed: Mapping[str, object]) -> Net:
    model = net.model.model_copy(update=changed)
    graph = lower(model)
    ann, snn = (Twin.of(model, graph, target) for target in Target)
    return Net(model, graph, ann, snn, net.warnings)


def used_files(net: Net, source: Source) -> dict[str, str]:
    """Return the texts of the specs that ``use`` clauses took in, by their paths beside the spec."""
    found: dict[str, str] = {}
    place = PurePosixPath(source.name).parent
    for block in net.model.blocks:
        used = block.input.span.source
        path = PurePosixPath(used.name)
        found[str(path.relative_to(place) if path.is_relative_to(place) else path)] = used.text
    return found


def loss_of(module: nn.Module, image: Tensor, target: Tensor) -> Tensor:
    """Return what training minimises, the mean over the batch: cross-entropy, or Stochmax's own objective."""
    if has_stochmax(module):
        loss: Tensor = module(image, target)
        return loss
    scores: Tensor = module(image)
    return cross_entropy(
        scores.float() if scores.dtype in (torch.bfloat16, torch.float16) else scores, target
    )


def has_stochmax(module: nn.Module) -> bool:
    """Tell whether a network ends in a Stochmax head, which computes its own loss."""
    return any(isinstance(part, Stochmax) for part in module.modules())


__all__ = [
    "Converted",
    "Network",
    "Options",
    "has_stochmax",
    "loss_of",
    "network",
    "spiking",
    "state_id",
    "used_files",
]
