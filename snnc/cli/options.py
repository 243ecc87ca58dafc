"""Arguments and options that several commands share."""

from __future__ import annotations

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
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for scripts.")]
