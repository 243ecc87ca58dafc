"""``snnc convert``: a trained ANN to its spiking twin, with a threshold for every unrolled step."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from snnc.cli.options import ColorOption, DataOption, DeviceOption, JsonOption, RecipeOption
from snnc.cli.terminal import Color, colored, safe, say, say_json, tell

NetArgument = Annotated[Path, typer.Argument(metavar="ANN", help="A saved artificial network.")]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="DIR", help="The conversion's folder; default: runs/<network>_snn."),
]
ResumeOption = Annotated[
    bool, typer.Option("--resume", help="Go on with the conversion that is in the folder.")
]
ReportOption = Annotated[
    list[Path] | None,
    typer.Option("--report", metavar="FILE", help="Write the ledger: a .md, .json or .html file; repeat it."),
]
StepsOption = Annotated[int | None, typer.Option("--timesteps", "-T", help="T; default: the spec's.")]
CodingOption = Annotated[
    Literal["poisson", "direct"] | None, typer.Option("--coding", help="How the image becomes spikes.")
]
BalanceOption = Annotated[
    Literal["maximum", "percentile", "robust"] | None,
    typer.Option("--balance", help="What a layer's weighted sums are balanced to; default: their maximum."),
]
PercentOption = Annotated[
    float | None, typer.Option("--percent", help="Which percentile of the positive sums; default: 99.9.")
]
PerOption = Annotated[
    Literal["layer", "channel"] | None, typer.Option("--per", help="What has a threshold of its own.")
]
SearchOption = Annotated[
    bool | None,
    typer.Option("--search/--no-search", help="Lower each threshold to where its rates err least."),
]
InitialOption = Annotated[
    float | None, typer.Option("--initial", help="V before the first step, as a share of the threshold.")
]
FactorOption = Annotated[
    float | None, typer.Option("--factor", help="Multiplies all thresholds in the end; default: 1.")
]
PoolOption = Annotated[
    Literal["refuse", "gate"] | None,
    typer.Option("--max-pool", help="Max pools of spikes: refused, or the neuron with most spikes passes."),
]
CalibrationOption = Annotated[
    int | None, typer.Option("--calibration-images", help="Training images to balance on; default: 64.")
]
CalibrationStepsOption = Annotated[
    int | None, typer.Option("--calibration-steps", help="Time-steps to balance on; default: 250, at most T.")
]
ImagesOption = Annotated[
    int | None, typer.Option("--images", "-n", help="Test images to try it on; default: all.")
]
BatchOption = Annotated[
    int | None, typer.Option("--batch", help="Images at once; their spikes are drawn together.")
]
SeedOption = Annotated[int | None, typer.Option("--seed", help="All chance follows from it.")]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Override an entry: --set trial.ledger=500; repeat it."),
]


def command(
    ann: NetArgument,
    *,
    recipe: RecipeOption = None,
    data: DataOption = None,
    out: OutOption = None,
    resume: ResumeOption = False,
    report: ReportOption = None,
    timesteps: StepsOption = None,
    coding: CodingOption = None,
    balance: BalanceOption = None,
    percent: PercentOption = None,
    per: PerOption = None,
    search: SearchOption = None,
    initial: InitialOption = None,
    factor: FactorOption = None,
    max_pool: PoolOption = None,
    calibration_images: CalibrationOption = None,
    calibration_steps: CalibrationStepsOption = None,
    images: ImagesOption = None,
    batch: BatchOption = None,
    seed: SeedOption = None,
    settings: SetOption = None,
    device: DeviceOption = "auto",
    as_json: JsonOption = False,
    color: ColorOption = Color.AUTO,
) -> None:
    r"""Turn a trained artificial network into its spiking twin by threshold balancing, and say how it went.

    Every layer, and every unrolled step of a BackRes block, gets a threshold from the spike trains that
    reach it. The result is a saved network like any other. Ctrl-C stops it; --resume goes on.

    \b
    Examples:  snnc convert runs/digits_ann/network.safetensors --timesteps 250
               snnc convert ann.safetensors --recipe vgg2x4_convert -d images.npz --report ledger.html
               snnc convert ann.safetensors -T 100 --search --initial 0.5
    """
    from snnc.cli.conversion import follower, guarded, write_reports
    from snnc.cli.learning import pairs
    from snnc.convert.settings import open_conversion

    flags = {
        "timesteps": timesteps,
        "coding": coding,
        "calibration.balance": balance,
        "calibration.percent": percent,
        "calibration.per": per,
        "calibration.search": search,
        "initial": initial,
        "calibration.factor": factor,
        "max_pool": max_pool,
        "calibration.images": calibration_images,
        "calibration.steps": calibration_steps,
        "calibration.batch": batch,
        "trial.images": images,
        "trial.batch": batch,
        "seed": seed,
    }
    given = {name: json.dumps(value) for name, value in flags.items() if value is not None}
    with guarded(color):
        chosen = open_conversion(recipe, pairs(settings or []) | given)
        reports = [_named(path) for path in report or []]
        from snnc.convert.run import convert
        from snnc.train import artifact
        from snnc.train.data import open_data

        saved = artifact.load(ann)
        found = convert(
            saved,
            open_data(data, saved.network.size),
            out or Path("runs") / f"{saved.network.net.name.lower()}_snn",
            chosen,
            follower(color),
            resume=resume,
            device=device,
        )
        write_reports(reports, found.ledger)
    if as_json:
        say_json({"network": str(found.path), **found.ledger.as_json(), "seconds": round(found.seconds, 3)})
        return
    from snnc.backends.report.conversion import ledger_sheet
    from snnc.backends.report.text import text_of

    sheet = ledger_sheet(found.ledger.as_json())
    if colored(color, sys.stdout):
        from snnc.cli.tables import show

        show(sheet)
    else:
        say(text_of(sheet).rstrip("\n"))
    tell(safe(f"snnc: wrote {found.path} after {found.seconds:.0f} s"))


def _named(path: Path) -> Path:
    if path.suffix.lower() not in {".md", ".json", ".html"}:
        raise typer.BadParameter(f"{path} ends in none of .md, .json and .html", param_hint="--report")
    return path
