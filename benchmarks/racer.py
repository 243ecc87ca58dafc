"""The other end of worker.py: a contestant's process, asked one thing at a time."""

import json
import os
import select
import subprocess
import sys
import tempfile
from dataclasses import asdict
from typing import IO, Any, final

from benchmarks.cells import Cell

Answer = dict[str, Any]


class GivenUpError(Exception):
    """A contestant does not take part or gave no answer; the message says why."""


@final
class Racer:
    """A contestant's process, which builds its network while others are started.

    ``limit`` is the number of seconds that one answer may take. Its methods raise ``GivenUpError``.
    """

    def __init__(self, name: str, cell: Cell, limit: float, *, verify: bool) -> None:
        self.name, self.limit = name, limit
        self.errors: IO[str] = tempfile.TemporaryFile("w+")  # noqa: SIM115 - open as long as the process
        job = json.dumps({"contestant": name, "cell": asdict(cell), "verify": verify})
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "benchmarks.worker", job],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": str(cell.threads), "MKL_NUM_THREADS": str(cell.threads)},
        )

    def ready(self) -> str:
        """Wait until it is ready to run, and return the release of its library."""
        answer = self._answer()
        for word in ("absent", "wrong"):
            if word in answer:
                raise GivenUpError(answer[word])
        return str(answer["ready"])

    def run(self) -> Answer:
        """Return the measurement of one run."""
        stdin = self.process.stdin
        if stdin is None or self.process.poll() is not None:
            raise GivenUpError(self._last_words())
        stdin.write("run\n")
        stdin.flush()
        return self._answer()

    def _answer(self) -> Answer:
        stdout = self.process.stdout
        if stdout is None or not select.select([stdout], [], [], self.limit)[0]:
            raise GivenUpError(f"took more than {self.limit:g} s")
        line = stdout.readline()
        if not line:
            raise GivenUpError(self._last_words())
        answer: Answer = json.loads(line)
        return answer

    def _last_words(self) -> str:
        """Return how the process ended: the last line that it wrote, or the signal that killed it."""
        status = self.process.wait()
        self.errors.seek(0)
        lines = self.errors.read().strip().splitlines()
        if status < 0:
            return f"killed by signal {-status}" + (", out of memory?" if status == -9 else "")
        return lines[-1][:200] if lines else f"ended with status {status}"

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.errors):
            if stream is not None:
                stream.close()
