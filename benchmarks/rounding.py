"""How many spikes rounding changes: `python -m benchmarks.rounding`.

The share of neurons and steps that fire otherwise than in float32, in bfloat16 and where torch convolves
the spikes instead of C++; of fresh networks, noise for images, T = 25.
"""

import argparse
import sys
from collections.abc import Iterator

import torch
from torch import Tensor, nn

import snnc
from benchmarks.report import rows_of
from snnc.nn import spike_conv

NETWORKS, TIMESTEPS, IMAGES = ("vgg5", "vgg3x4"), 25, 16


def fired(name: str, *, half: bool = False, sparse: bool = True) -> dict[str, Tensor]:
    """Return the spikes of every neuron layer ``[T, B, ...]``, and the scores."""
    torch.manual_seed(1)
    net = snnc.load(name).snn(timesteps=TIMESTEPS).eval()
    found: dict[str, Tensor] = {}

    def keep(layer: str) -> None:
        net.get_submodule(layer).register_forward_hook(lambda _part, _given, y: found.update({layer: y > 0}))

    for layer, part in net.named_modules():
        if "_lif" in layer and not isinstance(part, nn.ModuleList):
            keep(layer)
    images, kernels = torch.rand(IMAGES, 3, 32, 32) * 2 - 1, list(spike_conv.SPARSE)
    try:
        spike_conv.SPARSE[:] = kernels if sparse else []
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=half):
            found["scores"] = net(images).float()
    finally:
        spike_conv.SPARSE[:] = kernels
    return found


def rows() -> Iterator[tuple[str, ...]]:
    """Yield a row for each layer, and one for the scores: their distance, as a share of the greatest."""
    for name in NETWORKS:
        usual, half, dense = fired(name), fired(name, half=True), fired(name, sparse=False)
        scores = usual.pop("scores")
        for layer, spikes in usual.items():
            shares = [(spikes != other[layer]).double().mean().item() for other in (half, dense)]
            yield name, layer, f"{spikes.double().mean():.3f}", f"{shares[0]:.2%}", f"{shares[1]:.1e}"
        far = [
            ((scores - other["scores"]).abs().max() / scores.abs().max()).item() for other in (half, dense)
        ]
        yield name, "scores", "", f"{far[0]:.2%}", f"{far[1]:.1e}"


def main() -> None:
    """Print the table."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    header = ("network", "layer", "spikes per step", "bfloat16", "float32, other convolution")
    sys.stdout.write(rows_of(header, rows()) + "\n")


if __name__ == "__main__":
    main()
