from xml.etree import ElementTree as ET

import pytest

from benchmarks.plot import HEIGHT, LEFT, TOP, WIDTH, Axis, plot


def test_an_axis_is_of_whole_decades():
    axis = Axis.over([2.0, 150.0], 300)
    assert axis.ticks() == [1.0, 10.0, 100.0, 1000.0]
    assert [axis.place(x) for x in (1.0, 10.0, 1000.0)] == pytest.approx([0, 100, 300])


def test_one_value_has_a_decade_around_it():
    assert Axis.over([10.0], 100).ticks() == [10.0, 100.0]


def test_points_lie_where_they_should():
    root = ET.fromstring(plot("A & B", "x", "y", {"one": [(1, 1), (10, 100), (5, 0)]}))  # noqa: S314 - ours
    dots = [(float(c.get("cx")), float(c.get("cy"))) for c in root.iter("{http://www.w3.org/2000/svg}circle")]
    assert dots == [(LEFT, TOP + HEIGHT), (LEFT + WIDTH, TOP)]
    assert "A & B" in [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]


def test_nothing_is_not_plotted():
    with pytest.raises(ValueError, match="nothing to plot"):
        plot("", "", "", {"one": []})
