"""The specs of the paper: there for every network, and with the sizes and costs of its tables."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from counting import SPECS, layers, macs, network, of_the_paper, parameters

from snnc.diagnostics import Reporter
from snnc.source import Source
from snnc.spec import model
from snnc.syntax.fold import fold
from snnc.syntax.format import format  # noqa: A004
from snnc.syntax.parse import parse


@dataclass(frozen=True)
class Expected:
    """A network's name, SNN neuron, encoding and T, and what it has and costs."""

    name: str
    neurons: str
    encode: str
    timesteps: int
    parameters: int
    macs: int


CONVERTED = ("if", "poisson", 2500)
STDP = ("lif relu", "poisson", 100)
AGD = ("lif", "poisson", 25)

EXPECTED = {
    "vgg7_conversion": Expected("VGG7", *CONVERTED, 678_592, 153_293_824),
    "vgg2x4": Expected("VGG2x4", *CONVERTED, 568_000, 153_293_824),
    "vgg3x2_conversion": Expected("VGG3x2", *CONVERTED, 604_864, 153_293_824),
    "vgg16": Expected("VGG16", *CONVERTED, 123_778_752, 19_615_285_248),
    "vgg11x2": Expected("VGG11x2", *CONVERTED, 116_111_040, 19_615_285_248),
    "resnet2": Expected("ResNet2", *STDP, 18_897_244, 31_823_872),
    "resnet3": Expected("ResNet3", *STDP, 28_346_092, 53_204_992),
    "resnet2x2": Expected("ResNet2x2", *STDP, 18_897_244, 43_767_808),
    "vgg5": Expected("VGG5", *AGD, 2_214_592, 60_494_848),
    "vgg3x2_agd": Expected("VGG3x2", *AGD, 2_177_728, 60_494_848),
    "vgg7_agd": Expected("VGG7", *AGD, 2_288_320, 79_369_216),
    "vgg3x4": Expected("VGG3x4", *AGD, 2_177_728, 79_369_216),
    "vgg3": Expected("VGG3", *AGD, 2_140_864, 13_308_928),
    "convnn_72": Expected("ConvNN72", "relu", "direct", 100, 2_742_784, 44_173_312),
    "convnn_108": Expected("ConvNN108", "relu", "direct", 100, 4_388_992, 97_607_680),
    "resnet2_convnn": Expected("ResNet2ConvNN", *STDP, 2_755_420, 57_112_576),
    "resnet3_convnn": Expected("ResNet3ConvNN", *STDP, 4_413_292, 122_490_880),
    "resnet2x2_convnn": Expected("ResNet2x2ConvNN", *STDP, 2_755_420, 69_056_512),
    "vgg9": Expected("VGG9", "relu lif", "direct", 25, 5_959_360, 194_717_696),
    "vgg8x2": Expected("VGG8x2", "relu lif", "direct", 25, 5_369_536, 194_717_696),
    "vgg13": Expected("VGG13", "relu lif relu", "direct", 10, 133_035_712, 11_308_466_176),
}


def snn_neurons(net: model.Network) -> str:
    """Return the neurons of the SNN twin in order, neighbours of a kind taken together."""
    kinds: list[str] = []
    *hidden, classifier = layers(net.layers)
    for layer in hidden:
        kind = neuron_behind(net.layers, layer.name) or net.neuron.snn.kind
        kinds += [kind] if kinds[-1:] != [kind] else []
    assert neuron_behind(net.layers, classifier.name) is None
    return " ".join(kinds)


def neuron_behind(items: tuple[model.Item, ...], name: str) -> str | None:
    for item, after in zip(items, (*items[1:], None), strict=True):
        if isinstance(item, model.Group):
            inner = neuron_behind(item.items, name)
            if inner is not None:
                return inner
        elif getattr(item, "name", None) == name and isinstance(after, model.Activation):
            return after.snn.kind
    return None


def test_the_specs_that_begin_by_naming_a_table_are_those_of_the_paper():
    assert of_the_paper() == set(EXPECTED)


@pytest.mark.parametrize("stem", EXPECTED)
def test_a_network_is_what_the_paper_describes(stem: str):
    net = network(stem)
    found = Expected(
        net.name,
        snn_neurons(net),
        net.encode,
        net.timesteps,
        parameters(net),
        macs(net.layers, net.input.height)[0],
    )
    assert found == EXPECTED[stem]


@pytest.mark.parametrize("stem", EXPECTED)
def test_the_ann_twin_is_all_relu(stem: str):
    net = network(stem)
    assert {item.ann.kind for item in (*net.layers, net.neuron) if isinstance(item, model.Activation)} == {
        "relu"
    }


def test_if_neurons_are_the_conversions_alone():
    spiking = {stem: network(stem).neuron.snn.kind for stem in EXPECTED}
    assert {stem for stem, kind in spiking.items() if kind == "if"} == {
        "vgg7_conversion",
        "vgg2x4",
        "vgg3x2_conversion",
        "vgg16",
        "vgg11x2",
    }


@pytest.mark.parametrize("stem", [stem for stem in EXPECTED if network(stem).printed])
def test_a_misprint_is_said_with_its_reason(stem: str):
    net = network(stem)
    assert all(one.reason for one in net.printed)
    assert parameters(net, as_printed=True) != parameters(net)


def test_stochmax_is_the_hybrids_of_table_fifteen_alone():
    assert {stem for stem in EXPECTED if network(stem).classify == "stochmax"} == {"vgg9", "vgg8x2"}


@pytest.mark.parametrize("stem", EXPECTED)
def test_a_spec_is_written_as_format_writes_it(stem: str):
    text = (SPECS / f"{stem}.spec").read_text()
    report = Reporter()
    assert format(fold(parse(Source(stem, text), report), report)) == text
