"""Measure, cell by cell, and write the tables: `python -m benchmarks --help`."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from benchmarks import report, store
from benchmarks.cells import BATCH, MODES, PRECISIONS, TIMESTEPS, Cell, grid
from benchmarks.contestants.roster import CONTESTANTS
from benchmarks.figures import figures
from benchmarks.machine import machine
from benchmarks.networks import NETWORKS
from benchmarks.noise import NOISY_CORES
from benchmarks.race import LIMIT, Say, race, say_on_stderr

STORE = Path(__file__).with_name("results.jsonl")


def options(words: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="Time and memory beside other libraries.")
    choose = {"network": tuple(NETWORKS), "mode": MODES, "precision": PRECISIONS}
    for name, allowed in choose.items():
        parser.add_argument(f"--{name}", nargs="+", choices=allowed, default=list(allowed))
    parser.add_argument("--timesteps", nargs="+", type=int, default=list(TIMESTEPS))
    parser.add_argument("--contestant", nargs="+", choices=tuple(CONTESTANTS), default=list(CONTESTANTS))
    parser.add_argument("--batch", type=int, default=BATCH)
    parser.add_argument("--repeats", type=int, default=7, help="rounds that are measured; one more warms up")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--limit", type=float, default=LIMIT, help="seconds that one run may take")
    parser.add_argument(
        "--store", type=Path, default=STORE, help="JSON lines; what is in there is not run again"
    )
    parser.add_argument("--document", type=Path, help="write the tables into this one, between its markers")
    parser.add_argument("--json", action="store_true", help="print the records rather than tables")
    return parser.parse_args(words)


def cells_of(asked: argparse.Namespace) -> list[Cell]:
    """Return the cells that are asked for."""
    return grid(
        tuple(asked.network),
        tuple(asked.timesteps),
        tuple(asked.mode),
        tuple(asked.precision),
        batch=asked.batch,
        device=asked.device,
        threads=asked.threads,
    )


def measure(asked: argparse.Namespace, say: Say) -> None:
    """Run the cells that the store does not hold."""
    here = machine(asked.device, asked.threads)
    known = store.done(asked.store, here)
    for cell in cells_of(asked):
        if cell in known:
            say(f"{cell}: already measured")
            continue
        fit, unfit = verified(asked, cell, here, say)
        results = race(cell, fit, asked.repeats, say, limit=asked.limit) | unfit
        store.append(asked.store, store.record_of(cell, here, results))
        warn(cell, results, say)


def verified(
    asked: argparse.Namespace, cell: Cell, here: dict[str, str], say: Say
) -> tuple[list[str], dict[str, Any]]:
    """Return who computes the network of a cell, and of the others why they are left out."""
    shortest = Cell(cell.network, 1, 1, device=cell.device, threads=cell.threads)
    results = store.done(asked.store, here, "verified").get(shortest, {})
    if not results.keys() >= set(asked.contestant):
        results = results | race(shortest, asked.contestant, 0, say, verify=True, limit=asked.limit)
        store.append(asked.store, store.record_of(shortest, here, results, "verified"))
    asked_for = {name: results[name] for name in asked.contestant}
    unfit = {name: result for name, result in asked_for.items() if "absent" in result}
    return [name for name in asked_for if name not in unfit], unfit


def warn(cell: Cell, results: dict[str, Any], say: Say) -> None:
    """Tell of the contestants beside which something else ran."""
    noisy = {name: f.foreign_cores for name, f in figures(results).items() if f.noisy}
    if noisy:
        told = ", ".join(f"{cores:.1f} beside {name}" for name, cores in noisy.items())
        say(f"{cell}: NOISY: other processes kept cores busy, {told}; up to {NOISY_CORES} is quiet")


def main(words: Sequence[str] | None = None) -> int:
    """Measure what is asked for and print it."""
    asked = options(words)
    if asked.device == "cuda" and not torch.cuda.is_available():
        sys.stderr.write("error: there is no CUDA device\n")
        return 2
    measure(asked, say_on_stderr)
    found = store.latest(asked.store)
    if asked.document:
        report.write(asked.document, "benchmarks", report.report(found))
    shown = (
        json.dumps({"schema": "snnc.benchmarks/1", "records": found}) if asked.json else report.report(found)
    )
    sys.stdout.write(shown + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
