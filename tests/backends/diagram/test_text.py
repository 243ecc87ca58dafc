"""The drawing for a terminal."""

from __future__ import annotations

import pytest

from snnc.backends.diagram import draw, text_of
from snnc.backends.diagram.drawing import Box, Drawing, Kind, Time


@pytest.mark.parametrize("name", ["rich", "skips", "hybrid"])
def test_it_is_what_it_was(compiled, specs, golden, name):
    golden(text_of(draw(compiled(specs[name], folded=True))), f"{name}.txt")


def test_no_control_character_reaches_the_terminal():
    nasty = "\x1b[31mred\x07\u202e\n"
    drawing = Drawing(nasty, (Box("a", Kind.LAYER, Time.TRAIN, nasty, nasty, "", nasty),), ())
    assert all(character == "\n" or character.isprintable() for character in text_of(drawing))
    assert text_of(drawing).count("\n") == 2
