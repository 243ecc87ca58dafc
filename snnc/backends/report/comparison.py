"""Sheets of more than one report: networks side by side, a layer-by-layer difference, a sweep, claims."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

from snnc.analysis.breakeven import terms
from snnc.analysis.claims import Finding
from snnc.analysis.compare import Difference, compare
from snnc.analysis.cost import CostReport, spiking_convolutions
from snnc.analysis.profile import Profile, shipped
from snnc.analysis.rows import CostRow
from snnc.backends.report.numbers import UNKNOWN
from snnc.backends.report.sheet import Cell, Column, Sheet, break_even
from snnc.backends.report.words import header

NETWORKS = (
    Column("network", "network"),
    Column("timesteps", "T", "count"),
    Column("activity", "S_A", "rate"),
    Column("profile", "profile"),
    Column("policy", "policy"),
    Column("parameters", "parameters", "count"),
    Column("parameters_unshared", "unshared", "count"),
    Column("macs", "MACs", "count"),
    Column("energy_ann_pj", "E_ANN", "energy"),
    Column("energy_snn_pj", "E_SNN", "energy"),
    Column("ee", "EE", "times"),
    Column("ee_conv", "EE_Conv", "times"),
    Column("ee_bound", "EE at most", "times"),
    Column("break_even_activity", "break-even S_A", "rate"),
    Column("break_even_product", "break-even S_A T", "rate"),
    Column("break_even_timesteps", "break-even T", "rate"),
)


def network_cells(report: CostReport) -> tuple[Cell, ...]:
    """Return a report's line of totals, in the order of `NETWORKS`."""
    found = terms(report.rows)
    bound = found.bound(report.timesteps) if found else None
    return (
        report.network,
        report.timesteps,
        report.mean_activity,
        report.profile.name,
        report.policy.name,
        report.parameters,
        report.parameters_unshared,
        report.macs,
        report.energy_ann,
        report.energy_snn,
        report.ee,
        report.ee_conv if spiking_convolutions(report) else "",
        "" if found and bound is None else bound,
        *break_even(found, report.timesteps, report.mean_activity).values(),
    )


def networks_sheet(title: str, reports: Iterable[CostReport]) -> Sheet:
    """Return one line per report: a summary of several networks, or the points of a sweep."""
    rows = tuple(network_cells(report) for report in reports)
    return Sheet(title, (), NETWORKS, rows, ())


def difference_sheet(left: CostReport, right: CostReport) -> Sheet:
    """Return both networks layer by layer, matched by name and application, with what changed."""
    columns = (
        Column("layer", "layer"),
        Column("parameters_left", f"parameters {left.network}", "count"),
        Column("parameters_right", right.network, "count"),
        Column("macs_left", f"MACs {left.network}", "count"),
        Column("macs_right", right.network, "count"),
        Column("energy_snn_pj_left", f"E_SNN {left.network}", "energy"),
        Column("energy_snn_pj_right", right.network, "energy"),
        Column("changes", "what changed"),
    )
    rows = tuple(_difference(one) for one in compare(left, right))
    total: tuple[Cell, ...] = (
        "total",
        left.parameters,
        right.parameters,
        left.macs,
        right.macs,
        left.energy_snn,
        right.energy_snn,
        "",
    )
    results = tuple(
        (name, f"{float(after / before):.3f}x")
        for name, before, after in _totals(left, right)
        if before and after is not None
    )
    facts = tuple((name, text) for name, text in header(right) if name != "network")
    return Sheet(f"{left.network} and {right.network}", facts, columns, rows, total, results)


def _totals(left: CostReport, right: CostReport) -> Sequence[tuple[str, Fraction | None, Fraction | None]]:
    into = f"{right.network} / {left.network}"
    return (
        (f"parameters, {into}", Fraction(left.parameters), Fraction(right.parameters)),
        (f"MACs, {into}", Fraction(left.macs), Fraction(right.macs)),
        (f"E_SNN, {into}", left.energy_snn, right.energy_snn),
        (f"EE, {into}", left.ee, right.ee),
    )


def _difference(one: Difference) -> tuple[Cell, ...]:
    return (
        one.label,
        *_pair(one, lambda row: row.layer.parameters),
        *_pair(one, lambda row: row.layer.macs),
        *_pair(one, lambda row: row.energy),
        "; ".join(one.changes),
    )


def _pair(one: Difference, of: Callable[[CostRow], Cell]) -> tuple[Cell, Cell]:
    return ("" if one.left is None else of(one.left), "" if one.right is None else of(one.right))


PROFILES = (
    Column("name", "profile"),
    Column("mac_pj", "MAC", "energy"),
    Column("ac_pj", "AC or synaptic operation", "energy"),
    Column("neuron_pj", "neuron update", "energy"),
    Column("year", "year"),
    Column("node", "node"),
    Column("precision", "precision"),
    Column("measured", "measured"),
    Column("source", "source"),
)


def profiles_sheet() -> Sheet:
    """Return the energy profiles that come along; sources that disagree stand side by side."""
    rows = tuple(map(_profile, shipped().values()))
    return Sheet("Energy profiles", (), PROFILES, rows, (), notes=("? the source does not give it",))


def _profile(one: Profile) -> tuple[Cell, ...]:
    return (
        one.name,
        one.mac,
        one.ac,
        one.neuron,
        str(one.year),
        UNKNOWN if one.node_nm is None else f"{one.node_nm} nm",
        one.precision,
        "yes" if one.measured else "no",
        one.source,
    )


CLAIMS = (
    Column("table", "table"),
    Column("name", "row"),
    Column("metric", "claim"),
    Column("printed", "printed"),
    Column("timesteps", "T", "count"),
    Column("computed", "computed"),
    Column("implied_activity", "implied S_A", "rate"),
    Column("implied_least", "from", "rate"),
    Column("implied_most", "to", "rate"),
    Column("bound", "EE at most", "times"),
    Column("verdict", "verdict"),
    Column("words", "because"),
)


def claims_sheet(findings: Iterable[Finding], facts: tuple[tuple[str, str], ...]) -> Sheet:
    """Return one line per claim of the paper with what its equations make of it."""
    return Sheet("The paper's claims", facts, CLAIMS, tuple(map(_finding, findings)), ())


def _finding(one: Finding) -> tuple[Cell, ...]:
    most, least = one.implied_range or ("", "")
    return (
        one.claim.table,
        one.claim.name,
        one.claim.metric,
        one.claim.printed,
        one.claim.timesteps or "",
        _computed(one),
        "" if one.implied is None else one.implied,
        least,
        most,
        "" if one.bound is None else one.bound,
        str(one.verdict),
        one.words,
    )


def _computed(one: Finding) -> str:
    """Sizes in full; factors with one digit more than were printed."""
    if one.computed is None:
        return ""
    if one.claim.metric == "parameters":
        return f"{round(one.computed):,}"
    decimals = len(one.claim.printed.removesuffix("x").partition(".")[2])
    return f"{float(one.computed):.{max(decimals, 2) + 1}f}"
