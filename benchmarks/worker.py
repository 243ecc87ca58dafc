"""The process of one contestant: builds its network, then measures one run for each line it reads.

    python -m benchmarks.worker '{"contestant": ..., "cell": ...}'

It answers in lines of JSON: first that it is ready, or why not, then a measurement for each run.
"""

import json
import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TextIO

import torch

from benchmarks import memory
from benchmarks.cells import Cell
from benchmarks.contestants.base import Contestant, Setting
from benchmarks.contestants.roster import CONTESTANTS
from benchmarks.networks import CLASSES, NETWORKS, Network, deeper, presented, weights
from benchmarks.noise import Clock
from benchmarks.verify import disagreement


def network_of(name: str) -> Network:
    """Return a network by its name; vgg3xn exists for each n."""
    return NETWORKS[name] if name in NETWORKS else deeper(int(name.removeprefix("vgg3x")))


def built(contestant: str, cell: Cell) -> Callable[[], object]:
    """Return one run of a contestant."""
    network = network_of(cell.network)
    setting = Setting(network, weights(network), cell.timesteps, cell.batch)
    model: Contestant = CONTESTANTS[contestant].build()(setting).to(cell.device)
    x = presented(network, cell.timesteps, cell.batch).to(cell.device)
    target = (torch.arange(cell.batch) % CLASSES).to(cell.device)

    def run() -> None:
        with precision(cell):
            if cell.mode == "inference":
                model.infer(x)
            else:
                model.learn(x, target)
        if cell.device == "cuda":
            torch.cuda.synchronize()

    return run


def precision(cell: Cell) -> AbstractContextManager[object]:
    """Return the context in which the weighted sums have the precision of the cell."""
    if cell.precision == "float32":
        return nullcontext()
    return torch.autocast(cell.device, getattr(torch, cell.precision))


def measured(run: Callable[[], object], device: str, base: int) -> dict[str, object]:
    """Return what one run took; memory is that above ``base``."""
    memory.forget_peak(device)
    start = Clock.now()
    run()
    return {**Clock.now().since(start), "peak_bytes": memory.peak(device) - base}


def main() -> None:
    """Serve until the other end closes."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what a library prints is no answer
    job = json.loads(sys.argv[1])
    contestant, cell = job["contestant"], Cell(**job["cell"])
    torch.set_num_threads(cell.threads)
    try:
        reason = disagreement(CONTESTANTS[contestant], network_of(cell.network)) if job["verify"] else ""
        run = built(contestant, cell)
    except ImportError as error:
        say(answers, {"absent": f"not installed ({error})"})
        return
    say(answers, {"wrong": reason} if reason else {"ready": CONTESTANTS[contestant].release()})
    base = memory.resident(cell.device)
    for _ in sys.stdin:
        say(answers, measured(run, cell.device, base))


def say(answers: TextIO, answer: dict[str, object]) -> None:
    """Write one answer."""
    answers.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
