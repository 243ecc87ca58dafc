"""Small networks converted by snnc and by SpikingJelly: `python -m benchmarks.conversion`.

The error of the mean scores after T steps, relative to the ANN's, under direct coding.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from spikingjelly.activation_based import functional
from spikingjelly.activation_based.ann2snn import Converter
from spikingjelly.activation_based.ann2snn.recipes import RateCodingRecipe
from torch import Tensor, nn

from benchmarks.report import rows_of
from snnc.convert.run import convert
from snnc.convert.settings import Calibration, Conversion, Trial
from snnc.ir.program import Target
from snnc.source import Source
from snnc.train.artifact import Saved
from snnc.train.images import Dataset, Stored
from snnc.train.network import Options, network

IMAGES, CALIBRATION = 12, 32
TIMESTEPS = (64, 1024)


class Net(nn.Module):
    """Conv1, then Conv2 again and again on its own output, with batch norms of each step, and FC1."""

    def __init__(self, steps: int, *, normalised: bool) -> None:
        super().__init__()
        self.Conv1, self.Conv2 = nn.Conv2d(2, 6, 3, padding=1), nn.Conv2d(6, 6, 3, padding=1)
        self.Conv2_bn = nn.ModuleList(
            nn.BatchNorm2d(6) if normalised else nn.Identity() for _ in range(steps)
        )
        self.relu = nn.ModuleList(nn.ReLU() for _ in range(steps + 1))
        self.FC1 = nn.Linear(216, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu[0](self.Conv1(x))
        for norm, relu in zip(self.Conv2_bn, self.relu[1:], strict=True):
            x = relu(norm(self.Conv2(x)))
        scores: Tensor = self.FC1(x.flatten(1))
        return scores


def spec(steps: int, *, normalised: bool) -> str:
    """Return the same network in the notation."""
    again = f"[Conv2(6,6,3x3/1, bias){' - BN' * normalised}] repeated {steps} times"
    return (
        "network Small\ninput 2x6x6\nneuron ReLU|IF\nencode direct\n\n"
        f"Input - Conv1(2,6,3x3/1, bias) - {again} - FC1(216,4, bias)\n"
    )


def drawn(net: Net, seed: int = 1) -> Net:
    """Draw biases and statistics as if the network had learnt."""
    chance = torch.Generator().manual_seed(seed)
    for name, tensor in net.state_dict().items():
        if name.endswith("weight") and tensor.dim() > 1:
            tensor.copy_(torch.randn(tensor.shape, generator=chance) * (2 / tensor[0].numel()) ** 0.5)
        if name.endswith(("bias", "running_mean")):
            tensor.copy_(0.3 * torch.randn(tensor.shape, generator=chance))
        if name.endswith("running_var"):
            tensor.copy_(0.5 + torch.rand(tensor.shape, generator=chance))
    return net.eval()


def theirs(net: Net, images: Tensor, *, fused: bool) -> list[float]:
    """Return SpikingJelly's errors."""
    recipe = RateCodingRecipe([(images, torch.zeros(len(images)))], mode="Max", fuse_flag=fused)
    snn = Converter(recipe).convert(net).eval()
    with torch.no_grad():
        functional.reset_net(snn)
        scores = torch.stack([snn(images) for _ in range(max(TIMESTEPS))])
        return errors(net(images), scores)


def ours(net: Net, text: str, pixels: np.ndarray, folder: Path) -> list[float]:
    """Return snnc's errors."""
    found = network(Source("small.spec", text), None, Options(Target.ANN))
    module = found.module(1).eval()
    known = net.state_dict()
    module.load_state_dict({name: known[_name(name, known)] for name in module.state_dict()})
    part = Stored(pixels, np.arange(len(pixels)) % 4)
    data = Dataset("noise", ("0", "1", "2", "3"), part, part)
    saved = Saved(found, module, (), {}, {})
    return [
        convert(saved, data, folder / str(steps), _settings(steps)).ledger.errors[-1] for steps in TIMESTEPS
    ]


def _settings(steps: int) -> Conversion:
    return Conversion(
        timesteps=steps,
        coding="direct",
        calibration=Calibration(images=IMAGES, steps=CALIBRATION),
        trial=Trial(ledger=IMAGES),
    )


def _name(name: str, known: dict[str, Tensor]) -> str:
    """Return the plain network's name of a tensor; a list of one is none in the printed module."""
    return name if name in known else name.replace("_bn.", "_bn.0.")


def errors(ann: Tensor, scores: Tensor) -> list[float]:
    """Return the relative error of the mean scores after each of the numbers of steps."""
    return [float((scores[:step].mean(0) - ann).norm() / ann.norm()) for step in TIMESTEPS]


def rows() -> Iterator[tuple[str, ...]]:
    """Yield a row for each network: its name, and the errors of all three."""
    pixels = np.random.default_rng(7).integers(0, 256, (IMAGES, 2, 6, 6), dtype=np.uint8)
    images = torch.from_numpy(pixels).float() / 127.5 - 1
    for steps, normalised in ((1, False), (3, False), (1, True), (2, True), (4, True)):
        net = drawn(Net(steps, normalised=normalised))
        with tempfile.TemporaryDirectory() as folder:
            found = ours(net, spec(steps, normalised=normalised), pixels, Path(folder))
        columns = (found, theirs(net, images, fused=False), theirs(net, images, fused=True))
        kind = f"{'BN, ' * normalised}{steps} step{'s' * (steps > 1)}"
        yield kind, *(f"{error:.2%}" for column in columns for error in column)


def main() -> None:
    """Print the table."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    who = ("snnc", "SpikingJelly, not fused", "SpikingJelly, fused")
    header = ("network", *(f"{name}, T = {step:,}" for name in who for step in TIMESTEPS))
    sys.stdout.write(rows_of(header, rows()) + "\n")


if __name__ == "__main__":
    main()
