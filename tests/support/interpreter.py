"""An oracle: runs an unrolled, timed program in plain numpy, time-step by time-step.

It knows the operations of the graph and nothing of torch, of the printer or of `snnc.nn`. Every
node is computed from its operands' values in float64; a train is a list of one array per step, and a
neuron's membrane lives from the first step to the last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from snnc.ir.graph import Node
from snnc.ir.ids import NodeId, StateId
from snnc.ir.ops import (
    BatchNorm,
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
    Spiking,
)
from snnc.ir.program import Program

Array = np.ndarray
Value = Array | list[Array]


@dataclass(frozen=True)
class Interpreter:
    """A program with its weights: a state_dict as numpy arrays.

    ``spikes`` is what a Poisson coding draws, [T, B, C, H, W]; without it an image is not coded.
    """

    program: Program
    weights: Mapping[str, Array]
    spikes: Array | None = None

    def run(self, image: Array) -> dict[NodeId, Value]:
        """Return every node's value, evaluation mode: one array, or for a train one per time-step."""
        values: dict[NodeId, Value] = {}
        for node in self.program.graph:
            values[node.id] = self._value(node, [values[one] for one in node.operands], image)
        return values

    def scores(self, image: Array) -> Array:
        """Return what the program computes."""
        return self.run(image)[self.program.graph.output.id]

    def _value(self, node: Node, operands: list[Value], image: Array) -> Value:
        steps = self.program.timesteps
        match node.op:
            case Input():
                return image
            case Encode(coding="poisson"):
                return list(self.spikes)
            case Encode(coding="hold"):
                return [operands[0] for _ in range(steps)]
            case Integrate():
                return sum(operands[0]) / steps
            case Neuron(unit=Spiking()):
                return self._fire(node.op, operands[0])
            case Narrow(keep="top") if isinstance(operands[0], list):
                return _top_so_far(node.op, operands[0])
        if not any(isinstance(one, list) for one in operands):
            return self._apply(node, operands)
        assert all(isinstance(one, list) for one in operands), f"{node.id} mixes trains and static values"
        return [self._apply(node, [one[t] for one in operands]) for t in range(steps)]

    def _apply(self, node: Node, operands: list[Array]) -> Array:
        x = operands[0]
        match node.op:
            case Conv():
                return self._biased(node.op, _conv(node.op, x, self.weights[f"{node.op.weight}.weight"]))
            case Linear():
                return self._biased(node.op, x @ self.weights[f"{node.op.weight}.weight"].T)
            case BatchNorm():
                return self._normalise(node.op, x)
            case Pool():
                return _pool(node.op, x)
            case Flatten():
                return x.reshape(len(x), -1)
            case Neuron(unit=Relu()):
                return np.maximum(x, 0)
            case Dropout() | Neuron():
                return x
            case Join(mode="concat"):
                return np.concatenate(operands, axis=1)
            case Join(mode="add"):
                return sum(operands)
            case Join(mode="tile"):
                return x + sum(_tiled(one, x.shape[1]) for one in operands[1:])
            case Narrow():
                return self._narrow(node, x)
            case Classify(head="softmax"):
                return x
            case Classify(head="stochmax"):
                keep = operands[1] @ self.weights["stochmax.prior.weight"].T
                return x + np.log(1 / (1 + np.exp(-keep)) + 1e-20)
        raise AssertionError(node)

    def _biased(self, op: Conv | Linear, x: Array) -> Array:
        if not op.bias:
            return x
        bias = self.weights[f"{op.weight}.bias"]
        return x + (bias[:, None, None] if isinstance(op, Conv) else bias)

    def _normalise(self, op: BatchNorm, x: Array) -> Array:
        name, _, application = op.weight.partition("@")
        prefix = f"{name}.{int(application) - 1}" if application else name
        parts = ("weight", "bias", "running_mean", "running_var")
        axes = (-1, *[1] * (x.ndim - 2))
        scale, shift, mean, variance = (self.weights[f"{prefix}.{part}"].reshape(axes) for part in parts)
        return (x - mean) / np.sqrt(variance + 1e-5) * scale + shift

    def _narrow(self, node: Node, x: Array) -> Array:
        op = node.op
        match op.keep:
            case "mean":
                return x.reshape(len(x), op.outputs, op.inputs // op.outputs, *x.shape[2:]).mean(2)
            case "random":
                return x[:, self.weights[f"{node.id.name.replace('.', '_')}.kept"].astype(int)]
            case "top":
                return _most_active(op, x, x)

    def threshold(self, state: StateId, unit: Spiking) -> float:
        """Return a threshold as the weights have it."""
        name = f"{state.name}_{'if' if unit.leak == 1 else 'lif'}"
        step = f".{state.application - 1}" if state.application else ""
        return float(self.weights[f"{name}{step}.threshold"])

    def _fire(self, op: Neuron, currents: list[Array]) -> list[Array]:
        unit, threshold = op.unit, self.threshold(op.state, op.unit)
        potential = np.zeros_like(currents[0])
        rest = np.zeros(currents[0].shape, int)
        spikes = []
        for current in currents:
            ready = rest == 0
            potential = np.where(ready, unit.leak * potential + current, potential)
            spike = ready & (potential >= threshold)
            after = {"subtract": potential - threshold, "zero": 0 * potential, "none": potential}[unit.reset]
            potential = np.where(spike, after, potential)
            rest = np.where(spike, unit.refractory, np.maximum(rest - 1, 0))
            spikes.append(spike.astype(float))
        return spikes


def _conv(op: Conv, x: Array, weight: Array) -> Array:
    pad, reach = op.padding, op.dilation * (op.kernel - 1) + 1
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = sliding_window_view(padded, (reach, reach), axis=(2, 3))
    windows = windows[:, :, :: op.stride, :: op.stride, :: op.dilation, :: op.dilation]
    parts = zip(np.split(windows, op.groups, 1), np.split(weight, op.groups, 0), strict=True)
    return np.concatenate([np.einsum("bchwkl,ockl->bohw", one, w, optimize=True) for one, w in parts], 1)


def _pool(op: Pool, x: Array) -> Array:
    size, stride = (op.size, op.stride) if op.size else (x.shape[-1], x.shape[-1])
    shape = (size, size) if op.size else x.shape[-2:]
    windows = sliding_window_view(x, shape, axis=(2, 3))[:, :, ::stride, ::stride]
    return windows.max((-1, -2)) if op.mode == "max" else windows.mean((-1, -2))


def _tiled(x: Array, channels: int) -> Array:
    return np.stack([x[:, channel % x.shape[1]] for channel in range(channels)], 1)


def _top_so_far(op: Narrow, train: list[Array]) -> list[Array]:
    """Each step keeps the channels that fired most often up to and including it."""
    counts = np.cumsum(train, axis=0)
    return [_most_active(op, x, count) for x, count in zip(train, counts, strict=True)]


def _most_active(op: Narrow, x: Array, activity: Array) -> Array:
    sums = activity.reshape(*activity.shape[:2], -1).sum(-1)
    best = [sorted(sorted(range(op.inputs), key=lambda c: -one[c])[: op.outputs]) for one in sums]
    return np.stack([sample[kept] for sample, kept in zip(x, best, strict=True)])
