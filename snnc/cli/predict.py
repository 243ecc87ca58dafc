"""``snnc predict``: what a saved network sees in images."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from snnc.cli.options import ColorOption, JsonOption, NetArgument, TimestepsOption
from snnc.cli.terminal import Color, say, say_json

ImagesArgument = Annotated[list[Path], typer.Argument(metavar="IMAGE", help="Image files of any size.")]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="The seed of the image's spikes.")]
BestOption = Annotated[int, typer.Option("--best", "-k", min=1, help="How many classes to name.")]


def command(
    net: NetArgument,
    images: ImagesArgument,
    *,
    timesteps: TimestepsOption = None,
    best: BestOption = 1,
    seed: SeedOption = 1,
    as_json: JsonOption = False,
    color: ColorOption = Color.AUTO,
) -> None:
    r"""Name the classes that a saved network finds in images, and how sure it is of them.

    \b
    Example:  snnc predict runs/vgg3_t5/network.safetensors cat.png dog.jpg --best 3
    """
    from snnc.cli.learning import guarded, opened
    from snnc.train.predict import predict

    with guarded(color):
        saved = opened(net, timesteps)
        answers = [predict(saved, path, best=best, seed=seed) for path in images]
    if as_json:
        found = [
            {"image": str(path), "classes": [{"class": name, "probability": p} for name, p in answer]}
            for path, answer in zip(images, answers, strict=True)
        ]
        say_json({"network": str(net), "images": found})
        return
    for path, answer in zip(images, answers, strict=True):
        say(f"{path}: " + ", ".join(f"{name} {probability:.1%}" for name, probability in answer))
