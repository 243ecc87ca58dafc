"""``snnc claims``: the paper's printed sizes and efficiencies, and what its own equations make of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from snnc.cli.options import ColorOption, JsonOption
from snnc.cli.terminal import Color

TablesArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="TABLE", help="Tables by their numbers, IV or XII; all by default."),
]
PolicyOption = Annotated[str, typer.Option("--policy", metavar="NAME", help="paper, strict or per-step.")]
ProfileOption = Annotated[
    str,
    typer.Option("--profile", "-p", metavar="NAME", help="An energy profile by its name, or a .toml file."),
]
FormOption = Annotated[
    str, typer.Option("--format", "-f", metavar="FORM", help="table, markdown, csv, json or latex.")
]
OutOption = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write it to a file.", show_default=False)
]


def command(
    tables: TablesArgument = None,
    *,
    policy: PolicyOption = "paper",
    profile: ProfileOption = "paper",
    form: FormOption = "table",
    out: OutOption = None,
    as_json: JsonOption = False,
    color: ColorOption = Color.AUTO,
) -> None:
    r"""Judge what the paper prints: what holds, which activity it implies, and what none can reach.

    \b
    Example:  snnc claims XII
    """
    from snnc.analysis.claims import judge, read_claims
    from snnc.analysis.cost import CostOptions, CostReport, cost
    from snnc.backends.report.comparison import claims_sheet
    from snnc.backends.report.json import claims_text
    from snnc.backends.report.words import method
    from snnc.cli.reports import TABLES, checked, choose, deliver, write_sheets
    from snnc.driver import load
    from snnc.source.data import data

    choices = choose(
        form="json" if as_json else form, forms=TABLES, profile=profile, policy=policy, out=out, color=color
    )

    def report_of(spec: str, options: CostOptions) -> CostReport:
        net = load(spec)
        return cost(net.snn_twin.unrolled, net.ann_twin.unrolled, options)

    claims = checked("claims.toml", lambda: read_claims((data("specs") / "claims.toml").read_text("utf-8")))
    wanted = {name.upper() for name in tables or ()}
    if unknown := wanted - {claim.table for claim in claims}:
        known = ", ".join(dict.fromkeys(claim.table for claim in claims))
        raise typer.BadParameter(
            f"no such table: {', '.join(sorted(unknown))}; there are {known}", param_hint="TABLE"
        )
    judged = judge(claims, report_of, choices.options)
    findings = [finding for finding in judged if not wanted or finding.claim.table in wanted]
    if choices.form == "json":
        deliver(claims_text(findings), choices)
    else:
        write_sheets([claims_sheet(findings, method(choices.options))], choices)
