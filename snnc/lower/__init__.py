"""Model to graph: one function per clause of the notation.

The result is folded (a BackRes block is one `Repeat`), its joins are not resolved and its neurons
name both twins. Nothing is checked here: the model is valid, and what depends on shapes is asked by
the passes.
"""

from __future__ import annotations

from snnc.ir import ops
from snnc.ir.graph import Graph, Origin
from snnc.ir.ids import NodeId, WeightId
from snnc.ir.program import PrintedLayer
from snnc.ir.shape import Map
from snnc.lower.chain import Chain, Plan, steps_of
from snnc.lower.layers import lower_step
from snnc.spec import model

__all__ = ["lower", "printed_layers"]


def lower(network: model.Network) -> Graph:
    """Return the folded, untimed graph of a network."""
    plan = Plan.of(network)
    chain = Chain(plan)
    image = network.input
    chain.add(
        NodeId("Input"), ops.Input(Map(image.channels, image.height, image.width)), (), Origin(image.span)
    )
    chain.values["Input"] = chain.last
    for step in steps_of(network.layers):
        lower_step(chain, step, network.neuron)
    _lower_classifier(chain, network)
    return Graph(chain.nodes)


def printed_layers(network: model.Network) -> tuple[PrintedLayer, ...]:
    """Return what the paper prints for layers that cannot be built so."""
    return tuple(_printed(entry) for entry in network.printed)


def _lower_classifier(chain: Chain, network: model.Network) -> None:
    scores = chain.nodes[-1]
    last = next(node for node in reversed(chain.nodes) if isinstance(node.op, ops.Conv | ops.Linear))
    operation = last.op
    assert isinstance(operation, ops.Conv | ops.Linear)  # noqa: S101  # for the type checker: chosen so above
    if not isinstance(scores.op, ops.Linear):
        chain.extend(NodeId("Classify.flatten"), ops.Flatten(), scores.origin)
    head = ops.Classify(network.classify, operation.inputs, operation.outputs)
    features = last.operands if network.classify == "stochmax" else ()
    chain.add(NodeId("Classify"), head, (chain.last, *features), last.origin)


def _printed(entry: model.Printed) -> PrintedLayer:
    layer = entry.layer
    fan_in = layer.inputs * (layer.window.size**2 if isinstance(layer, model.Conv) else 1)
    parameters = (fan_in + layer.bias) * layer.outputs
    return PrintedLayer(WeightId(layer.name), parameters, layer.span.text, entry.reason)
