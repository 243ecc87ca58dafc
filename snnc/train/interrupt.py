"""Ctrl-C and SIGTERM as a question between two steps, so that a run ends on a whole checkpoint."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Asked:
    """Whether the run was asked to stop."""

    def __init__(self) -> None:
        self._flag = False

    def __call__(self) -> bool:
        return self._flag

    def note(self, number: int, _frame: FrameType | None) -> None:
        if self._flag:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        self._flag = True


@contextmanager
def asked_to_stop() -> Iterator[Asked]:
    """Turn Ctrl-C and SIGTERM into a question that the loop asks between two steps; a second one kills."""
    asked = Asked()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    before = {number: signal.signal(number, asked.note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
