"""One cell: its contestants, each in a process of its own, run in turns, round after round.

Whatever changes on the machine meanwhile, its clock or its guests, then falls on all of them.
"""

import sys
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.cells import Cell
from benchmarks.racer import Answer, GivenUpError, Racer

WARM_UP = 1  # rounds whose numbers are dropped: code is built, memory is touched, tiles are tried
LIMIT = 150.0  # seconds that one run may take
Say = Callable[[str], None]


def say_on_stderr(line: str) -> None:
    """Tell how far it is."""
    sys.stderr.write(f"{line}\n")


def race(
    cell: Cell, names: Sequence[str], repeats: int, say: Say, *, verify: bool = False, limit: float = LIMIT
) -> dict[str, Any]:
    """Return for each contestant its runs, or in one line why there are none.

    To ``verify`` is to ask each first whether it computes the network, which takes some seconds.
    """
    racers, results = _line_up(cell, names, say, verify=verify, limit=limit)
    try:
        for turn in range(-WARM_UP if repeats else 0, repeats):
            for name in _turned(list(racers), turn):
                _let_run(racers, results, name, turn)
            say(f"{cell}: {'warmed up' if turn < 0 else f'round {turn + 1} of {repeats}'}")
    finally:
        for racer in racers.values():
            racer.stop()
    return results


def _line_up(
    cell: Cell, names: Sequence[str], say: Say, *, verify: bool, limit: float
) -> tuple[dict[str, Racer], dict[str, Any]]:
    racers = {name: Racer(name, cell, limit, verify=verify) for name in names}
    results: dict[str, Any] = {}
    for name in names:
        try:
            results[name] = {"release": racers[name].ready(), "runs": []}
        except GivenUpError as error:
            racers.pop(name).stop()
            results[name] = {"absent": str(error)}
            say(f"{cell}: {name} does not take part: {error}")
    return racers, results


def _let_run(racers: dict[str, Racer], results: dict[str, Any], name: str, turn: int) -> None:
    try:
        answer: Answer = racers[name].run()
    except GivenUpError as error:
        racers.pop(name).stop()
        results[name] = {"absent": str(error)}
        return
    if turn >= 0:
        results[name]["runs"].append(answer)


def _turned(names: list[str], turn: int) -> list[str]:
    """Return the names in another order each round: nobody always follows the same one."""
    first = turn % len(names) if names else 0
    return names[first:] + names[:first]
