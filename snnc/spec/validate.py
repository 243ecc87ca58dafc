"""Tree to model: every value checked, every default filled in, all mistakes told at once.

Takes a tree whose unrolled chains are already folded. Asks nothing that depends on shapes: whether the
channels, the maps and the widths of joins agree is asked of the graph.
"""

from __future__ import annotations

from snnc.diagnostics import Reporter
from snnc.spec import model
from snnc.spec.blocks import Blocks, Load, check_inputs, read_blocks
from snnc.spec.clauses import Names, printed, skips
from snnc.spec.encoding import default_encoding
from snnc.spec.entry import entry
from snnc.spec.groups import bounded, spread
from snnc.spec.header import TIMESTEPS, input_shape, network_name
from snnc.spec.layers import layers
from snnc.spec.neurons import neuron_line
from snnc.spec.order import Order
from snnc.spec.places import check_names, places
from snnc.syntax import tree


def validate(spec: tree.Spec, report: Reporter, use: Load) -> model.Network | None:
    """Return the network that a folded spec describes; None after reporting an error.

    ``use`` returns the network of a `use` clause, or None after reporting why it could not be read.
    """
    if not bounded(spec, report):
        return None
    items = spread(spec.layers, report)
    _check_chain(spec, items, report)
    line = neuron_line(spec, report)
    own = layers(items, line, report)
    own_places = tuple(places(items))
    blocks = read_blocks(spec, own_places, len(own), use, report)
    names = Names((*own_places, *places(blocks.layers)), blocks.ends, blocks.unread)
    own_skips = skips(spec, names, report)
    check_inputs(own_skips, blocks, report)
    given = {
        "name": network_name(spec, report),
        "input": input_shape(spec, report),
        "neuron": line,
        "layers": (*own, *blocks.layers),
        "skips": (*own_skips, *blocks.skips),
        "printed": (*printed(spec, names, report), *blocks.printed),
        "blocks": blocks.blocks,
        **_defaults(spec, (*own, *blocks.layers), line, blocks),
    }
    network = entry(model.Network, spec, report, **given)
    if report.failed:
        return None
    assert network is not None  # noqa: S101  # for the type checker: else it has been reported why
    return network


def _check_chain(spec: tree.Spec, items: tuple[tree.Item, ...], report: Reporter) -> None:
    check_names(items, report)
    order = Order(report)
    order.walk(items)
    if not spec.uses:
        order.finish(spec)


def _defaults(
    spec: tree.Spec, items: tuple[model.Item, ...], line: model.Activation | None, blocks: Blocks
) -> dict[str, object]:
    """Return the values of the lines that were left out."""
    defaults: dict[str, object] = {"timesteps": TIMESTEPS, "classify": blocks.classify or "softmax"}
    if line is not None:
        defaults["encode"] = default_encoding(items, line)
    return {field: value for field, value in defaults.items() if getattr(spec, field) is None}
