"""``snnc evaluate``: how good a saved network is."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from snnc.cli.options import ColorOption, DataOption, DeviceOption, JsonOption, NetArgument, TimestepsOption
from snnc.cli.terminal import Color, say, say_json

StepsOption = Annotated[bool, typer.Option("--steps", help="Also the accuracy after each time-step.")]
BatchOption = Annotated[
    int, typer.Option("--batch", min=1, help="Images at once; their spikes are drawn together.")
]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="The seed of the image's spikes.")]
ActivityOption = Annotated[
    Path | None,
    typer.Option("--activity", metavar="FILE", help="Measure the activity, too, for `snnc cost -a FILE`."),
]
LimitOption = Annotated[
    int, typer.Option("--activity-images", min=1, help="Images on which the activity is measured.")
]


def command(
    net: NetArgument,
    *,
    data: DataOption = None,
    timesteps: TimestepsOption = None,
    steps: StepsOption = False,
    batch: BatchOption = 100,
    seed: SeedOption = 1,
    device: DeviceOption = "auto",
    activity: ActivityOption = None,
    activity_images: LimitOption = 128,
    as_json: JsonOption = False,
    color: ColorOption = Color.AUTO,
) -> None:
    r"""Try a saved network on all test images: accuracy, top-5, of each class, and against T.

    \b
    Examples:  snnc evaluate runs/digits/network.safetensors --steps
               snnc evaluate net.safetensors -d cifar-10-binary.tar.gz -T 50 --activity rates.json
    """
    from snnc.cli.learning import guarded, opened, write_rates
    from snnc.convert import course
    from snnc.train.data import open_data
    from snnc.train.evaluate import Manner, evaluate
    from snnc.train.precision import whole_float32
    from snnc.train.world import World, device_of

    with guarded(color):
        saved = opened(net, timesteps)
        if activity is not None and not saved.spikes:
            raise typer.BadParameter("an artificial network has no spikes to count", param_hint="--activity")
        images = open_data(data, saved.network.size)
        saved.refuse_other_classes(images.classes)
        world, classes = World(device=device_of(device)), len(images.classes)
        manner = Manner(seed, batch, world=world)
        module = saved.module.to(world.device)
        with whole_float32(world.device):
            long = course.is_long(saved, min(batch, len(images.test.labels)))
            tried = partial(course.evaluate, saved) if long else partial(evaluate, module)
            score = tried(images.test, classes=classes, manner=manner, steps=steps)
        if activity is not None:
            write_rates(net, data, activity, timesteps, limit=activity_images, seed=seed, device=device)
    if as_json:
        say_json({"network": str(net), "data": images.name, **score.as_json(images.classes)})
        return
    whole = f"{score.images:,} test images of {images.name}"
    say(f"accuracy {score.accuracy:.2%} on {whole}, top-5 {score.top5:.2%}")
    width = max(map(len, images.classes))
    for name, (right, count) in zip(images.classes, score.by_class, strict=True):
        say(f"  {name:<{width}}  {right / max(1, count):7.2%}  {right:,} of {count:,}")
    for step, accuracy in enumerate(score.against_steps, 1):
        say(f"  T = {step:<4} {accuracy:7.2%}")
