"""The lines of ``__init__`` that draw the first weights: for spikes, for ReLU, or some for each."""

from __future__ import annotations

from snnc.backends.torch.constants import call
from snnc.backends.torch.layout import statement
from snnc.backends.torch.names import layer_attribute
from snnc.ir.graph import Graph
from snnc.ir.ops import Conv, Linear, Neuron, Relu, Spiking


def start_lines(graph: Graph, indent: str) -> list[str]:
    """Return the lines; `snnc.nn.init` says what the functions do that they call.

    In a hybrid the more frequent kind of layer decides how the network is drawn, its classifier
    included, and the layers of the other kind are drawn once more.
    """
    neurons = [node.op for node in graph.walk() if isinstance(node.op, Neuron)]
    spiking = _layers(graph, {neuron.state.name for neuron in neurons if isinstance(neuron.unit, Spiking)})
    rectified = _layers(graph, {neuron.state.name for neuron in neurons if isinstance(neuron.unit, Relu)})
    if len(spiking) > len(rectified):
        lines = statement("xavier(self, gain=2.0)", indent, "wide enough for spikes to reach the last layer")
        return lines + (statement(call("kaiming", *rectified), indent, "ReLU follows") if rectified else [])
    lines = statement("kaiming(self)", indent)
    wide = call("xavier", *spiking, gain="2.0")
    return lines + (statement(wide, indent, "wide enough for spikes") if spiking else [])


def _layers(graph: Graph, states: set[str]) -> list[str]:
    """Return the weighted layers whose neurons are among these, in order of first use."""
    weights = (node.op.weight for node in graph.walk() if isinstance(node.op, Conv | Linear))
    return [f"self.{layer_attribute(weight)}" for weight in dict.fromkeys(weights) if weight in states]
