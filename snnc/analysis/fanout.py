"""How many outputs each input value of a layer reaches: exactly, borders and strides minded.

Eqn (9) gives every spike k^2 M synapses. A spike at the border of a padded map has fewer, and with a
stride it depends on where it stands. Along each side the count is a number per position; on the map it
is the product of both sides' numbers, times the output channels of a group.
"""

from __future__ import annotations

from functools import cache

from snnc.ir.ops import Conv, Linear
from snnc.ir.shape import Map, Shape


@cache
def side_fanout(size: int, kernel: int, stride: int, padding: int, dilation: int = 1) -> tuple[int, ...]:
    """Return, for each position along a side, how many windows have it among their taps."""
    positions = (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
    counts = [0] * size
    for window in range(positions):
        first = window * stride - padding
        for tap in range(first, first + dilation * kernel, dilation):
            if 0 <= tap < size:
                counts[tap] += 1
    return tuple(counts)


def sides(layer: Conv, image: Map) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the counts along the rows and the columns of a convolution's input map."""
    window = (layer.kernel, layer.stride, layer.padding, layer.dilation)
    return side_fanout(image.height, *window), side_fanout(image.width, *window)


def channels_reached(layer: Conv) -> int:
    """Return the output channels that one input channel reaches."""
    return layer.outputs // layer.groups


def contacts(layer: Conv | Linear, given: Shape) -> int:
    """Return the synapses that a layer has on its input: its MACs without those on padded zeros."""
    if isinstance(layer, Linear):
        return layer.inputs * layer.outputs
    if not isinstance(given, Map):
        raise TypeError(f"a convolution reads a map, not {given}")
    rows, columns = sides(layer, given)
    return sum(rows) * sum(columns) * layer.inputs * channels_reached(layer)
