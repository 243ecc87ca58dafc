"""Layers and groups: each becomes nodes at the end of a chain."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from snnc.ir import ops
from snnc.ir.graph import Graph, Origin
from snnc.ir.ids import NodeId, StateId, WeightId
from snnc.lower.chain import Chain, Modifier, Step, Weighted, neuron_of, steps_of, weighted_names
from snnc.lower.skips import lower_skips, lower_skips_at_start
from snnc.source import Span
from snnc.spec import model


def lower_step(chain: Chain, step: Step, neuron: model.Activation) -> None:
    """Append what a layer and its modifiers become; ``neuron`` is for layers that name none."""
    match step.layer:
        case model.Conv() | model.Linear():
            _lower_weighted(chain, step.layer, step.modifiers, neuron)
        case model.Pool():
            _lower_pool(chain, step.layer, step.modifiers)
        case model.Group():
            _lower_group(chain, step.layer, neuron_of(step.modifiers) or neuron)
        case _:
            assert_never(step.layer)


def _lower_weighted(
    chain: Chain, layer: Weighted, modifiers: tuple[Modifier, ...], neuron: model.Activation
) -> None:
    lower_skips(chain, layer.name)
    origin = _origin(layer)
    if isinstance(layer, model.Linear):
        chain.extend(NodeId(f"{layer.name}.flatten"), ops.Flatten(), origin)
    chain.extend(NodeId(layer.name), _operation(layer), origin)
    for modifier in _with_neuron(layer, modifiers, neuron, chain.plan.last):
        _lower_modifier(chain, layer, modifier)
    chain.values[layer.name] = chain.last


def _operation(layer: Weighted) -> ops.Conv | ops.Linear:
    weight = WeightId(layer.name)
    if isinstance(layer, model.Linear):
        return ops.Linear(weight, layer.inputs, layer.outputs, layer.bias)
    return ops.Conv(
        weight,
        layer.inputs,
        layer.outputs,
        kernel=layer.window.size,
        stride=layer.window.stride,
        padding=layer.padding,
        groups=layer.groups,
        dilation=layer.dilation,
        bias=layer.bias,
    )


def _with_neuron(
    layer: Weighted, modifiers: tuple[Modifier, ...], neuron: model.Activation, last: str
) -> tuple[Modifier, ...]:
    """Return the modifiers with the default neuron put after BN, before Dropout, where none is named."""
    if layer.name == last or neuron_of(modifiers):
        return modifiers
    norms = tuple(one for one in modifiers if isinstance(one, model.BatchNorm))
    others = tuple(one for one in modifiers if not isinstance(one, model.BatchNorm))
    return (*norms, neuron, *others)


def _lower_modifier(chain: Chain, layer: Weighted, modifier: Modifier) -> None:
    origin = Origin(modifier.span)
    match modifier:
        case model.BatchNorm():
            norm = ops.BatchNorm(WeightId(f"{layer.name}_bn"), layer.outputs)
            chain.extend(NodeId(f"{layer.name}.bn"), norm, origin)
        case model.Dropout():
            chain.extend(NodeId(f"{layer.name}.dropout"), ops.Dropout(modifier.probability), origin)
        case model.Activation():
            _lower_neuron(chain, layer.name, modifier)
        case _:
            assert_never(modifier)


def _lower_neuron(chain: Chain, name: str, neuron: model.Activation) -> None:
    twin = ops.Twin(_unit(neuron.ann), _unit(neuron.snn))
    chain.extend(NodeId(f"{name}.neuron"), ops.Neuron(StateId(name), twin), Origin(neuron.span))


def _unit(unit: model.Unit) -> ops.Unit:
    match unit.kind:
        case "relu":
            return ops.Relu()
        case "identity":
            return ops.Identity()
        case "if":
            return ops.Spiking(1.0, unit.threshold, unit.reset, unit.refractory)
        case "lif":
            return ops.Spiking(unit.leak, unit.threshold, unit.reset, unit.refractory)
        case _:
            assert_never(unit.kind)


def _lower_pool(chain: Chain, pool: model.Pool, modifiers: tuple[Modifier, ...]) -> None:
    name = chain.number("Pool")
    window = pool.window
    sizes = (window.size, window.stride) if window else (0, 0)
    chain.extend(name, ops.Pool(pool.mode, *sizes), _window_origin(pool.span, window))
    for modifier in modifiers:
        if isinstance(modifier, model.Activation):
            _lower_neuron(chain, name.name, modifier)
        elif isinstance(modifier, model.Dropout):
            chain.extend(NodeId(f"{name}.dropout"), ops.Dropout(modifier.probability), Origin(modifier.span))


def _lower_group(chain: Chain, group: model.Group, neuron: model.Activation) -> None:
    """A group that runs once is the plain chain; one that runs again is a `Repeat`."""
    if group.times == 1:
        for step in steps_of(group.items):
            lower_step(chain, step, neuron)
        return
    lower_skips_at_start(chain, group)
    body = Chain(chain.plan, outer=chain)
    body.add(NodeId("Carry"), ops.Carry(), (), Origin(group.span))
    for step in steps_of(group.items):
        lower_step(body, step, neuron)
    _close_group(chain, body, group)


def _close_group(chain: Chain, body: Chain, group: model.Group) -> None:
    names = weighted_names(group.items)
    narrow = _narrow(group, body)
    origin = Origin(group.span, outputs=group.times_span)
    repeat = ops.Repeat(Graph(body.nodes), group.times, narrow)
    chain.add(chain.number("Group"), repeat, (chain.last, *body.captured), origin)
    chain.values[names[-1]] = chain.last


def _narrow(group: model.Group, body: Chain) -> ops.Narrow | None:
    if group.keep is None:
        return None
    nodes = Graph(body.nodes).walk()
    weighted = [node.op for node in nodes if isinstance(node.op, ops.Conv | ops.Linear)]
    return ops.Narrow(group.keep, weighted[-1].outputs, weighted[0].inputs)


def _origin(layer: Weighted) -> Origin:
    window = layer.window if isinstance(layer, model.Conv) else None
    return replace(_window_origin(layer.span, window), inputs=layer.inputs_span, outputs=layer.outputs_span)


def _window_origin(span: Span, window: model.Window | None) -> Origin:
    if window is None:
        return Origin(span)
    return Origin(span, window=window.size_span, stride=window.stride_span)
