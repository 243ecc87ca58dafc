"""Files, written whole or not at all.

Everything is made before anything is written. Each file is written under a temporary name beside its
target, synchronised and renamed; a failure takes away what this run had made. Links are not followed.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

LONGEST_WAIT = 10.0  # seconds for another run of snnc to finish writing its few files
TEMPORARY = ".snnc-{}.tmp"


def write_files(contents: Mapping[Path, bytes], own: Iterable[Path] = ()) -> None:
    """Write files into their folders, which are made where they are missing.

    ``own`` are the folders whose names snnc chose itself, outermost first: links there are refused,
    while one that the user named may be a link. Raises `OSError`; then no file of this call is left
    that was not there before, and what was there is whole.
    """
    for folder in own:
        _refuse_link(folder)
    with ExitStack() as locks, _Writing() as writing:
        for folder in sorted({path.parent for path in contents}):
            writing.make_folder(folder)
            locks.enter_context(_locked(folder))
            _sweep(folder)
        for path in contents:
            _refuse_target(path)
        for path, content in contents.items():
            writing.stage(path, content)
        writing.place()


def replace_file(path: Path, content: bytes) -> None:
    """Write a file anew that the user named; where it is a link, the file behind it. Raises `OSError`."""
    write_files({Path(os.path.realpath(path)): content})


@dataclass
class _Writing:
    """What one call has made so far; leaving it by an exception takes all of it away."""

    folders: list[Path] = field(default_factory=list)
    staged: dict[Path, Path] = field(default_factory=dict)
    placed: list[Path] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            return
        for path in (*self.staged.values(), *self.placed):
            path.unlink(missing_ok=True)
        for folder in reversed(self.folders):
            with suppress(OSError):  # another run may have moved in
                folder.rmdir()

    def make_folder(self, folder: Path) -> None:
        missing = [one for one in (folder, *folder.parents) if not one.exists()]
        for one in reversed(missing):
            one.mkdir(exist_ok=True)
            self.folders.append(one)

    def stage(self, path: Path, content: bytes) -> None:
        temporary = path.with_name(TEMPORARY.format(secrets.token_hex(4)))
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with open(os.open(temporary, flags, 0o666), "wb") as stream:  # noqa: PTH123  it must be a new file
            self.staged[path] = temporary
            if path.exists():
                temporary.chmod(stat.S_IMODE(path.stat().st_mode))
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())

    def place(self) -> None:
        for path, temporary in tuple(self.staged.items()):
            new = not path.exists()
            temporary.replace(path)
            del self.staged[path]
            if new:
                self.placed.append(path)


def _refuse_link(path: Path) -> None:
    if path.is_symlink():
        raise OSError(errno.ELOOP, "a symbolic link, through which snnc does not write", str(path))


def _refuse_target(path: Path) -> None:
    """Refuse what a rename would wrongly replace: links, folders, devices, and files one may not write."""
    _refuse_link(path)
    if not path.exists():
        return
    if not path.is_file():
        raise OSError(errno.EINVAL, "not a regular file, so it is not replaced", str(path))
    if not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


def _sweep(folder: Path) -> None:
    """Remove what a run that was killed has left; the lock says that nobody is writing it."""
    for stale in folder.glob(TEMPORARY.format("?" * 8)):
        if not stale.is_dir():
            stale.unlink(missing_ok=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other runs of snnc from writing into a folder, so that its files are those of one run.

    The lock is the folder's own and leaves no file. Raises `BlockingIOError` when another run holds it
    for long; where the file system has no locks, each file is still written whole.
    """
    if os.name != "posix":
        yield
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _lock(handle, folder)
        yield
        with suppress(OSError):  # not every file system has it
            os.fsync(handle)  # the renames, too, survive a crash
    finally:
        os.close(handle)


def _lock(handle: int, folder: Path) -> None:
    import fcntl

    start = time.monotonic()
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() - start > LONGEST_WAIT:
                raise BlockingIOError(
                    errno.EAGAIN, "another run of snnc is writing here", str(folder)
                ) from error
            time.sleep(0.02)
        except OSError:
            return
        else:
            return
