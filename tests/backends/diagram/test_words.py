"""The words: short, and harmless whatever they are made of."""

from __future__ import annotations

import pytest

from snnc.backends.diagram.words import (
    count_text,
    layer_notes,
    layer_text,
    passed_text,
    pool_text,
    unit_notes,
    unit_text,
    visible,
)
from snnc.ir.ids import WeightId
from snnc.ir.ops import Conv, Identity, Linear, Pool, Relu, Spiking, Twin


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0"),
        (1728, "1728"),
        (9999, "9999"),
        (10_000, "10.0 k"),
        (36_864, "36.9 k"),
        (999_499, "999 k"),
        (999_500, "1.00 M"),
        (2_359_296, "2.36 M"),
        (102_760_448, "103 M"),
        (10**9, "1.00 G"),
    ],
)
def test_counts_have_three_digits(count, text):
    assert count_text(count) == text


@pytest.mark.parametrize(
    ("unit", "text", "notes"),
    [
        (Relu(), "ReLU", ()),
        (Identity(), "", ()),
        (Spiking(1.0, 1.0), "IF", ()),
        (Spiking(0.95, 1.0), "LIF 0.95", ()),
        (Spiking(0.5, 0.25, "zero", 3), "LIF 0.5", ("threshold 0.25", "reset to 0", "refractory 3")),
        (Spiking(1.0, 1.0, "none"), "IF", ("no reset",)),
        (Twin(Relu(), Spiking(1.0, 1.0)), "ReLU | IF", ()),
    ],
)
def test_neurons_say_what_is_unusual(unit, text, notes):
    assert (unit_text(unit), unit_notes(unit, "")) == (text, notes)


def test_layers_say_what_is_unusual():
    plain = Conv(WeightId("Conv1"), 3, 64, 3, 1, 1)
    odd = Conv(WeightId("Conv1"), 4, 64, 5, 2, 0, groups=2, dilation=3, bias=True)
    assert (layer_text(plain), layer_notes(plain)) == ("3×3, 3→64", ())
    assert layer_text(odd) == "5×5/2, 4→64"
    assert layer_notes(odd) == ("2 groups", "dilation 3", "padding 0", "bias")
    assert layer_text(Linear(WeightId("FC1"), 512, 10)) == "512→10"


def test_pools_say_their_stride_only_where_it_is_not_their_size():
    assert pool_text(Pool("average", 2, 2)) == "avg pool 2×2"
    assert pool_text(Pool("max", 3, 2)) == "max pool 3×3/2"
    assert pool_text(Pool("average", 0, 0)) == "global avg pool"


def test_what_a_skip_passes_is_counted():
    assert passed_text(()) == ""
    assert passed_text(("avg pool 2×2",)) == "avg pool 2×2"
    assert passed_text(("a", "a", "b", "a")) == "2 × a, b, a"


def test_no_control_or_bidi_character_is_shown():
    assert visible("a\nb\x1b[2J\u202ec\u2066\x00\u2028é") == (
        r"a\u{a}b\u{1b}[2J\u{202e}c\u{2066}\u{0}\u{2028}é"
    )


def test_long_texts_are_cut():
    assert visible("x" * 1000) == "x" * 47 + "…"
