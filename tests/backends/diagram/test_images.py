"""The pictures of the documentation are what snnc draws now; `make docs` redraws them."""

from __future__ import annotations

from pathlib import Path

import pytest

from snnc.backends.diagram import svg_of
from snnc.driver import load

IMAGES = Path(__file__).parents[3] / "docs" / "images"
DRAWN = ("vgg11x2", "resnet2x2", "vgg8x2", "vgg13")


@pytest.mark.parametrize("spec", DRAWN)
def test_unrolled(spec, golden):
    golden(svg_of(load(spec).snn_twin.unrolled), IMAGES / f"{spec}.svg")


@pytest.mark.parametrize("spec", ["vgg11x2", "resnet2x2", "vgg8x2"])
def test_folded(spec, golden):
    golden(svg_of(load(spec).snn_twin.folded), IMAGES / f"{spec}_folded.svg")


def test_no_picture_is_left_over():
    assert {file.stem.removesuffix("_folded") for file in IMAGES.iterdir()} == set(DRAWN)
