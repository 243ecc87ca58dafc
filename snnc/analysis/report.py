"""The short table that a compilation prints: layer, application, shape, parameters, MACs.

Plain text of a stable form, without colours; a layer that the paper prints otherwise has its remark.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from snnc.analysis.layers import LayerRow, layer_rows
from snnc.ir.program import Program

__all__ = ["layer_rows", "layer_table"]

_HEADER = ("layer", "application", "output", "parameters", "MACs")


def layer_table(program: Program) -> str:
    """Return the table of an unrolled program as text, a total at its end and remarks below."""
    rows = layer_rows(program)
    cells = [_HEADER, *(_cells(row) for row in rows), _total(rows)]
    lines = aligned(cells, left={0, 1, 2})
    rule = "-" * max(map(len, lines))
    table = [lines[0], rule, *lines[1:-1], rule, lines[-1]]
    return "\n".join([*table, *_remarks(rows)]) + "\n"


def _cells(row: LayerRow) -> tuple[str, ...]:
    repeated = str(row.application) if row.node.application else ""
    return (row.layer, repeated, str(row.shape), f"{row.parameters:,}", f"{row.macs:,}")


def _total(rows: Sequence[LayerRow]) -> tuple[str, ...]:
    parameters, macs = sum(row.parameters for row in rows), sum(row.macs for row in rows)
    return ("total", "", "", f"{parameters:,}", f"{macs:,}")


def _remarks(rows: Iterable[LayerRow]) -> Iterable[str]:
    for row in rows:
        if row.printed is not None:
            reason = f" ({row.printed.reason})" if row.printed.reason else ""
            yield f"the paper prints {row.printed.text}, {row.printed.parameters:,} parameters{reason}"


def aligned(cells: Sequence[Sequence[str]], left: AbstractSet[int]) -> list[str]:
    """Return lines of padded cells: the columns in ``left`` stand to the left, the rest to the right."""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(_pad(row, widths, left)).rstrip() for row in cells]


def _pad(row: Sequence[str], widths: Sequence[int], left: AbstractSet[int]) -> Iterable[str]:
    for index, (cell, width) in enumerate(zip(row, widths, strict=True)):
        yield cell.ljust(width) if index in left else cell.rjust(width)
