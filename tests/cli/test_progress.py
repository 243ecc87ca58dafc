"""``snnc train`` on a terminal: a bar that moves, and Ctrl-C as the keyboard sends it."""

from __future__ import annotations

import os
import pty
import re
import select
import sys
import time
from pathlib import Path

import pytest

from snnc.train.arrays import digits

STREAMED = """
import snnc.train.folder as folder
folder.MEMORY = 1  # so that even a few images are decoded by workers
from snnc.cli.main import main
main()
"""


class Terminal:
    """A command that runs on a terminal of its own, as a shell would start it."""

    def __init__(self, *command: str) -> None:
        self.number, self.handle = pty.fork()
        if self.number == 0:
            os.environ |= {"TERM": "xterm-256color", "COLUMNS": "100"}
            os.execvp(command[0], command)  # noqa: S606 - there is no shell between
        self.shown = ""

    def until(self, pattern: str, seconds: float = 120) -> None:
        """Read until something is shown."""
        end = time.monotonic() + seconds
        while not re.search(pattern, self.shown):
            assert time.monotonic() < end, self.shown
            assert self._read(), self.shown

    def end(self) -> int:
        """Read to the end and return the exit code."""
        while self._read():
            pass
        os.close(self.handle)
        return os.waitstatus_to_exitcode(os.waitpid(self.number, 0)[1])

    def press(self, key: bytes) -> None:
        os.write(self.handle, key)

    def _read(self) -> bool:
        try:
            select.select([self.handle], [], [], 120)
            some = os.read(self.handle, 65536)
        except OSError:  # how Linux says that the other side is closed
            return False
        self.shown += some.decode(errors="replace")
        return bool(some)


def test_a_terminal_sees_a_bar_and_a_line_for_each_epoch(shell):
    screen = Terminal(*shell.command("train", "digits", "--epochs", "2", "-T", "2"))
    assert screen.end() == 0
    assert "━" in screen.shown
    assert re.search(r"\d+/44\b.* loss \d\.\d{4}", screen.shown)
    assert "44/44" in screen.shown
    assert re.search(r"\x1b\[\?25l.*\x1b\[\?25h", screen.shown, re.DOTALL)  # the cursor comes back
    assert re.search(r"epoch 1: loss .*epoch 2: loss ", screen.shown, re.DOTALL)
    assert re.search(r"\x1b\[[0-9;]*3[0-9;]*m", screen.shown)


def test_no_bar_is_drawn_where_none_is_wanted(shell):
    never = Terminal(*shell.command("train", "digits", "--epochs", "1", "-T", "2", "--color", "never"))
    assert never.end() == 0
    assert "\x1b" not in never.shown
    assert "epoch 1: loss " in never.shown


def test_ctrl_c_reaches_no_worker_and_the_run_goes_on(tmp_path: Path):
    """The keyboard interrupts all processes of a terminal, those that decode images, too."""
    image = pytest.importorskip("PIL.Image")
    split = digits().train
    for part in ("train", "test"):
        for number in range(64):
            path = tmp_path / "images" / part / str(split.labels[number]) / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            image.fromarray(split.pixels[number, 0]).save(path)
    command = [sys.executable, "-c", STREAMED, "train", "digits", "-d", str(tmp_path / "images"), "-T", "2"]
    options = ["--batch", "4", "--epochs", "30", "-o", str(tmp_path / "run"), "--set", "log.test=99"]
    screen = Terminal(*command, *options)
    screen.until(r"2\d/480")
    screen.press(b"\x03")
    assert screen.end() == 130
    assert "Traceback" not in screen.shown
    assert re.search(r"interrupted after step \d+; --resume goes on from there", screen.shown)
    assert sorted((tmp_path / "run" / "checkpoints").iterdir())
