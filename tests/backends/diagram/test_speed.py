"""Two thousand layers are drawn in seconds, and twice as many in about twice the time."""

from __future__ import annotations

from time import process_time

import pytest

from snnc.backends.diagram import dot_text, draw, svg_text, text_of
from snnc.backends.diagram.placed import placed_text

WRITERS = [dot_text, svg_text, placed_text, text_of]


def seconds(write, program) -> float:
    start = process_time()
    write(draw(program))
    return process_time() - start


@pytest.mark.parametrize("write", WRITERS)
def test_time_grows_with_the_number_of_layers(chain, write):
    small, large = (chain([f"Conv{number}" for number in range(layers)]) for layers in (500, 2000))
    few, many = (min(seconds(write, program) for _ in range(3)) for program in (small, large))
    assert many < 25  # two where nobody else computes
    assert many < 10 * few + 0.2  # four times as many layers: quadratic growth would be sixteenfold


def test_as_many_skips_as_layers_are_no_trouble():
    from snnc.driver import loads

    layers = " - ".join(f"Conv{number}(4,4,3x3/1)" for number in range(2, 600))
    skips = ", ".join(f"Conv{number}-to-Conv{number + 2} add" for number in range(1, 590, 2))
    text = f"input 3x8x8\nInput - Conv1(3,4,3x3/1) - {layers} - FC1(256,10)\nSkip {skips}\n"
    assert seconds(svg_text, loads(text).snn_twin.unrolled) < 25
