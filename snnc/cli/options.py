"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from snnc.cli.terminal import Color

_WHEN = "When to colour: auto is on a terminal, unless NO_COLOR is set."

Which = Literal["ann", "snn"]

SpecsArgument = Annotated[
    list[str],
    typer.Argument(metavar="SPEC", help="Spec files, names of specs that ship, or - for stdin."),
]
SpecArgument = Annotated[
    str, typer.Argument(metavar="SPEC", help="A spec file, the name of a spec that ships, or - for stdin.")
]
ColorOption = Annotated[Color, typer.Option("--color", help=_WHEN, show_default=False)]
EnvironmentColor = Annotated[
    Color, typer.Option("--color", help=_WHEN, show_default=False, envvar="SNNC_COLOR", show_envvar=False)
]
TimestepsOption = Annotated[
    int | None,
    typer.Option(
        "--timesteps", "-T", min=1, max=1_000_000, help="T; its own by default.", show_default=False
    ),
]
NetArgument = Annotated[Path, typer.Argument(metavar="NET", help="A saved network, network.safetensors.")]
RecipeOption = Annotated[
    Path | None,
    typer.Option("--recipe", "-r", metavar="FILE", help="A recipe (TOML), or the name of one that ships."),
]
DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        "-d",
        metavar="PATH",
        help="CIFAR-10's binary archive, a folder or tar of images, an .npz; default: the shipped digits.",
    ),
]
DeviceOption = Annotated[str, typer.Option("--device", help="cpu, cuda, or auto.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for scripts.")]
