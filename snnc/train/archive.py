"""A tar archive, perhaps gzipped, as pairs of a name and bytes: read in memory, never unpacked.

Nothing is written, so no member can land outside a folder. Links, devices, absolute and climbing names,
members and archives that are too large, and too many members are refused, those sooner that nobody wants.
"""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from snnc.train.images import DataError
from snnc.train.meter import Metered, opened

MOST_MEMBERS = 80_000
MOST_OTHERS = 5_000  # folders and files that are not asked for
LARGEST_MEMBER = 1 << 25  # 32 MiB; a batch of CIFAR-10 has 31 MB


def members(path: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of the files of an archive that are wanted, in its order.

    Raises `DataError` for what is wrong with any member.
    """
    with opened(path) as packed:
        metered = Metered(path.name, packed)
        try:
            with tarfile.open(fileobj=metered, mode="r|") as archive:
                yield from _files(path.name, archive, wanted)
        except (tarfile.TarError, EOFError, zlib.error, ValueError, OverflowError, RecursionError) as error:
            if isinstance(error, DataError):
                raise
            raise DataError(f"{path.name}: the archive cannot be read: {error}") from error


def _files(name: str, archive: tarfile.TarFile, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    others = 0
    for count, member in enumerate(archive):
        archive.members = []  # type: ignore[attr-defined]  # it would remember all of them
        if count >= MOST_MEMBERS or others >= MOST_OTHERS:
            raise DataError(f"{name}: it has more than {count:,} members{', few of use' * (others > 0)}")
        _refuse(name, member)
        if member.isdir() or not wanted(member.name):
            others += 1
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
