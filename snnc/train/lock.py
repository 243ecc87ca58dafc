"""One run to a folder: a lock that dies with its holder, so that a stale one is no lock."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = ".lock"


class LockedError(RuntimeError):
    """Another process is at work in the folder. The message names it."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder, which is made if need be. Raises `LockedError` at once where another holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / NAME, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    try:
        _take(handle, folder)
        os.ftruncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(handle)


def _take(handle: int, folder: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.read(handle, 20).decode(errors="replace").strip() or "unknown"
        raise LockedError(f"{folder} is in use by the run of process {holder}") from error
