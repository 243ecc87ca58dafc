from snnc.analysis.layers import layer_rows
from snnc.analysis.report import layer_table


def test_rows_of_vgg5(build, words):
    rows = layer_rows(build(words["vgg5"]))
    assert [row.macs for row in rows] == [1_769_472, 37_748_736, 9_437_184, 9_437_184, 2_097_152, 5_120]
    assert sum(row.parameters for row in rows) == 2_214_592
    assert [str(row.shape) for row in rows][3:5] == ["64x16x16", "512"]
    assert [row.inputs for row in rows] == [3072, 65_536, 16_384, 16_384, 4096, 512]


def test_a_shared_weight_counts_in_its_first_application(build, words):
    rows = layer_rows(build(words["vgg3x2"]))
    assert [(row.label, row.layer, row.application) for row in rows][2:4] == [
        ("Conv3@1", "Conv3", 1),
        ("Conv3@2", "Conv3", 2),
    ]
    assert [row.parameters for row in rows][2:4] == [36_864, 0]
    assert sum(row.parameters for row in rows) == 2_177_728
    assert sum(row.unshared for row in rows) == 2_214_592


def test_biases_once_and_normalisation_in_every_application(build):
    rows = layer_rows(build("Conv1(3,8,3/1)bnR Conv1(8,8,3/1)bnR"))
    assert [row.parameters for row in rows] == [3 * 8 * 9 + 8 + 16, 16]
    assert [row.unshared for row in rows] == [3 * 8 * 9 + 8 + 16, 8 * 8 * 9 + 8 + 16]


def test_stochmax_brings_two_heads(build, words):
    heads = layer_rows(build(words["vgg9"]))[-1]
    assert (heads.layer, heads.kind, heads.parameters, heads.macs) == ("Classify", "heads", 20_480, 0)


def test_totals_of_the_large_networks(build, words):
    assert sum(row.macs for row in layer_rows(build(words["vgg9"]))) == 194_717_696
    assert sum(row.parameters for row in layer_rows(build(words["vgg9"]))) == 5_959_360
    assert sum(row.macs for row in layer_rows(build(words["vgg13"], (3, 224, 224)))) == 11_308_466_176


def test_maps_need_not_be_square_and_groups_divide(build):
    (row,) = layer_rows(build("Conv1(3,6,5/2)", (3, 20, 9)))
    assert str(row.shape) == "6x10x5"
    assert row.macs == 10 * 5 * 6 * 3 * 25


def test_the_short_table(build, words, golden):
    golden(layer_table(build(words["vgg3x2"])), "layers_vgg3x2.txt")
