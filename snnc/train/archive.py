"""A tar archive, perhaps gzipped, as pairs of a name and bytes: read in memory, never unpacked.

Nothing is written, so no member can land outside a folder. Links, devices, absolute and climbing names,
members and archives that are too large, and too many members are refused.
"""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from snnc.train.images import DataError
from snnc.train.meter import Metered, opened

MOST_MEMBERS = 80_000
LARGEST_MEMBER = 1 << 26  # 64 MiB; a batch of CIFAR-10 has 31 MB


def members(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of every file of an archive, in its order. Raises `DataError`."""
    with opened(path) as packed:
        metered = Metered(path.name, packed)
        try:
            with tarfile.open(fileobj=metered, mode="r|") as archive:
                yield from _files(path.name, archive)
        except (tarfile.TarError, EOFError, zlib.error, ValueError, OverflowError, RecursionError) as error:
            if isinstance(error, DataError):
                raise
            raise DataError(f"{path.name}: the archive cannot be read: {error}") from error


def _files(name: str, archive: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    for count, member in enumerate(archive):
        archive.members = []  # type: ignore[attr-defined]  # it would remember all of them
        if count >= MOST_MEMBERS:
            raise DataError(f"{name}: it has more than {MOST_MEMBERS:,} members")
        _refuse(name, member)
        if member.isdir():
            continue
        stream = archive.extractfile(member)
        content = stream.read(member.size) if stream else b""
        if len(content) != member.size:
            raise DataError(f"{name}: {member.name!r} ends early")
        yield member.name, content


def _refuse(name: str, member: tarfile.TarInfo) -> None:
    inside = PurePosixPath(member.name)
    if inside.is_absolute() or ".." in inside.parts or "\\" in member.name or "\0" in member.name:
        raise DataError(f"{name}: {member.name!r} would lie outside the archive's folder")
    if not (member.isreg() or member.isdir()) or member.issparse():
        raise DataError(f"{name}: {member.name!r} is a link or device; only files and folders are read")
    if member.size > LARGEST_MEMBER:
        raise DataError(f"{name}: {member.name!r} has {member.size:,} bytes; at most {LARGEST_MEMBER:,}")
