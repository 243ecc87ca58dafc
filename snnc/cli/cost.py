"""``snnc cost``: what a spec costs, in the form that is asked for; with limits, a gate for CI."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from snnc.cli.options import ColorOption, JsonOption, SpecsArgument, TimestepsOption
from snnc.cli.status import Status
from snnc.cli.terminal import Color, safe, tell

ActivityOption = Annotated[
    str | None,
    typer.Option(
        "--activity", "-a", metavar="S_A", help="Spikes per value and step: a number, or a file of rates."
    ),
]
ImageOption = Annotated[
    str | None,
    typer.Option(
        "--image-rate", metavar="S_A", help="The rate of the Poisson-coded image, if it is another."
    ),
]
ProfileOption = Annotated[
    str,
    typer.Option("--profile", "-p", metavar="NAME", help="An energy profile by its name, or a .toml file."),
]
PolicyOption = Annotated[
    str,
    typer.Option(
        "--policy", metavar="NAME", help="paper, strict or per-step; strict,pooled=events changes one."
    ),
]
FormOption = Annotated[
    str,
    typer.Option("--format", "-f", metavar="FORM", help="table, markdown, csv, json, latex or html."),
]
OutOption = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write it to a file.", show_default=False)
]
SweepOption = Annotated[
    list[str] | None,
    typer.Option(
        "--sweep",
        metavar="AXIS",
        help="T=5,10,25, S_A=0.01:0.1:0.01 or profile=A,B (or all); again for more axes; CSV.",
    ),
]
BitsOption = Annotated[int, typer.Option("--bits", min=1, max=1024, help="The width of a value in memory.")]
BatchOption = Annotated[int, typer.Option("--batch", min=1, help="Samples in memory at once.")]
CountOption = Annotated[
    str, typer.Option("--count", metavar="ITEMS", help="Count bias, pool, norm, neuron or heads too, or all.")
]
ParametersOption = Annotated[
    str | None, typer.Option("--max-params", metavar="N", help="Fail above it: 2.3M.")
]
MacsOption = Annotated[str | None, typer.Option("--max-macs", metavar="N", help="Fail above it: 60M.")]
EnergyOption = Annotated[str | None, typer.Option("--max-energy", metavar="E", help="Fail above it: 13uJ.")]
EfficiencyOption = Annotated[str | None, typer.Option("--min-ee", metavar="N", help="Fail below it: 10.")]
ListOption = Annotated[bool, typer.Option("--profiles", help="List the energy profiles and exit.")]


def command(
    specs: SpecsArgument = (),  # type: ignore[assignment]  # `--profiles` needs none
    *,
    timesteps: TimestepsOption = None,
    activity: ActivityOption = None,
    image_rate: ImageOption = None,
    profile: ProfileOption = "paper",
    policy: PolicyOption = "paper",
    form: FormOption = "table",
    out: OutOption = None,
    sweep: SweepOption = None,
    bits: BitsOption = 32,
    batch: BatchOption = 1,
    count: CountOption = "",
    max_params: ParametersOption = None,
    max_macs: MacsOption = None,
    max_energy: EnergyOption = None,
    min_ee: EfficiencyOption = None,
    profiles: ListOption = False,
    as_json: JsonOption = False,
    color: ColorOption = Color.AUTO,
) -> None:
    r"""Count parameters, operations and energy of both twins, by layer and unrolled step.

    Two specs are compared layer by layer, more by their totals. With limits it is a gate: exit code 1
    where one is not kept.

    \b
    Examples:  snnc cost vgg5 --activity 0.0868
               snnc cost vgg16 vgg11x2 --format markdown
               snnc cost my.spec -a rates.json --max-params 2.3M --min-ee 10
    """
    from snnc.analysis.limits import unmet
    from snnc.cli.reports import choose, limits_of, profile_list, reports_of, write_reports
    from snnc.cli.verdict import accepted

    if profiles:
        profile_list(as_json=as_json)
        raise typer.Exit(Status.OK)
    if not specs:
        raise typer.BadParameter("name a spec, like `snnc cost vgg5`", param_hint="SPEC")
    limits = limits_of(max_params, max_macs, max_energy, min_ee)
    choices = choose(
        form="json" if as_json else form,
        timesteps=timesteps,
        profile=profile,
        policy=policy,
        activity=activity,
        image_rate=image_rate,
        sweep=tuple(sweep or ()),
        bits=bits,
        batch=batch,
        items=count,
        out=out,
        color=color,
    )
    nets = [verdict.net for verdict in accepted(specs, color)]
    reports = reports_of(nets, choices)
    write_reports(nets, reports, choices)
    broken = [sentence for one in reports for sentence in unmet(one, limits)]
    for sentence in broken:
        tell(safe(f"snnc: {sentence}"))
    raise typer.Exit(Status.UNMET if broken else Status.OK)
