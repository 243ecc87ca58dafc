"""What a bound on memory costs and keeps: `python -m benchmarks.bounded`.

Two training steps of VGG5, four images, each setting in a process of its own: the most memory that the
process held above what it held before, and the time of the second step.
"""

import json
import subprocess
import sys
import time

import torch

import snnc
from benchmarks import memory
from benchmarks.report import rows_of

SETTINGS = ((100, None), (100, "256MiB"), (400, "1GiB"), (400, "256MiB"), (800, "256MiB"))
HEADER = ("T", "`memory`", "peak, MiB", "time of a step, s")


def measured(timesteps: int, bound: str | None) -> tuple[int, float]:
    """Return the peak in bytes and the seconds of the second step."""
    net, images = snnc.load("vgg5").snn(timesteps=timesteps, memory=bound), torch.rand(4, 3, 32, 32)
    base, seconds = memory.resident("cpu"), 0.0
    memory.forget_peak("cpu")
    for _ in range(2):
        start = time.perf_counter()
        net.zero_grad()
        net(images).square().sum().backward()
        seconds = time.perf_counter() - start
    return memory.peak("cpu") - base, seconds


def row(timesteps: int, bound: str | None) -> tuple[str, ...]:
    """Return a setting's row of the table, measured in another process."""
    setting = json.dumps([timesteps, bound])
    command = [sys.executable, "-m", "benchmarks.bounded", setting]
    answer = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    peak, seconds = json.loads(answer)
    return str(timesteps), f'`"{bound}"`' if bound else "none", f"{peak / 2**20:,.0f}", f"{seconds:.2g}"


def main(words: list[str]) -> None:
    """Print the table; with a setting, what was measured of it."""
    shown = (
        json.dumps(measured(*json.loads(words[0]))) if words else rows_of(HEADER, [row(*s) for s in SETTINGS])
    )
    sys.stdout.write(shown + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
