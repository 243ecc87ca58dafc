"""Tables in Markdown, written into a document between two markers, so that its prose stays."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.cells import MODES, Cell
from benchmarks.figures import Figure, fastest_peer, figures, leanest_peer, ratio
from benchmarks.store import Record

FLOORS = ("floor", "floor, untiled")


def between(text: str, name: str, table: str) -> str:
    """Return the text with what lies between the markers of that name replaced.

    Raises ``ValueError`` where they do not stand there once, in this order.
    """
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    head, found, rest = text.partition(begin)
    _, closed, tail = rest.partition(end)
    if not found or not closed or begin in tail or end in head + tail:
        raise ValueError(f"the document has not one {begin} with one {end} behind it")
    return f"{head}{begin}\n\n{table.strip()}\n\n{end}{tail}"


def write(document: Path, name: str, table: str) -> None:
    """Replace what lies between the markers of a document."""
    document.write_text(between(document.read_text(), name, table))


def rows_of(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; the first column is text, the others are numbers."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def report(found: list[Record]) -> str:
    """Return the machines, a table of ratios, and a table for each condition."""
    parts = []
    for machine in _machines(found):
        mine = [record for record in found if record["machine"] == machine]
        parts += [describe(machine), summary(mine), *conditions(mine)]
    return "\n\n".join(parts)


def _machines(found: list[Record]) -> list[dict[str, str]]:
    return [
        r["machine"] for i, r in enumerate(found) if r["machine"] not in [s["machine"] for s in found[:i]]
    ]


def describe(machine: dict[str, str]) -> str:
    """Return the machine in one line."""
    facts = ", ".join(
        f"{machine[name]} {unit}".strip()
        for name, unit in (("processor", ""), ("cores", "cores"), ("threads", "threads"), ("memory", ""))
    )
    releases = f"Python {machine['python']}, torch {machine['torch']}, snnc {machine['snnc']}"
    return f"**{facts}**; {machine['features'] or 'no features noted'}; {machine['system']}; {releases}."


def summary(found: list[Record]) -> str:
    """Return one row for each cell: snnc beside the floor and the best of the other libraries."""
    header = (
        "cell",
        "snnc, s",
        "of the fastest peer",
        "of the floor",
        "of the untiled floor",
        "peak of the leanest peer's",
    )
    return rows_of(header, [row for record in found if (row := _ratios(record))])


def _ratios(record: Record) -> list[str]:
    found = figures(record["results"])
    if "snnc" not in found:
        return []
    ours, fast, lean = found["snnc"], fastest_peer(found), leanest_peer(found)
    floors = [ratio(ours.seconds, found[name].seconds) for name in FLOORS if name in found]
    return [
        f"{Cell(**record['cell'])}{' (noisy)' if any(f.noisy for f in found.values()) else ''}",
        f"{ours.seconds:.3g}",
        f"{ratio(ours.seconds, found[fast].seconds)} ({fast})" if fast else "-",
        *(floors if len(floors) == len(FLOORS) else ["-"] * len(FLOORS)),
        f"{ratio(ours.peak_mib, found[lean].peak_mib)} ({lean})" if lean else "-",
    ]


def conditions(found: list[Record]) -> Iterable[str]:
    """Yield a table of all contestants for each network, number of steps and precision."""
    groups: dict[tuple[Any, ...], dict[str, Record]] = {}
    for record in found:
        cell = Cell(**record["cell"])
        groups.setdefault((cell.network, cell.timesteps, cell.batch, cell.precision), {})[cell.mode] = record
    for (network, timesteps, batch, precision), modes in groups.items():
        yield f"{network}, T = {timesteps}, batch {batch}, {precision}:\n\n{_contestants(modes)}"


def _contestants(modes: dict[str, Record]) -> str:
    names = list(dict.fromkeys(name for record in modes.values() for name in record["results"]))
    present = [mode for mode in MODES if mode in modes]
    header = ["contestant", *[f"{mode}, {unit}" for mode in present for unit in ("s", "MiB")]]
    return rows_of(header, [[_titled(name, modes), *_cells(name, modes, present)] for name in names])


def _titled(name: str, modes: dict[str, Record]) -> str:
    releases = [record["results"].get(name, {}).get("release", "") for record in modes.values()]
    return f"{name} {max(releases)}".strip()


def _cells(name: str, modes: dict[str, Record], present: list[str]) -> list[str]:
    found: list[str] = []
    for mode in present:
        results = modes[mode]["results"]
        shown = figures(results).get(name)
        absent = results.get(name, {}).get("absent", "not run")
        found += _shown(shown) if shown else [f"absent: {absent}", ""]
    return found


def _shown(shown: Figure) -> list[str]:
    return [f"{shown.seconds:.3g}{' (noisy)' if shown.noisy else ''}", f"{shown.peak_mib:,.0f}"]
