"""How time and memory of snnc grow with steps, batch and depth: `python -m benchmarks.scaling`."""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import parts, store
from benchmarks.cells import MODES, Cell
from benchmarks.figures import figure
from benchmarks.machine import machine
from benchmarks.plot import plot
from benchmarks.race import LIMIT, Say, race, say_on_stderr
from benchmarks.report import rows_of, write

STORE = Path(__file__).with_name("results.jsonl")
TIMESTEPS, BATCHES, DEPTHS = (1, 5, 25, 100, 400), (1, 4, 16, 64), (1, 4, 16)
BATCH = 4


def sweeps(threads: int) -> dict[str, list[Cell]]:
    """Return the cells of each table; in each, one number changes."""
    middle = Cell("vgg5", 25, BATCH, threads=threads)
    rows = {
        "timesteps": [replace(middle, timesteps=t) for t in TIMESTEPS],
        "batch": [replace(middle, batch=b) for b in BATCHES],
        "depth": [replace(middle, network=f"vgg3x{n}") for n in DEPTHS],
    }
    return {
        name: [replace(cell, mode=mode) for cell in cells for mode in MODES] for name, cells in rows.items()
    }


def measure(path: Path, threads: int, repeats: int, say: Say) -> None:
    """Run what the store does not hold."""
    here = machine("cpu", threads)
    known = store.done(path, here, "scaling")
    wanted = dict.fromkeys(cell for cells in sweeps(threads).values() for cell in cells)
    for cell in wanted:
        if cell not in known:
            results = race(cell, ("snnc",), repeats, say, limit=LIMIT)
            store.append(path, store.record_of(cell, here, results, "scaling"))
    for kind, measured in (("compile", parts.compiling), ("static", parts.static)):
        if kind not in {record["kind"] for record in store.records(path) if record["machine"] == here}:
            store.append(path, {"kind": kind, "cell": {}, "machine": here, "results": measured(repeats)})
            say(f"{kind}: measured")


def tables(path: Path, threads: int) -> Iterator[str]:
    """Yield a table for each sweep."""
    known = store.done(path, machine("cpu", threads), "scaling")
    for name, cells in sweeps(threads).items():
        header = (name, *(f"{mode}, {unit}" for mode in MODES for unit in ("s", "MiB")))
        by_row: dict[str, list[str]] = {}
        for cell in cells:
            by_row.setdefault(changed(name, cell), []).extend(shown(known.get(cell, {})))
        yield rows_of(header, [(row, *numbers) for row, numbers in by_row.items()])
    for kind, header in (("compile", parts.COMPILE_HEADER), ("static", parts.STATIC_HEADER)):
        for record in store.latest(path, kind):
            results = record["results"].items()
            yield rows_of(header, [(name, *(f"{x:.3g}" for x in numbers)) for name, numbers in results])


def changed(name: str, cell: Cell) -> str:
    """Return the number that a sweep changes."""
    return cell.network.removeprefix("vgg3x") if name == "depth" else str(getattr(cell, name))


def shown(results: dict[str, Any]) -> list[str]:
    """Return the seconds and the MiB of one cell."""
    runs = results.get("snnc", {}).get("runs")
    if not runs:
        return [results.get("snnc", {}).get("absent", "not run"), ""]
    found = figure(runs)
    return [f"{found.seconds:.3g}{' (noisy)' if found.noisy else ''}", f"{found.peak_mib:,.0f}"]


def plots(path: Path, threads: int) -> dict[str, str]:
    """Return the two plots over T, by file name."""
    known = store.done(path, machine("cpu", threads), "scaling")
    seconds: dict[str, list[tuple[float, float]]] = {mode: [] for mode in MODES}
    memory: dict[str, list[tuple[float, float]]] = {mode: [] for mode in MODES}
    for cell in sweeps(threads)["timesteps"]:
        runs = known.get(cell, {}).get("snnc", {}).get("runs")
        if runs:
            found = figure(runs)
            seconds[cell.mode].append((cell.timesteps, found.seconds))
            memory[cell.mode].append((cell.timesteps, found.peak_mib))
    title = f"VGG5, batch {BATCH}"
    return {
        "time_over_steps.svg": plot(f"Time, {title}", "time-steps T", "seconds", seconds),
        "memory_over_steps.svg": plot(f"Peak memory, {title}", "time-steps T", "MiB", memory),
    }


def main(words: Sequence[str] | None = None) -> int:
    """Measure what is missing and print the tables."""
    parser = argparse.ArgumentParser(prog="benchmarks.scaling", description="How time and memory grow.")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--store", type=Path, default=STORE)
    parser.add_argument("--document", type=Path, help="write the tables into this one, between its markers")
    parser.add_argument("--images", type=Path, help="write the plots into this folder")
    asked = parser.parse_args(words)
    measure(asked.store, asked.threads, asked.repeats, say_on_stderr)
    found = "\n\n".join(tables(asked.store, asked.threads))
    if asked.document:
        write(asked.document, "scaling", found)
    for name, drawing in plots(asked.store, asked.threads).items() if asked.images else ():
        (asked.images / name).write_text(drawing)
    sys.stdout.write(found + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
