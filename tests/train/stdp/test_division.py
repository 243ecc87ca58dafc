"""What learns together, in which order, and what is refused."""

from __future__ import annotations

import pytest
import torch

import snnc
from snnc.diagnostics import CompileError, Diagnostic
from snnc.ir.shape import Map
from snnc.train.stdp.division import divide
from snnc.train.stdp.stages import filled

HEAD = "input 3x8x8\nneuron ReLU|LIF\nencode poisson\ntimesteps 4\n"


def division(text: str):
    return divide(snnc.loads(HEAD + text).snn_twin)


def refused(text: str) -> list[Diagnostic]:
    with pytest.raises(CompileError) as caught:
        division(text)
    return list(caught.value.diagnostics)


NETWORKS = {
    "resnet2": (("Conv1",), ("Conv2",)),
    "resnet3": (("Conv1",), ("Conv2",), ("Conv3",)),
    "resnet2x2": (("Conv1",), ("Conv2",)),
    "resnet2_convnn": (("Conv1",), ("Conv2",)),
    "resnet3_convnn": (("Conv1",), ("Conv2",), ("Conv3",)),
    "resnet2x2_convnn": (("Conv1",), ("Conv2",)),
    "digits_stdp": (("Conv1",), ("Conv2",)),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_paper_s_networks_fall_into_stages(name: str) -> None:
    found = divide(snnc.load(name).snn_twin)
    assert tuple(stage.layers for stage in found.stages) == NETWORKS[name]
    assert found.area == 4
    assert found.features.channels == {"resnet3": 108, "resnet3_convnn": 108, "digits_stdp": 32}.get(name, 72)


def test_the_layers_of_a_block_learn_together() -> None:
    found = division(
        "Input - Conv1(3,4,3x3/1) - [Conv2(4,4,3x3/1) - Conv3(4,4,3x3/1)] repeated 2 times"
        " - Conv4(4,4,3x3/1) - Pool(2x2/2) - FC1(64,5)"
    )
    assert [stage.name for stage in found.stages] == ["Conv1", "Conv2+Conv3", "Conv4"]


def test_the_parts_compute_what_the_whole_does() -> None:
    net = snnc.load("digits_stdp")
    found = divide(net.snn_twin)
    whole = net.snn(timesteps=6).eval()
    state, image = whole.state_dict(), torch.rand(3, 1, 8, 8) * 2 - 1
    spiking, classifier = filled(found.spiking, state, 6), filled(found.classifier, state, 6)
    torch.manual_seed(1)
    features = spiking(image)
    assert features.shape[1:] == (found.features.channels, 4, 4)
    assert isinstance(found.features, Map)
    torch.manual_seed(1)
    torch.testing.assert_close(classifier(features), whole(image))


@pytest.mark.parametrize(
    ("text", "code", "marked"),
    [
        ("Input - Conv1(3,4,3x3/1) - Pool(2x2/2) - FC1(64,8) - FC2(8,5)", "stdp-layer", "FC1(64,8)"),
        ("Input - Conv1(3,4,3x3/1) - BN - Pool(2x2/2) - FC1(64,5)", "stdp-layer", "BN"),
        ("Input - Conv1(3,4,3x3/1) - Dropout(0.1) - Pool(2x2/2) - FC1(64,5)", "stdp-layer", "Dropout(0.1)"),
        ("Input - Conv1(3,4,3x3/1,bias) - Pool(2x2/2) - FC1(64,5)", "stdp-layer", "Conv1(3,4,3x3/1,bias)"),
        (
            "Input - Conv1(3,4,3x3/1) - ReLU - Conv2(4,4,3x3/1) - Conv3(4,4,3x3/1) - Pool(2x2/2) - FC1(64,5)",
            "stdp-parts",
            "Conv1(3,4,3x3/1)",
        ),
        ("Input - Conv1(3,4,3x3/1) - ReLU - Pool(2x2/2) - FC1(64,5)", "stdp-parts", "FC1(64,5)"),
    ],
)
def test_what_cannot_be_trained_is_told_where_it_stands(text: str, code: str, marked: str) -> None:
    first = refused(text)[0]
    assert (first.code, first.span.text) == (code, marked)
    assert first.help_text()


def test_a_layer_is_told_of_once_however_often_it_runs() -> None:
    text = "Input - Conv1(3,4,3x3/1) - [Conv2(4,4,3x3/1) - BN] repeated 3 times - Pool(2x2/2) - FC1(64,5)"
    assert [one.span.text for one in refused(text)] == ["BN"]


def test_an_image_that_is_not_coded_as_spikes_teaches_nothing() -> None:
    text = "Input - Conv1(3,4,3x3/1) - Pool(2x2/2) - FC1(64,5)"
    with pytest.raises(CompileError) as caught:
        divide(snnc.loads(HEAD.replace("poisson", "direct") + text).snn_twin)
    assert "it reads no spikes" in caught.value.diagnostics[0].title_text()
