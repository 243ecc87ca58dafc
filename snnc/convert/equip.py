"""Put an artificial twin's tensors and some thresholds into its spiking twin.

Weights go over as they are. Biases and shifts are divided by the scale of the step that adds them: a batch
norm has statistics for each unrolled step, so its mean and shift are its step's; a bias without one, shared
by several steps, becomes the drift of each step's neurons. The first layers behind the spikes take the
scale into their weights, so that the scores are estimates of the artificial twin's own.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from snnc.backends.torch.names import layer_attribute
from snnc.convert.circuit import Circuit, norm_attribute
from snnc.convert.errors import SharedBias
from snnc.convert.scales import Spread
from snnc.diagnostics import CompileError
from snnc.ir.graph import Node
from snnc.ir.ids import NodeId
from snnc.ir.ops import BatchNorm, Classify, Conv, Dropout, Encode, Linear
from snnc.ir.shape import Map
from snnc.train.converted import drifting

Tensors = Mapping[str, Tensor]


def equip(circuit: Circuit, tensors: Tensors, spread: Spread) -> None:
    """Fill a spiking circuit's module as far as scales are known; ``tensors`` are the ANN's state."""
    state = circuit.module.state_dict()
    ready = {name: tensor.cpu().clone() for name, tensor in tensors.items() if name in state}
    for nodes in spread.scales.applications.values():
        _weights(circuit, spread, nodes, ready)
    for node in circuit.graph:
        scale = spread.at(node.operands[0]) if node.operands else None
        if scale is None:
            continue
        if isinstance(node.op, BatchNorm):
            _norm(circuit, node, node.op, scale, ready)
        elif isinstance(node.op, Classify) and node.op.head == "stochmax":
            _heads(spread, node, ready)
    circuit.module.load_state_dict(ready, strict=False)
    _thresholds(circuit, spread)
    _drifts(circuit, spread, tensors)


def _weights(circuit: Circuit, spread: Spread, nodes: list[Node], ready: dict[str, Tensor]) -> None:
    op = nodes[0].op
    assert isinstance(op, Conv | Linear)  # noqa: S101 - an application is one
    name = layer_attribute(op.weight)
    scale, scales = spread.at(nodes[0].operands[0]), spread.scales
    if scale is None:
        return
    weight = ready[f"{name}.weight"]
    profile = scales.profile(nodes[0].operands[0], _channels(circuit, nodes[0]))
    factor = scale if scales.takes_up(nodes[0]) else 1.0
    ready[f"{name}.weight"] = weight * _columns(profile * factor, weight, op)
    if not op.bias or scales.takes_up(nodes[0]) or _normed(circuit, nodes[0]):
        return
    if op.weight in drifting(circuit.graph):
        ready[f"{name}.bias"] = torch.zeros_like(ready[f"{name}.bias"])
        return
    if len({spread.at(node.operands[0]) for node in nodes} - {None}) > 1:
        raise CompileError((SharedBias(nodes[0].span, op.weight),))
    ready[f"{name}.bias"] = ready[f"{name}.bias"] / scale


def _channels(circuit: Circuit, node: Node) -> int:
    """Return the channels of the map or vector that arrives, before it is flattened."""
    before = circuit.graph[node.operands[0]]
    while not isinstance(before.shape, Map) and before.operands and _flat(circuit, before):
        before = circuit.graph[before.operands[0]]
    return before.shape.channels if before.shape else 0


def _flat(circuit: Circuit, node: Node) -> bool:
    shape = circuit.graph[node.operands[0]].shape
    return shape is not None and node.shape is not None and shape.size == node.shape.size


def _columns(factor: Tensor, weight: Tensor, op: Conv | Linear) -> Tensor:
    """Return what the columns of a weight are multiplied by, given a factor for each input channel."""
    if isinstance(op, Linear):
        return factor.repeat_interleave(weight.shape[1] // len(factor))
    by_group = factor.view(op.groups, 1, -1, 1, 1)
    return by_group.expand(-1, op.outputs // op.groups, -1, 1, 1).flatten(0, 1)


def _normed(circuit: Circuit, node: Node) -> bool:
    return any(isinstance(user.op, BatchNorm) for user in circuit.graph.users(node))


def _norm(circuit: Circuit, node: Node, op: BatchNorm, scale: float, ready: dict[str, Tensor]) -> None:
    """Fold 1/k into a step's own statistics: (z/k + b - μ') = (z + b - μ)/k for μ' = b - (b - μ)/k."""
    name = norm_attribute(op)
    layer = circuit.graph[node.operands[0]].op
    bias = torch.zeros(())
    if isinstance(layer, Conv | Linear) and layer.bias:
        bias = ready[f"{layer_attribute(layer.weight)}.bias"]
    mean = ready[f"{name}.running_mean"]
    ready[f"{name}.running_mean"] = bias - (bias - mean) / scale
    ready[f"{name}.bias"] = ready[f"{name}.bias"] / scale


def _heads(spread: Spread, node: Node, ready: dict[str, Tensor]) -> None:
    """The heads of stochmax see the features that the scores come from."""
    features = node.operands[1]
    scale = spread.at(features)
    if scale is None:
        return
    for name in ("stochmax.prior.weight", "stochmax.posterior.weight"):
        if name in ready:
            channels = len(spread.scales.profile(features, 1))
            profile = spread.scales.profile(features, channels) * scale
            ready[name] = ready[name] * profile.repeat_interleave(ready[name].shape[1] // len(profile))


def _thresholds(circuit: Circuit, spread: Spread) -> None:
    for state, threshold in spread.thresholds.items():
        part, name = circuit.neurons(state), circuit.spiking[state].id
        level = part.threshold
        profile = spread.scales.profiles.get(name, torch.ones(level.shape))
        part.threshold = (threshold * profile).to(level).expand(level.shape).clone()


def _drifts(circuit: Circuit, spread: Spread, tensors: Tensors) -> None:
    for state, node in circuit.spiking.items():
        part, layer = circuit.neurons(state), _layer_before(circuit, node.operands[0])
        scale = spread.at(node.operands[0])
        if part.drift is not None and scale is not None:
            part.drift = (tensors[f"{layer}.bias"] / scale).to(part.drift)


def _layer_before(circuit: Circuit, name: NodeId) -> str:
    node = circuit.graph[name]
    while isinstance(node.op, BatchNorm | Dropout | Encode):
        node = circuit.graph[node.operands[0]]
    return layer_attribute(node.op.weight) if isinstance(node.op, Conv | Linear) else ""
