"""Rows against PyTorch's own counters: FlopCounterMode on meta tensors, and the parameters of modules."""

from __future__ import annotations

from collections import Counter

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from snnc.analysis.layers import layer_rows
from snnc.analysis.signals import signals
from snnc.driver import load, loads
from snnc.source.data import data

SPECS = sorted(
    entry.name.removesuffix(".spec") for entry in data("specs").iterdir() if entry.name.endswith(".spec")
)


def counted(module: nn.Module, image: tuple[int, ...]) -> dict[str, int]:
    """MACs by the path of the module: half of what the counter calls FLOPs."""
    module.eval()
    mode = FlopCounterMode(display=False, depth=None)
    with torch.no_grad(), mode:
        module(torch.zeros(image, device="meta"))
    found: Counter[str] = Counter()
    for path, counts in mode.get_flop_counts().items():
        found[path.partition(".")[2]] += sum(counts.values()) // 2
    return found


@pytest.mark.parametrize("spec", SPECS)
def test_the_artificial_twins(spec):
    net = load(spec)
    with torch.device("meta"):
        module = net.ann()
    shape = net.model.input
    found = counted(module, (1, shape.channels, shape.height, shape.width))
    rows = layer_rows(net.ann_twin.unrolled)
    assert sum(row.parameters for row in rows) == sum(one.numel() for one in module.parameters())
    layers = [row for row in rows if row.kind != "heads"]
    macs: Counter[str] = Counter()
    for row in layers:
        macs[row.layer] += row.macs
    assert {name: found[name] for name in macs} == macs
    # a row's parameters are those of its module, in the row of the first application
    assert {row.layer: row.parameters for row in layers if row.application == 1} == {
        name: sum(one.numel() for one in getattr(module, name).parameters()) for name in macs
    }
    assert not any(row.parameters for row in layers if row.application > 1)


@pytest.mark.parametrize("spec", SPECS)
def test_both_twins_have_the_same_rows(spec):
    net = load(spec)
    ours, other = (layer_rows(twin.unrolled) for twin in (net.snn_twin, net.ann_twin))
    told = [(row.layer, row.application, row.parameters, row.macs, row.shape) for row in ours]
    assert told == [(row.layer, row.application, row.parameters, row.macs, row.shape) for row in other]


@pytest.mark.parametrize("spec", ["vgg3x4", "resnet2x2_convnn", "vgg9"])
def test_the_spiking_twins_run_what_the_timing_says(spec):
    """What carries a train runs T times, what is static once."""
    net, steps = load(spec), 3
    with torch.device("meta"):
        module = net.snn(steps)
    found = executed(module, net, steps)
    for row in layer_rows(net.snn_twin.unrolled):
        if row.kind == "heads":
            continue
        graph = net.snn_twin.unrolled.graph
        train = signals(graph)[graph[row.node].operands[0]].train
        found[row.layer] -= row.macs * (steps if train else 1)
    assert not any(found[name] for name in found)


def executed(module, net, steps):
    """What each layer of a spiking module runs, by calling it with what it is given."""
    shapes: dict[str, list[tuple[int, ...]]] = {}
    real = net.snn(steps).eval()
    for name, part in real.named_children():
        note = lambda _p, given, name=name: shapes.setdefault(name, []).append(tuple(given[0].shape))  # noqa: E731
        part.register_forward_pre_hook(note)
    shape = net.model.input
    with torch.no_grad():
        real(torch.zeros(1, shape.channels, shape.height, shape.width))
    found: Counter[str] = Counter()
    for name, given in shapes.items():
        layer = getattr(module, name)
        if isinstance(layer, nn.Conv2d | nn.Linear):
            for one in given:
                mode = FlopCounterMode(display=False)
                with torch.no_grad(), mode:
                    layer(torch.zeros(one, device="meta"))
                found[name] += mode.get_total_flops() // 2
    return found


def vgg(plan: str, *, norm: bool = False) -> str:
    """A torchvision VGG in the notation: M is a pool, a number a convolution's channels."""
    words, channels, number = [], 3, 0
    for word in plan.split():
        if word == "M":
            words.append("MaxPool(2x2/2)")
        else:
            number += 1
            words.append(f"Conv{number}({channels},{word},3x3/1,bias)" + (" - BN" if norm else ""))
            channels = int(word)
    words += [
        "FC1(25088,4096,bias) - Dropout(0.5)",
        "FC2(4096,4096,bias) - Dropout(0.5)",
        "FC3(4096,1000,bias)",
    ]
    return "network Known\ninput 3x224x224\nInput - " + "\n - ".join(words)


def vgg_module(plan: str, *, norm: bool = False) -> nn.Module:
    layers, channels = [], 3
    for word in plan.split():
        if word == "M":
            layers.append(nn.MaxPool2d(2))
        else:
            layers.append(nn.Conv2d(channels, int(word), 3, padding=1))
            layers += [nn.BatchNorm2d(int(word))] if norm else []
            layers.append(nn.ReLU())
            channels = int(word)
    head = [
        nn.Flatten(),
        nn.Linear(25088, 4096),
        nn.ReLU(),
        nn.Linear(4096, 4096),
        nn.ReLU(),
        nn.Linear(4096, 1000),
    ]
    return nn.Sequential(*layers, *head)


VGG11 = "64 M 128 M 256 256 M 512 512 M 512 512 M"
VGG13 = "64 64 M 128 128 M 256 256 M 512 512 M 512 512 M"
VGG16 = "64 64 M 128 128 M 256 256 256 M 512 512 512 M 512 512 512 M"

ALEXNET = """network AlexNet
input 3x224x224
Input - Conv1(3,64,11x11/4,pad=2,bias) - MaxPool(3x3/2) - Conv2(64,192,5x5/1,bias) - MaxPool(3x3/2)
 - Conv3(192,384,3x3/1,bias) - Conv4(384,256,3x3/1,bias) - Conv5(256,256,3x3/1,bias) - MaxPool(3x3/2)
 - FC1(9216,4096,bias) - FC2(4096,4096,bias) - FC3(4096,1000,bias)
"""
LENET = """network LeNet5
input 1x28x28
Input - Conv1(1,6,5x5/1,bias) - Pool(2x2/2) - Conv2(6,16,5x5/1,pad=0,bias) - Pool(2x2/2)
 - FC1(400,120,bias) - FC2(120,84,bias) - FC3(84,10,bias)
"""
DEPTHWISE = """network Depthwise
input 3x32x32
Input - Conv1(3,32,3x3/2,bias) - BN - Conv2(32,32,3x3/1,groups=32) - BN - Conv3(32,64,1x1/1) - BN
 - Conv4(64,64,3x3/2,groups=64) - BN - Conv5(64,128,1x1/1) - BN - Conv6(128,128,3x3/1,dilation=2,pad=2)
 - GlobalPool - FC1(128,10,bias)
"""


def alexnet():
    return nn.Sequential(
        *(nn.Conv2d(3, 64, 11, 4, 2), nn.ReLU(), nn.MaxPool2d(3, 2)),
        *(nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2)),
        *(nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(), nn.Conv2d(384, 256, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2), nn.Flatten()),
        *(nn.Linear(9216, 4096), nn.ReLU(), nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, 1000)),
    )


def lenet():
    return nn.Sequential(
        *(nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.Tanh()),
        *(nn.AvgPool2d(2), nn.Flatten(), nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh()),
        nn.Linear(84, 10),
    )


def depthwise():
    return nn.Sequential(
        *(nn.Conv2d(3, 32, 3, 2, 1), nn.BatchNorm2d(32), nn.ReLU()),
        *(nn.Conv2d(32, 32, 3, padding=1, groups=32, bias=False), nn.BatchNorm2d(32), nn.ReLU()),
        *(nn.Conv2d(32, 64, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU()),
        *(nn.Conv2d(64, 64, 3, 2, 1, groups=64, bias=False), nn.BatchNorm2d(64), nn.ReLU()),
        *(nn.Conv2d(64, 128, 1, bias=False), nn.BatchNorm2d(128), nn.ReLU()),
        *(nn.Conv2d(128, 128, 3, padding=2, dilation=2, bias=False), nn.ReLU()),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, 10)),
    )


KNOWN = {
    "vgg11": (vgg(VGG11), lambda: vgg_module(VGG11), 132_863_336),
    "vgg13": (vgg(VGG13), lambda: vgg_module(VGG13), 133_047_848),
    "vgg16": (vgg(VGG16), lambda: vgg_module(VGG16), 138_357_544),
    "vgg11_bn": (vgg(VGG11, norm=True), lambda: vgg_module(VGG11, norm=True), 132_868_840),
    "alexnet": (ALEXNET, alexnet, 61_100_840),
    "lenet5": (LENET, lenet, 61_706),
    "depthwise": (DEPTHWISE, depthwise, None),
}


@pytest.mark.parametrize(("text", "module", "parameters"), KNOWN.values(), ids=KNOWN)
def test_known_networks_row_by_row(text, module, parameters):
    net = loads(text)
    with torch.device("meta"):
        built = module()
    shape = net.model.input
    found = counted(built, (1, shape.channels, shape.height, shape.width))
    weighted = [str(index) for index, part in enumerate(built) if isinstance(part, nn.Conv2d | nn.Linear)]
    rows = layer_rows(net.ann_twin.unrolled)
    assert [row.macs for row in rows] == [found[index] for index in weighted]
    norms = [
        sum(one.numel() for part in (built[int(index)], built[int(index) + 1]) for one in part.parameters())
        if int(index) + 1 < len(built)
        else sum(one.numel() for one in built[int(index)].parameters())
        for index in weighted
    ]
    assert [row.parameters for row in rows] == norms
    total = sum(one.numel() for one in built.parameters())
    assert sum(row.parameters for row in rows) == total
    assert parameters in (None, total)
