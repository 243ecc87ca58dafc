"""Parts of the work, timed by themselves: compiling, and what of a hybrid does not change over time."""

import time
from statistics import median

import torch

import snnc
from benchmarks.contestants.printed import spec
from benchmarks.networks import NETWORKS

LAYERS = (2, 8, 32, 128)  # of which a compiled chain consists
COMPILE_HEADER = ("layers", "text to checked graph, s", "graph to module, s")
TIMESTEPS, BATCH = (1, 25), 16
STATIC_HEADER = ("T", "static part, s", "whole, s")


def compiling(repeats: int) -> dict[str, tuple[float, float]]:
    """Return for each number of layers the seconds to the checked graph and from there to a module."""
    return {str(layers): _compiled(chain(layers), repeats) for layers in LAYERS}


def chain(layers: int) -> str:
    """Return a spec of that many layers: convolutions, and a classifier."""
    first, *others = (f"Conv{i}({3 if i == 1 else 8},8,3x3/1)" for i in range(1, layers))
    body = " - ".join([first, *others])
    return f"network Chain\ninput 3x8x8\nneuron ReLU|LIF\nInput - {body} - FC1(512,10)\n"


def _compiled(text: str, repeats: int) -> tuple[float, float]:
    checked, built = [], []
    for _ in range(repeats):
        start = time.perf_counter()
        net = snnc.loads(text)
        _ = net.snn_twin
        middle = time.perf_counter()
        net.snn()
        checked.append(middle - start)
        built.append(time.perf_counter() - middle)
    return median(checked), median(built)


def static(repeats: int) -> dict[str, tuple[float, float]]:
    """Return for each T the seconds of VGG9's first three convolutions, which run once, and of the whole."""
    return {str(timesteps): _static(timesteps, repeats) for timesteps in TIMESTEPS}


def _static(timesteps: int, repeats: int) -> tuple[float, float]:
    net = snnc.loads(spec(NETWORKS["vgg9"])).snn(timesteps=timesteps)
    marks: dict[str, float] = {}
    first, last = net.get_submodule("Conv1"), net.get_submodule("Conv3")
    first.register_forward_pre_hook(lambda *_: marks.update(begin=time.perf_counter()))
    last.register_forward_hook(lambda *_: marks.update(end=time.perf_counter()))
    image, parts, wholes = torch.rand(BATCH, 3, 32, 32), [], []
    with torch.no_grad():
        for _ in range(repeats + 1):  # the first one warms up
            start = time.perf_counter()
            net(image)
            wholes.append(time.perf_counter() - start)
            parts.append(marks["end"] - marks["begin"])
    return median(parts[1:]), median(wholes[1:])
