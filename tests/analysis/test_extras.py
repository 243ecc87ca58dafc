from fractions import Fraction

import pytest

from snnc.analysis.activity import assumed
from snnc.analysis.cost import CostOptions, cost
from snnc.analysis.extras import ITEMS, ItemError, read_items
from snnc.analysis.profile import profile_named

CHAIN = "Conv1(3,4,3/1)bnL P2/2 Conv2(4,4,3/1)L Conv2(4,4,3/1)L FC1(64,8)bR FC2(8,10)"


def report(twins, items, words=CHAIN, **options):
    chosen = CostOptions(activity=assumed("0.1"), items=read_items(items), **options)
    return cost(*twins(words, (3, 8, 8), timesteps=5), chosen)


def test_nothing_further_is_counted_unless_asked(twins):
    assert [row.layer.kind for row in report(twins, "").rows] == ["conv", "conv", "conv", "fc", "fc"]


def test_each_item_where_it_runs_and_how_often(twins):
    rows = {row.layer.label: row for row in report(twins, "all").rows if row.layer.kind == "extra"}
    counts = {label: (str(row.booking), str(row.booking.operation)) for label, row in rows.items()}
    assert counts == {
        "Conv1.bias": ("256 T", "AC"),
        "Conv1.norm": ("256 T", "MAC"),
        "Conv1.neuron": ("256 T", "MAC"),
        "Pool5.pool": ("256 T", "AC"),
        "Conv2.neuron@1": ("64 T", "MAC"),
        "Conv2.neuron@2": ("64 T", "MAC"),
        "FC1.bias": ("8", "AC"),
    }
    assert rows["Conv1.neuron"].artificial.count == 0
    assert rows["Conv1.bias"].artificial.count == 256


def test_they_add_to_the_energies_and_not_to_the_macs(twins):
    plain, counted = report(twins, ""), report(twins, "bias")
    assert counted.macs == plain.macs
    assert counted.energy_snn == plain.energy_snn + (256 * 5 + 8) * Fraction("0.1")
    assert counted.energy_ann == plain.energy_ann + (256 + 8) * Fraction("0.1")
    assert counted.mean_activity == plain.mean_activity
    assert counted.ee_conv == plain.ee_conv


def test_a_chip_knows_what_its_neurons_cost(twins):
    profile = profile_named("loihi-kerasspiking")
    plain, counted = (
        report(twins, items, CHAIN.replace("R", "L"), profile=profile) for items in ("", "neuron")
    )
    assert counted.energy_snn - plain.energy_snn == (256 + 64 + 64 + 8) * 5 * 81


def test_neurons_that_do_not_leak_only_add(twins):
    rows = report(twins, "neuron", "Conv1(3,4,3/1)I FC1(256,10)").rows
    assert [str(row.booking.operation) for row in rows if row.layer.kind == "extra"] == ["AC"]


def test_the_head_that_inference_runs(twins, words):
    (head,) = [
        row
        for row in report(twins, "heads", words["vgg9"].replace("4096", "256")).rows
        if row.layer.kind == "extra"
    ]
    assert str(head.booking) == "10,240"


def test_items_are_read():
    assert read_items("all") == frozenset(ITEMS)
    assert read_items("bias, pool") == {"bias", "pool"}
    with pytest.raises(ItemError, match="colour: what can be counted is bias"):
        read_items("colour")
