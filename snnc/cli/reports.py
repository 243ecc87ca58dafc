"""What the cost commands share: options to choices, networks to reports, reports to text or a file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

from snnc.analysis.activity import UNKNOWN, Activity, assumed, read_activity
from snnc.analysis.cost import CostOptions, CostReport, cost
from snnc.analysis.extras import read_items
from snnc.analysis.limits import ENERGIES, SUFFIXES, Limit, quantity
from snnc.analysis.policy import policy_of
from snnc.analysis.profile import Profile, open_profile, profile_named, shipped
from snnc.backends.report.sheet import Sheet, full_sheet, short_sheet
from snnc.cli.status import Status
from snnc.cli.terminal import Color, colored, emit, say, say_json, tell
from snnc.cli.write import replace_file
from snnc.diagnostics import CompileError
from snnc.diagnostics.render import render
from snnc.driver import Net
from snnc.source import Source

if TYPE_CHECKING:
    from snnc.analysis.sweep import Sweep

Result = TypeVar("Result")
MOST_BYTES = 64 << 20  # of an activity file or profile

TEXTS = {"table": "text", "markdown": "markdown", "csv": "csv", "latex": "latex"}
TABLES = (*TEXTS, "json")
FORMS = (*TABLES, "html")
UNITS = {"E_SNN": " pJ"}


@dataclass(frozen=True)
class Choices:
    """The options of a run, read and checked."""

    form: str
    options: CostOptions
    sweep: Sweep | None
    out: Path | None
    color: Color


def text_of(sheet: Sheet, form: str) -> str:
    """Return a sheet in a textual form; the module that writes it is imported now."""
    module = TEXTS[form]
    written: str = getattr(import_module(f"snnc.backends.report.{module}"), f"{module}_of")(sheet)
    return written


def checked(option: str, read: Callable[[], Result]) -> Result:
    """Return what an option says, or refuse it by its name; a file that cannot be read is an `OSError`."""
    try:
        return read()
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from error


def choose(
    *,
    form: str = "table",
    forms: Sequence[str] = FORMS,
    timesteps: int | None = None,
    profile: str = "paper",
    policy: str = "paper",
    activity: str | None = None,
    image_rate: str | None = None,
    sweep: tuple[str, ...] = (),
    bits: int = 32,
    batch: int = 1,
    items: str = "",
    out: Path | None = None,
    color: Color = Color.AUTO,
) -> Choices:
    """Read the options. Raises `typer.BadParameter` for one that is wrong."""
    if form not in forms:
        raise typer.BadParameter(f"{form!r} is none of {', '.join(forms)}", param_hint="--format")
    options = CostOptions(
        timesteps,
        checked("--profile", lambda: _profile(profile, color)),
        checked("--policy", lambda: policy_of(policy)),
        checked("--activity", lambda: _activity(activity, image_rate)),
        bits,
        batch,
        checked("--count", lambda: read_items(items)),
    )
    axes = checked("--sweep", lambda: _axes(sweep, color)) if sweep else None
    return Choices(form, options, axes, out, color)


def _axes(texts: tuple[str, ...], color: Color) -> Sweep:
    from snnc.analysis.sweep import read_sweep

    return read_sweep(texts, lambda name: _profile(name, color))


def _profile(name: str, color: Color) -> Profile:
    """A profile that comes along, or a file's; what is wrong in a file is told where it stands."""
    if not name.endswith(".toml"):
        return profile_named(name)
    try:
        return open_profile(Source(name, _read(name)))
    except CompileError as error:
        tell(render(error.diagnostics, color=colored(color, sys.stderr)), end="")
        raise typer.Exit(Status.REFUSED) from error


def _activity(given: str | None, image_rate: str | None) -> Activity:
    """A number, unless there is a file of that name."""
    if given is None:
        return UNKNOWN if image_rate is None else assumed_image(image_rate)
    if Path(given).suffix == ".json" or Path(given).is_file():
        return read_activity(_read(given))
    return assumed(given, image_rate)


def assumed_image(rate: str) -> Activity:
    """Return an activity that knows the coded image's rate alone."""
    return Activity(image=assumed(rate).assumed)


def _read(path: str) -> str:
    """Return a file's text. Raises `OSError`, and `ValueError` for what is no text."""
    with Path(path).open("rb") as stream:
        content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(f"{path} has more than {MOST_BYTES:,} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8") from error


def limits_of(
    parameters: str | None, macs: str | None, energy: str | None, efficiency: str | None
) -> tuple[Limit, ...]:
    """Return the limits that were given. Raises `typer.BadParameter`."""
    given = (
        ("--max-params", "parameters", parameters, SUFFIXES),
        ("--max-macs", "MACs", macs, SUFFIXES),
        ("--max-energy", "E_SNN", energy, ENERGIES),
        ("--min-ee", "EE", efficiency, SUFFIXES),
    )
    return tuple(
        Limit(
            name, checked(option, partial(quantity, text, units)), most=name != "EE", unit=UNITS.get(name, "")
        )
        for option, name, text, units in given
        if text is not None
    )


def reports_of(nets: Sequence[Net], choices: Choices) -> list[CostReport]:
    """Return a report per network, or with a sweep one per network and point."""
    return [report for net in nets for report in checked("--activity", partial(_reports, net, choices))]


def _reports(net: Net, choices: Choices) -> list[CostReport]:
    snn, ann = net.snn_twin.unrolled, net.ann_twin.unrolled
    if choices.sweep is None:
        return [cost(snn, ann, choices.options)]
    from snnc.analysis.sweep import run_sweep

    return list(run_sweep(snn, ann, choices.options, choices.sweep))


def write_reports(nets: Sequence[Net], reports: Sequence[CostReport], choices: Choices) -> None:
    """Write what was asked for to stdout or, whole or not at all, to the file. Raises `OSError`."""
    if choices.form == "json":
        from snnc.backends.report.json import json_text

        deliver(json_text(reports), choices)
    elif choices.form == "html":
        deliver(_page(nets, reports), choices)
    elif choices.sweep is not None:
        from snnc.backends.report.comparison import networks_sheet

        form = "csv" if choices.form == "table" else choices.form
        deliver(text_of(networks_sheet("Sweep", reports), form), choices)
    else:
        write_sheets(_sheets(reports, choices.form), choices)


def _sheets(reports: Sequence[CostReport], form: str) -> list[Sheet]:
    if len(reports) == 1:
        return [full_sheet(reports[0]) if form == "csv" else short_sheet(reports[0])]
    from snnc.backends.report.comparison import difference_sheet, networks_sheet

    if len(reports) > 2:
        return [networks_sheet("Networks", reports)]
    difference = difference_sheet(reports[0], reports[1])
    return [difference] if form == "csv" else [networks_sheet("Networks", reports), difference]


def write_sheets(sheets: Sequence[Sheet], choices: Choices) -> None:
    """Write sheets as tables of the chosen form; a terminal that takes colours gets them fitted to it."""
    if choices.form == "table" and choices.out is None and colored(choices.color, sys.stdout):
        from snnc.cli.tables import show

        for sheet in sheets:
            show(sheet)
        return
    deliver("\n".join(text_of(sheet, choices.form) for sheet in sheets), choices)


def deliver(text: str, choices: Choices) -> None:
    """Put a text where it was asked for."""
    if choices.out is None:
        emit(text.encode())
    else:
        replace_file(choices.out, text.encode())


def _page(nets: Sequence[Net], reports: Sequence[CostReport]) -> str:
    if len(reports) != 1:
        raise typer.BadParameter("a page shows one spec at one point", param_hint="--format html")
    from snnc.backends.report.html import html_of

    return html_of(reports[0], _diagram(nets[0]))


def _diagram(net: Net) -> str:
    from snnc.backends.diagram.sketch import draw
    from snnc.backends.diagram.svg import svg_text

    return svg_text(draw(net.snn_twin.unrolled))


def profile_list(*, as_json: bool) -> None:
    """Print the profiles that come along, with their sources."""
    from snnc.backends.report.comparison import profiles_sheet
    from snnc.backends.report.json import profile_json

    if as_json:
        say_json({"profiles": [profile_json(profile) for profile in shipped().values()]})
    else:
        say(text_of(profiles_sheet(), "table").rstrip("\n"))
