"""``snnc train``: a spec and a recipe to a network that has learnt."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from snnc.cli.options import ColorOption, DataOption, DeviceOption, JsonOption, RecipeOption
from snnc.cli.terminal import Color, safe, say, say_json, tell

SpecArgument = Annotated[
    str | None,
    typer.Argument(metavar="SPEC", help="A spec file or the name of one that ships; else the recipe's."),
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="DIR", help="The run's folder; default: runs/<recipe or spec>."),
]
ResumeOption = Annotated[bool, typer.Option("--resume", help="Go on with the run that is in the folder.")]
MethodOption = Annotated[
    Literal["ann", "agd", "stdp"] | None,
    typer.Option("--method", help="The ANN, or the SNN by surrogate gradients or STDP; default: agd."),
]
StepsOption = Annotated[int | None, typer.Option("--timesteps", "-T", help="T; default: the spec's.")]
EpochsOption = Annotated[int | None, typer.Option("--epochs", help="Rounds through the images; default: 8.")]
BatchOption = Annotated[int | None, typer.Option("--batch", help="Images in a step.")]
FromOption = Annotated[
    str | None,
    typer.Option("--from", metavar="NET", help="A saved network; its weights take the place of drawn ones."),
]
RateOption = Annotated[float | None, typer.Option("--rate", help="The greatest learning rate.")]
SeedOption = Annotated[int | None, typer.Option("--seed", help="All chance follows from it.")]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", help="Override an entry: --set optimiser.clip=0.5; repeat it."
    ),
]
BoardOption = Annotated[bool, typer.Option("--tensorboard", help="Write TensorBoard files into the folder.")]


def command(
    spec: SpecArgument = None,
    *,
    recipe: RecipeOption = None,
    data: DataOption = None,
    out: OutOption = None,
    resume: ResumeOption = False,
    method: MethodOption = None,
    timesteps: StepsOption = None,
    epochs: EpochsOption = None,
    batch: BatchOption = None,
    rate: RateOption = None,
    begin: FromOption = None,
    seed: SeedOption = None,
    settings: SetOption = None,
    device: DeviceOption = "auto",
    tensorboard: BoardOption = False,
    as_json: JsonOption = False,
    color: ColorOption = Color.AUTO,
) -> None:
    r"""Train a network and save it, with everything measured on the way, in a folder of its own.

    Ctrl-C stops between two steps; --resume goes on to the same result as without a break. With --out and
    no SPEC it takes the recipe from the run's folder.

    \b
    Examples:  snnc train digits
               snnc train --recipe vgg3_t5 --data cifar-10-binary.tar.gz
               snnc train my.spec --method ann --epochs 20 --set optimiser.name=sgd -d images/
    """
    from snnc.cli.learning import guarded, listeners, write_rates
    from snnc.train.recipe import open_recipe

    flags = {
        "spec": spec,
        "method": method,
        "timesteps": timesteps,
        "epochs": epochs,
        "batch": batch,
        "optimiser.rate": rate,
        "start.network": begin,
        "seed": seed,
    }
    given = {name: json.dumps(value) for name, value in flags.items() if value is not None}
    overrides = _overrides(recipe, settings or [], given)
    own = resume and out is not None and not (spec or recipe)
    if own and (settings or given):
        raise typer.BadParameter(
            "a run goes on by its own recipe, which nothing overrides", param_hint="--resume"
        )
    with guarded(color):
        chosen = None if own else open_recipe(recipe, overrides)
        from snnc.train.run import recipe_of, train  # torch comes with it; a recipe is refused without

        chosen = chosen or recipe_of(out or Path())
        folder = out or Path("runs") / (recipe.stem if recipe else Path(chosen.spec).stem)
        found = train(
            chosen,
            folder,
            data=data,
            resume=resume,
            listener=listeners(folder, color, tensorboard=tensorboard),
            device=device,
        )
        if found.leads and found.spikes:
            write_rates(found.path, data, folder / "activity.json", device=device)
    if not found.leads:
        return
    if as_json:
        say_json({"network": str(found.path), **found.score.as_json(), "seconds": round(found.seconds, 3)})
        return
    score = found.score
    say(f"accuracy {score.accuracy:.2%} on {score.images:,} test images, top-5 {score.top5:.2%}")
    tell(safe(f"snnc: wrote {found.path} after {found.seconds:.0f} s"))


def _overrides(recipe: Path | None, settings: list[str], flags: dict[str, str]) -> dict[str, str]:
    """Return what the command line says of the recipe; without a recipe a method and epochs are chosen."""
    from snnc.cli.learning import pairs

    found = {} if recipe else {"method": '"agd"', "epochs": "8"}
    return found | pairs(settings) | flags
