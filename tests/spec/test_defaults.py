"""What a spec need not say."""

from __future__ import annotations

import pytest

from snnc.spec import model


def kinds(neuron: model.Activation) -> tuple[str, str]:
    return neuron.ann.kind, neuron.snn.kind


def neurons(network: model.Network) -> list[model.Activation]:
    return [item for item in network.layers if isinstance(item, model.Activation)]


def test_lines_left_out_are_filled_in(check):
    network = check("Input - Conv1(3,8,3x3/1) - FC1(8192,10)", name="specs/vgg-7 (1).spec").network
    assert network.name == "vgg_7_1"
    assert kinds(network.neuron) == ("relu", "lif")
    assert (network.encode, network.timesteps, network.classify) == ("poisson", 100, "softmax")
    assert (network.neuron.snn.leak, network.neuron.snn.threshold) == (0.95, 1)


def test_lines_that_are_written_count(check):
    network = check(
        "network Net7\nneuron ReLU|IF(threshold=2)\nencode direct\ntimesteps 7\nclassify stochmax\n"
        "Input - Conv1(3,8,3x3/1) - FC1(8192,10)"
    ).network
    assert (network.name, network.encode, network.timesteps, network.classify) == (
        "Net7",
        "direct",
        7,
        "stochmax",
    )
    assert kinds(network.neuron) == ("relu", "if")
    assert (network.neuron.snn.leak, network.neuron.snn.threshold) == (1, 2)


@pytest.mark.parametrize(
    ("written", "twins"),
    [
        ("ReLU", ("relu", "relu")),
        ("LIF", ("relu", "lif")),
        ("IF", ("relu", "if")),
        ("identity", ("identity", "identity")),
        ("ReLU|LIF", ("relu", "lif")),
        ("ReLU|identity", ("relu", "identity")),
        ("identity|LIF", ("identity", "lif")),
    ],
)
def test_a_lone_neuron_stands_for_both_twins(check, written: str, twins: tuple[str, str]):
    network = check(f"Input - Conv1(3,8,3x3/1) - {written} - FC1(8192,10)").network
    assert [kinds(neuron) for neuron in neurons(network)] == [twins]
    assert kinds(check(f"neuron {written}\nInput - FC1(3072,10)").network.neuron) == twins


@pytest.mark.parametrize(
    ("line", "written", "constants"),
    [
        ("LIF(leak=0.9, threshold=2, reset=zero, refractory=3)", "LIF", (0.9, 2, "zero", 3)),
        ("LIF(leak=0.9, threshold=2)", "LIF(threshold=1)", (0.9, 1, "subtract", 0)),
        ("LIF(leak=0.9, threshold=2)", "ReLU|LIF(leak=0.5)", (0.5, 2, "subtract", 0)),
        ("LIF(leak=0.9, threshold=2, reset=none)", "IF", (1, 2, "none", 0)),
        ("IF(threshold=2)", "LIF", (0.95, 2, "subtract", 0)),
        ("ReLU", "LIF", (0.95, 1, "subtract", 0)),
    ],
)
def test_constants_come_from_the_neuron_line(check, line: str, written: str, constants: tuple[object, ...]):
    network = check(f"neuron {line}\nInput - Conv1(3,8,3x3/1) - {written} - FC1(8192,10)").network
    snn = neurons(network)[0].snn
    assert (snn.leak, snn.threshold, snn.reset, snn.refractory) == constants


def test_the_neuron_line_of_a_relu_has_no_constants_to_pass_on(check):
    relu = neurons(check("neuron LIF(threshold=2)\nInput - Conv1(3,8,3x3/1) - ReLU - FC1(8192,10)").network)[
        0
    ]
    assert relu.snn == model.Unit(span=relu.snn.span, kind="relu")


@pytest.mark.parametrize(
    ("chain", "encode"),
    [
        ("Conv1(3,8,3x3/1)", "poisson"),
        ("Conv1(3,8,3x3/1) - ReLU - Conv2(8,8,3x3/1) - LIF", "direct"),
        ("Conv1(3,8,3x3/1) - identity - Conv2(8,8,3x3/1) - LIF", "poisson"),
        ("Conv1(3,8,3x3/1) - identity - Conv2(8,8,3x3/1) - ReLU", "direct"),
        ("Conv1(3,8,3x3/1) - identity - Pool(1x1/1) - LIF", "poisson"),
        ("Conv1(3,8,3x3/1), identity - [Conv2(8,8,3x3/1) - ReLU|IF] repeated 2 times", "poisson"),
        ("Conv1(3,8,3x3/1), identity - [Conv2(8,8,3x3/1)] repeated 2 times, ReLU", "direct"),
    ],
)
def test_the_first_neuron_decides_the_encoding(check, chain: str, encode: str):
    assert check(f"Input - {chain} - FC1(8192,10)").network.encode == encode


def test_without_a_neuron_there_is_nothing_to_encode(check):
    assert check("Input - FC1(3072,10)").network.encode == "direct"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("vgg5.spec", "vgg5"),
        ("a/b/resnet2.spec", "resnet2"),
        ("7layers.spec", "Net_7layers"),
        ("class.spec", "class_"),
        ("nn.spec", "nn"),
        ("<text>", "text"),
        ("-", "Network"),
        ("x" * 300, "x" * 64),
        ("netz-größe.spec", "netz_gr_e"),
        ("__init__.spec", "init"),
    ],
)
def test_a_network_is_named_after_its_file(check, name: str, expected: str):
    assert check("Input - FC1(3072,10)", name=name).network.name == expected


def test_padding_is_half_the_kernel_unless_said(check):
    text = "Input - Conv1(3,8,5x5/1) - Conv2(8,8,3x3/1,pad=0) - Conv3(8,8,1x1/1) - FC1(7200,10)"
    convs = [item for item in check(text).network.layers if isinstance(item, model.Conv)]
    assert [conv.padding for conv in convs] == [2, 0, 0]


def test_the_model_knows_where_its_numbers_stand(check):
    checked = check("Input - [Conv1(3,8,5x5/2)] repeated 4 times - FC1(7,10)")
    group, linear = checked.network.layers
    conv = group.items[0]
    spans = (conv.inputs_span, conv.outputs_span, conv.window.size_span, conv.window.stride_span)
    assert [span.text for span in spans] == ["3", "8", "5", "2"]
    assert (group.times_span.text, linear.inputs_span.text, linear.outputs_span.text) == ("4", "7", "10")
    assert checked.network.input.span.text == "3x32x32"


def test_a_spec_is_read_into_the_same_model_twice(check):
    text = "Input - Conv1(3,8,3x3/1) - [Conv2(8,8,3x3/1) - LIF] repeated 2 times - FC1(8192,10)"
    assert check(text).network == check(text).network
