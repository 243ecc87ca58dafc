"""Neurons: both twins filled in, constants inherited from the `neuron` line.

A lone `ReLU` is ReLU in both twins (a hybrid's prefix), a lone `LIF` or `IF` is ReLU in the ANN twin
(Table XIV's baseline). A constant that a spiking neuron does not name is that of the `neuron` line's
spiking neuron, and without one the model's default. `IF` does not leak, whatever the line says.
"""

from __future__ import annotations

from snnc.diagnostics import Fix, Reporter
from snnc.spec import model
from snnc.spec.entry import entry
from snnc.spec.errors import AnnNeuronSpikes, ConstantUnknown
from snnc.syntax import tree

IF_CONSTANTS = ("threshold", "reset", "refractory")
CONSTANTS = {"relu": (), "identity": (), "if": IF_CONSTANTS, "lif": ("leak", *IF_CONSTANTS)}
SPELLING = {"relu": "ReLU", "identity": "identity", "if": "IF", "lif": "LIF"}


def neuron_line(spec: tree.Spec, report: Reporter) -> model.Activation | None:
    """Return the neuron of layers that name none: ReLU|LIF without a `neuron` line."""
    if spec.neuron is not None:
        return activation(spec.neuron, None, report)
    relu, lif = model.Unit(span=spec.span, kind="relu"), model.Unit(span=spec.span, kind="lif")
    return model.Activation(span=spec.span, ann=relu, snn=lif)


def activation(
    node: tree.Activation, line: model.Activation | None, report: Reporter
) -> model.Activation | None:
    """Return a neuron with both twins; ``line`` is the `neuron` line that constants are inherited from."""
    first = _unit(node.ann, line, report)
    second = None if node.snn is None else _unit(node.snn, line, report)
    if node.snn is not None and first is not None and first.kind in ("if", "lif"):
        report(AnnNeuronSpikes(node.ann.span, SPELLING[first.kind], _ann_fix(node)))
        return None
    if first is None or (node.snn is not None and second is None):
        return None
    if second is not None:
        return model.Activation(span=node.span, ann=first, snn=second)
    twin = model.Unit(span=first.span, kind="relu") if first.kind in ("if", "lif") else first
    return model.Activation(span=node.span, ann=twin, snn=first)


def show(node: tree.Activation) -> str:
    """Return a neuron as messages name it: ``ReLU|LIF``."""
    return "|".join(SPELLING[unit.kind.value] for unit in (node.ann, node.snn) if unit is not None)


def _unit(node: tree.Unit, line: model.Activation | None, report: Reporter) -> model.Unit | None:
    if not _constants_fit(node, report):
        return None
    kind = node.kind.value
    named = {constant.name.value for constant in node.constants}
    inherited = {name: value for name, value in _constants(line).items() if name in CONSTANTS[kind]}
    given = {name: value for name, value in inherited.items() if name not in named}
    if kind == "if":
        given["leak"] = 1.0  # the definition of IF
    return entry(model.Unit, node, report, **given)


def _constants(line: model.Activation | None) -> dict[str, object]:
    """Return the constants that the `neuron` line's spiking neuron has."""
    if line is None:
        return {}
    return {name: getattr(line.snn, name) for name in CONSTANTS[line.snn.kind]}


def _constants_fit(node: tree.Unit, report: Reporter) -> bool:
    """Whether the neuron has all the constants that it is given."""
    strange = [one.name for one in node.constants if one.name.value not in CONSTANTS[node.kind.value]]
    for name in strange:
        report(_unknown(node, name))
    return not strange


def _unknown(node: tree.Unit, name: tree.Name) -> ConstantUnknown:
    kind = node.kind.value
    neuron = SPELLING[kind]
    if kind != "if":
        way_out = f"{neuron} has no state to set; leak, threshold, reset and refractory are for LIF"
        return ConstantUnknown(name.span, neuron, name.value, "nothing to set here", way_out)
    words, way_out = "an IF neuron does not leak", "the neuron that leaks is LIF; IF is LIF with a leak of 1"
    return ConstantUnknown(name.span, neuron, name.value, words, way_out, Fix(node.kind.span, "LIF"))


def _ann_fix(node: tree.Activation) -> Fix:
    """Return the pair the right way round where it was swapped, else with ReLU on the left."""
    assert node.snn is not None  # noqa: S101  # for the type checker: asked by the caller
    left, right = node.ann.span.text, node.snn.span.text
    swapped = node.snn.kind.value in ("relu", "identity")
    return Fix(node.span, f"{right}|{left}" if swapped else f"ReLU|{right}")
