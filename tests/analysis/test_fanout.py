import pytest

from snnc.analysis.fanout import contacts, side_fanout
from snnc.analysis.layers import layer_rows
from snnc.ir.ids import WeightId
from snnc.ir.ops import Conv, Linear
from snnc.ir.shape import Map, Vector


def brute_force(layer: Conv, image: Map) -> int:
    """Every tap of every window that lies on the map, one by one."""
    count = 0
    for y in range(
        (image.height + 2 * layer.padding - layer.dilation * (layer.kernel - 1) - 1) // layer.stride + 1
    ):
        for x in range(
            (image.width + 2 * layer.padding - layer.dilation * (layer.kernel - 1) - 1) // layer.stride + 1
        ):
            for i in range(layer.kernel):
                for j in range(layer.kernel):
                    row = y * layer.stride - layer.padding + i * layer.dilation
                    column = x * layer.stride - layer.padding + j * layer.dilation
                    count += 0 <= row < image.height and 0 <= column < image.width
    return count * layer.inputs * layer.outputs // layer.groups


@pytest.mark.parametrize("kernel", [1, 3, 5, 7])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1, 3])
@pytest.mark.parametrize("dilation", [1, 2])
def test_contacts_are_what_a_loop_counts(kernel, stride, padding, dilation):
    layer = Conv(WeightId("C"), 4, 6, kernel, stride, padding, groups=2, dilation=dilation)
    image = Map(4, 13, 15)
    assert contacts(layer, image) == brute_force(layer, image)


def test_a_border_has_fewer_synapses():
    assert side_fanout(8, 3, 1, 1) == (2, 3, 3, 3, 3, 3, 3, 2)
    assert side_fanout(4, 3, 2, 1) == (1, 2, 1, 1)


def test_a_full_connection_has_no_border():
    assert contacts(Linear(WeightId("F"), 64, 10), Vector(64)) == 640


def test_all_ones_on_8x8_reach_46464_of_55296(build):
    """k 3, 4 to 6 channels, 4 steps: what a measurement of all ones gives; padding costs 16 %."""
    (row,) = layer_rows(build("Conv1(4,6,3/1)L", (4, 8, 8)))
    assert (row.macs * 4, row.contacts * 4) == (55_296, 46_464)
