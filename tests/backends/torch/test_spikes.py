"""Which convolutions are printed as those of spikes."""

import pytest

import snnc

CASES = {
    "behind a neuron": ("Conv1(3,16,3x3/1) - Conv2(16,16,3x3/1)", {"Conv2"}),
    "behind an average pool": ("Conv1(3,16,3x3/1) - Pool(2x2/2) - Conv2(16,16,3x3/1)", set()),
    "in a block": ("Conv1(3,16,3x3/1) - Pool(2x2/2) - [Conv2(16,16,3x3/1)] repeated 3 times", {"Conv2"}),
    "behind a block": (
        "Conv1(3,16,3x3/1) - [Conv2(16,16,3x3/1)] repeated 2 times - Conv3(16,16,3x3/1)",
        {"Conv2", "Conv3"},
    ),
}


@pytest.mark.parametrize(("path", "expected"), CASES.values(), ids=CASES)
def test_it_is_those_that_read_what_neurons_fired(path, expected):
    spec = f"network N\ninput 3x8x8\nneuron ReLU|LIF\nencode poisson\n\nInput - {path} - FC1({{}},10)\n"
    size = 16 * (16 if "Pool" in path else 64)
    net = snnc.loads(spec.format(size))
    parts = dict(net.snn().named_modules())
    found = {name for name, part in parts.items() if type(part).__name__ == "SpikeConv2d"}
    assert found == expected
    assert not any(type(part).__name__ == "SpikeConv2d" for part in net.ann().modules())
