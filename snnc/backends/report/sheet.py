"""A report as a table of values with what stands around it; every textual form is written from this.

A cell is a text, a number, None where a number is not known, and "" where there is nothing to know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

from snnc.analysis.activity import Activity, Origin
from snnc.analysis.breakeven import Terms, terms
from snnc.analysis.cost import CostOptions, CostReport, CostRow
from snnc.analysis.extras import ITEMS
from snnc.analysis.signals import Kind
from snnc.analysis.traffic import regimes
from snnc.backends.report.numbers import UNKNOWN, bytes_text, count_text, energy_text, rate_text, times_text

Cell = str | int | Fraction | None
CellKind = Literal["text", "count", "rate", "energy", "times"]
ITEM_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "bias": "biases",
        "pool": "pooling",
        "norm": "batch normalisation",
        "neuron": "neuron updates",
        "heads": "stochmax heads",
    }
)


def conventions(items: AbstractSet[str]) -> str:
    """Say what counts as an operation and what does not."""
    counted = [ITEM_WORDS[item] for item in ITEMS if item in items]
    left_out = [ITEM_WORDS[item] for item in ITEMS if item not in items]
    return "; ".join(
        (
            "1 MAC is one multiplication and one addition (2 FLOPs)",
            " and ".join(["padded zeros", *counted]) + " count",
            *([f"{', '.join(left_out)} do not"] if left_out else []),
        )
    )


WRITERS: Mapping[CellKind, Callable[[Fraction | int | None], str]] = MappingProxyType(
    {"count": count_text, "rate": rate_text, "energy": energy_text, "times": times_text}
)


@dataclass(frozen=True)
class Column:
    """One column: its key in files, its title for people, and what its numbers are."""

    key: str
    title: str
    kind: CellKind = "text"

    def text(self, cell: Cell) -> str:
        """Return a cell as people read it."""
        if cell is None:
            return UNKNOWN
        return cell if isinstance(cell, str) else WRITERS[self.kind](cell)


@dataclass(frozen=True)
class Sheet:
    """A table with a title, facts above it, a last row of totals, results and notes below it."""

    title: str
    header: tuple[tuple[str, str], ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...]
    results: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()

    def texts(self, row: tuple[Cell, ...]) -> tuple[str, ...]:
        """Return a row's cells as people read them."""
        return tuple(column.text(cell) for column, cell in zip(self.columns, row, strict=True))


FULL = (
    Column("layer", "layer"),
    Column("application", "application", "count"),
    Column("kind", "kind"),
    Column("output", "output"),
    Column("parameters", "parameters", "count"),
    Column("macs", "MACs", "count"),
    Column("input", "input"),
    Column("op", "op"),
    Column("form", "closed form"),
    Column("activity", "S_A", "rate"),
    Column("activity_source", "source"),
    Column("ops_per_inference", "operations", "count"),
    Column("effective_ops", "effective", "count"),
    Column("energy_ann_pj", "E_ANN", "energy"),
    Column("energy_snn_pj", "E_SNN", "energy"),
    Column("ee", "EE", "times"),
    Column("break_even_activity", "break-even S_A", "rate"),
)


def full_sheet(report: CostReport) -> Sheet:
    """Return the table with every column, for files that programs read."""
    rows = tuple(tuple(_cells(row)[column.key] for column in FULL) for row in report.rows)
    total = tuple(_total(report).get(column.key, "") for column in FULL)
    return Sheet(report.network, header(report), FULL, rows, total, results(report), notes(report))


SHORT = frozenset({"layer", "output", "parameters", "macs", "input", "op", "energy_ann_pj"})
SYMBOLIC = SHORT | {"form", "break_even_activity"}
PRICED = SHORT | {"activity", "ops_per_inference", "energy_snn_pj", "ee"}


def short_sheet(report: CostReport) -> Sheet:
    """Return the table with the columns that tell something, for people."""
    if report.energy_snn is None and report.mean_activity is None:
        return _chosen(report, SYMBOLIC)
    measured = {"effective_ops"} if report.effective is not None else set()
    return _chosen(report, PRICED | measured)


def page_sheet(report: CostReport) -> Sheet:
    """Return the table of a page that can fill in every number itself."""
    return _chosen(report, PRICED | {"form"})


def _chosen(report: CostReport, keys: AbstractSet[str]) -> Sheet:
    """Return the full sheet's columns of these keys; the layer's name says the application."""
    sheet = full_sheet(report)
    places = [index for index, column in enumerate(FULL) if column.key in keys]
    labels = (row.layer.label for row in report.rows)
    rows = tuple(
        (label, *(row[place] for place in places[1:])) for label, row in zip(labels, sheet.rows, strict=True)
    )
    columns = tuple(FULL[place] for place in places)
    total = tuple(sheet.total[place] for place in places)
    return replace(sheet, columns=columns, rows=rows, total=total)


def _cells(row: CostRow) -> dict[str, Cell]:
    layer, spikes, found = row.layer, row.booking.per_spike, terms((row,))
    return {
        "layer": layer.layer,
        "application": layer.application,
        "kind": layer.kind,
        "output": str(layer.shape),
        "parameters": layer.parameters,
        "macs": layer.macs,
        "input": str(row.signal.kind) if layer.kind != "extra" else "",
        "op": str(row.booking.operation),
        "form": str(row.booking),
        "activity": (row.rate.value if row.rate else None) if spikes else "",
        "activity_source": str(row.rate.origin) if spikes and row.rate else "",
        "ops_per_inference": row.operations,
        "effective_ops": row.effective if spikes else "",
        "energy_ann_pj": row.artificial_energy,
        "energy_snn_pj": row.energy,
        "ee": row.saves if row.booking.count and row.artificial.count else "",
        "break_even_activity": (found.activity(row.timesteps) if found else None) if spikes else "",
    }


def _total(report: CostReport) -> dict[str, Cell]:
    return {
        "layer": "total",
        "parameters": report.parameters,
        "macs": report.macs,
        "activity": report.mean_activity,
        "effective_ops": report.effective,
        "energy_ann_pj": report.energy_ann,
        "energy_snn_pj": report.energy_snn,
        "ee": report.ee,
        "break_even_activity": _break_even(terms(report.rows), report.timesteps),
    }


def _break_even(found: Terms | None, timesteps: int) -> Cell:
    return found.activity(timesteps) if found else None


def header(report: CostReport) -> tuple[tuple[str, str], ...]:
    """What the report assumes."""
    return (
        ("network", report.network),
        ("T", f"{report.timesteps:,}"),
        ("activity", activity_words(report.activity)),
        *method(CostOptions(profile=report.profile, policy=report.policy, items=report.items)),
    )


def method(options: CostOptions) -> tuple[tuple[str, str], ...]:
    """The policy, the energies and what is counted."""
    profile, policy = options.profile, options.policy
    kind = "measured" if profile.measured else "not measured"
    energies = f"MAC {_pj(profile.mac)}, AC {_pj(profile.ac)}"
    where = f"{profile.title}, {energies}; {profile.source}, {kind} [{profile.digest}]"
    return (
        ("policy", f"{policy.name}: {policy.sentence}"),
        ("profile", f"{profile.name}: {where}"),
        ("counted", conventions(options.items)),
    )


def _pj(energy: Fraction | None) -> str:
    return "unavailable" if energy is None else f"{float(energy):g} pJ"


def activity_words(activity: Activity) -> str:
    """Say where S_A comes from."""
    words = []
    if activity.rates:
        origins = {rate.origin for rate in activity.rates.values()}
        words.append(_measured_words(activity) if Origin.MEASURED in origins else "assumed per layer")
    if activity.assumed is not None:
        rest = " elsewhere" if activity.rates else ""
        words.append(f"assumed {rate_text(activity.assumed)}{rest}")
    if activity.image is not None:
        words.append(f"assumed {rate_text(activity.image)} for the coded image")
    return ", ".join(words) or "not given: operations of spiking layers are closed forms in T and S_A"


def _measured_words(activity: Activity) -> str:
    samples = f" on {activity.samples:,} samples" if activity.samples else ""
    data = f" of {activity.data}" if activity.data else ""
    steps = f" at T = {activity.timesteps:,}" if activity.timesteps else ""
    return f"measured{samples}{data}{steps}"


def results(report: CostReport) -> tuple[tuple[str, str], ...]:
    """What comes out: totals, efficiencies, bounds and break-even points."""
    found = terms(report.rows)
    lines = [
        ("parameters", _parameters(report)),
        ("MACs", f"{report.macs:,} per pass of the ANN twin"),
        ("E_ANN", energy_text(report.energy_ann)),
        ("E_SNN", energy_text(report.energy_snn)),
        ("EE", times_text(report.ee)),
    ]
    if report.ee_conv is not None:
        lines.append(("EE_Conv", times_text(report.ee_conv)))
    if report.effective is not None:
        lines.append(("EE measured", f"{times_text(report.ee_effective)} on effective operations"))
    lines.extend(traffic_words(report))
    return (*lines, *(bounds(report, found) if found else ()), *memory_words(report))


def memory_words(report: CostReport) -> tuple[tuple[str, str], ...]:
    """What has to be stored, and what a run of the printed module holds."""
    width, batch, steps, needs = report.bits, report.batch, report.timesteps, report.memory
    stored = (
        f"{bytes_text(report.parameters * width // 8)} of weights, "
        f"{bytes_text(needs.thresholds * width // 8)} of thresholds, "
        f"{bytes_text(batch * needs.states * width // 8)} of potentials, at {width} bits and batch {batch:,}"
    )
    held = (
        f"{bytes_text(needs.live_at(steps, batch))} in inference, "
        f"{bytes_text(needs.saved.at(steps, batch))} saved for training = {needs.saved} bytes, "
        f"{bytes_text(needs.checkpointed_at(steps, batch))} if layers are computed again"
    )
    return (("memory", stored), ("activations", held))


def traffic_words(report: CostReport) -> tuple[tuple[str, str], ...]:
    """EE with memory paid for, where the profile has the figures."""
    found = [regime for regime in regimes(report)[1:] if regime.ee is not None]
    return tuple((f"EE, {regime.name}", f"{times_text(regime.ee)}, {regime.title}") for regime in found)


def _parameters(report: CostReport) -> str:
    parts = [f"{report.parameters:,}"]
    if report.parameters_unshared != report.parameters:
        parts.append(
            f"{report.parameters_unshared:,} unshared, compression {_three_decimals(report.compression)}"
        )
    if report.parameters_as_printed != report.parameters:
        parts.append(f"{report.parameters_as_printed:,} as printed")
    return "; ".join(parts)


def _three_decimals(number: Fraction | None) -> str:
    return UNKNOWN if number is None else f"{float(number):.3f}x"


def bounds(report: CostReport, found: Terms) -> tuple[tuple[str, str], ...]:
    """Say what EE cannot exceed, and where it falls below 1."""
    bound, even = found.bound(report.timesteps), found.activity(report.timesteps)
    lines = [("EE at most", "not bounded" if bound is None else f"{times_text(bound)}, at S_A = 0")]
    if even is None:
        return tuple(lines)
    if even < 0:
        return (*lines, ("break-even", "never: without a single spike the SNN costs more"))
    always = ", which no train of single spikes has" if even > 1 else ""
    words = [f"S_A = {rate_text(even)} at T = {report.timesteps:,}{always}"]
    if found.product is not None:
        words.append(f"S_A T = {rate_text(found.product)}")
    if report.mean_activity is not None and (steps := found.steps(report.mean_activity)) is not None:
        words.append(f"T = {float(steps):,.1f} at S_A = {rate_text(report.mean_activity)}")
    return (*lines, ("break-even", "; ".join(words)))


def notes(report: CostReport) -> tuple[str, ...]:
    """What a reader must know before quoting a number."""
    return (*_printed_notes(report), *_activity_notes(report), *_unknown_notes(report))


def _printed_notes(report: CostReport) -> tuple[str, ...]:
    printed = (row.layer.printed for row in report.rows if row.layer.printed is not None)
    return tuple(
        f"the paper prints {one.text}, {one.parameters:,} parameters"
        + (f" ({one.reason})" if one.reason else "")
        for one in printed
    )


def _activity_notes(report: CostReport) -> tuple[str, ...]:
    found: list[str] = []
    given = report.activity.timesteps
    found.extend(
        f"{row.layer.label} reads a real value; the policy {report.policy.name} books it as AC"
        for row in report.rows
        if row.booking.per_spike and row.signal.kind is Kind.ANALOG
    )
    if given is not None and given != report.timesteps:
        found.append(f"the activity was measured at T = {given:,}; at T = {report.timesteps:,} it may differ")
    pooled = any(row.signal.area > 1 and row.booking.per_spike for row in report.rows)
    if report.effective is not None and pooled and report.policy.pooled == "mean":
        found.append(
            "behind an average pool Eqn (9) counts the mean of the spikes, the effective operations "
            "every spike before the pool"
        )
    return tuple(found)


def _unknown_notes(report: CostReport) -> tuple[str, ...]:
    if report.energy_ann is None:
        return (f"? the profile {report.profile.name} gives no energy for a MAC",)
    if report.energy_snn is None:
        return ("? needs an activity: --activity 0.05, or a file of measured rates",)
    return ()
