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

from snnc.analysis.breakeven import Terms, terms
from snnc.analysis.cost import CostReport
from snnc.analysis.rows import CostRow
from snnc.backends.report.numbers import UNKNOWN, count_text, energy_text, rate_text, times_text
from snnc.backends.report.words import header, notes, results

Cell = str | int | Fraction | None
CellKind = Literal["text", "count", "rate", "energy", "times"]
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
    Column("output_rate", "output rate", "rate"),
    Column("ops_per_step", "at a step", "count"),
    Column("ops_per_inference", "operations", "count"),
    Column("effective_ops", "effective", "count"),
    Column("energy_ann_pj", "E_ANN", "energy"),
    Column("energy_snn_pj", "E_SNN", "energy"),
    Column("ee", "EE", "times"),
    Column("break_even_activity", "break-even S_A", "rate"),
    Column("break_even_product", "break-even S_A T", "rate"),
    Column("break_even_timesteps", "break-even T", "rate"),
)


def full_sheet(report: CostReport) -> Sheet:
    """Return the table with every column, for files that programs read."""
    cells, totals = map(_cells, report.rows), _total(report)
    rows = tuple(tuple(one.get(column.key, "") for column in FULL) for one in cells)
    total = tuple(totals.get(column.key, "") for column in FULL)
    return Sheet(report.network, header(report), FULL, rows, total, results(report), notes(report))


SHORT = frozenset({"layer", "output", "parameters", "macs", "input", "op", "energy_ann_pj"})
SYMBOLIC = SHORT | {"form", "break_even_activity"}
PRICED = SHORT | {"activity", "ops_per_inference", "energy_snn_pj", "ee"}


def short_sheet(report: CostReport) -> Sheet:
    """Return the table with the columns that tell something, for people."""
    if report.energy_snn is None and report.mean_activity is None:
        return _chosen(report, SYMBOLIC)
    measured = {"effective_ops"} if report.effective is not None else set()
    if any(row.rate and row.rate.output is not None for row in report.rows):
        measured.add("output_rate")
    return _chosen(report, PRICED | measured)


def page_sheet(report: CostReport) -> Sheet:
    """Return the table of a page that can fill in every number itself."""
    measured = {"effective_ops"} if report.effective is not None else set()
    return _chosen(report, PRICED | {"form"} | measured)


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
        "output_rate": "" if row.rate is None or row.rate.output is None else row.rate.output,
        "ops_per_step": row.operations_per_step if row.booking.per_step else "",
        "ops_per_inference": row.operations,
        "effective_ops": row.effective if spikes else "",
        "energy_ann_pj": row.artificial_energy,
        "energy_snn_pj": row.energy,
        "ee": row.saves if row.booking.count and row.artificial.count else "",
        **(break_even(found, row.timesteps, row.rate.value if row.rate else None) if spikes else {}),
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
        **break_even(terms(report.rows), report.timesteps, report.mean_activity),
    }


def break_even(found: Terms | None, timesteps: int, activity: Fraction | None) -> dict[str, Cell]:
    """Return the S_A, the product S_A T and the T at which both twins cost the same."""
    return {
        "break_even_activity": found.activity(timesteps) if found else None,
        "break_even_product": found.product if found else None,
        "break_even_timesteps": found.steps(activity) if found and activity is not None else None,
    }
