"""What was measured: a file of JSON lines, one for each cell, so that a run can be taken up again."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.cells import Cell

Record = dict[str, Any]


def append(path: Path, record: Record) -> None:
    """Add one record, whole or not at all for whoever reads on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = not path.exists() or path.read_text()[-1:] in ("", "\n")  # else a run was cut off
    with path.open("a") as file:
        file.write(("" if whole else "\n") + json.dumps(record) + "\n")


def records(path: Path) -> Iterator[Record]:
    """Yield what is there; a last line that was cut off is no record."""
    if not path.exists():
        return
    for line in path.read_text().splitlines():
        try:
            yield json.loads(line)
        except json.JSONDecodeError:
            continue


def record_of(cell: Cell, machine: dict[str, str], results: dict[str, Any], kind: str = "cell") -> Record:
    """Return what is stored of a cell."""
    return {"kind": kind, "cell": asdict(cell), "machine": machine, "results": results}


def done(path: Path, machine: dict[str, str], kind: str = "cell") -> dict[Cell, dict[str, Any]]:
    """Return the results that were got on this very machine, by these very releases."""
    return {
        Cell(**record["cell"]): record["results"]
        for record in records(path)
        if record["kind"] == kind and record["machine"] == machine
    }


def latest(path: Path, kind: str = "cell") -> list[Record]:
    """Return the last record of each cell, in the order in which cells first came."""
    found: dict[str, Record] = {}
    for record in records(path):
        if record["kind"] == kind:
            found[json.dumps([record["cell"], record["machine"].get("processor")])] = record
    return list(found.values())
