"""The lines of ``__init__`` that draw the first weights: for spikes, for ReLU, or some for each."""

from __future__ import annotations

from snnc.backends.torch.constants import call
from snnc.backends.torch.layout import statement
from snnc.backends.torch.names import layer_attribute
from snnc.ir.graph import Graph
from snnc.ir.ops import Conv, Linear, Neuron, Relu, Spiking


def start_lines(graph: Graph, indent: str) -> list[str]:
    """Return the lines; `snnc.nn.init` says what the functions do that they call.

    A spiking network is drawn as one, its classifier included, and its layers with ReLU once more.
    """
    weights = dict.fromkeys(node.op.weight for node in graph.walk() if isinstance(node.op, Conv | Linear))
    neurons = [node.op for node in graph.walk() if isinstance(node.op, Neuron)]
    if not any(isinstance(neuron.unit, Spiking) for neuron in neurons):
        return statement("kaiming(self)", indent)
    lines = statement("xavier(self, gain=2.0)", indent, "wide enough for spikes to reach the last layer")
    rectified = {neuron.state.name for neuron in neurons if isinstance(neuron.unit, Relu)}
    again = [f"self.{layer_attribute(weight)}" for weight in weights if weight in rectified]
    return lines + statement(call("kaiming", *again), indent, "ReLU follows") if again else lines
