"""Bytes from strangers, read with a limit: compressed streams that would never end are cut off."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import BinaryIO

from snnc.train.images import DataError

MOST_BYTES = 1 << 31  # unpacked; CIFAR-10 has 184 MB
MOST_RATIO = 100  # unpacked to packed; images give 1 to 10 ...
FREE_BYTES = 1 << 24  # ... but the first 16 MiB may be blank


class Metered(io.RawIOBase):
    """A stream that counts what it unpacks, and raises `DataError` when it is far too much."""

    def __init__(self, name: str, packed: BinaryIO) -> None:
        super().__init__()
        self._name, self._packed = name, packed
        gzipped = packed.read(2) == b"\x1f\x8b"
        packed.seek(0)
        self._stream: BinaryIO = gzip.GzipFile(fileobj=packed) if gzipped else packed  # type: ignore[assignment]
        self._unpacked = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        if size is None or size < 0:
            raise DataError(f"{self._name}: read without a limit")
        try:
            chunk = self._stream.read(min(size, FREE_BYTES))
        except (EOFError, gzip.BadGzipFile, OSError) as error:
            raise DataError(f"{self._name}: the archive is damaged: {error}") from error
        self._unpacked += len(chunk)
        self._refuse_bombs()
        return chunk

    def _refuse_bombs(self) -> None:
        if self._unpacked > MOST_BYTES:
            raise DataError(f"{self._name}: it unpacks to more than {MOST_BYTES >> 30} GiB")
        if self._unpacked > FREE_BYTES + MOST_RATIO * self._packed.tell():
            raise DataError(f"{self._name}: it unpacks to more than {MOST_RATIO} times its size")


def opened(path: Path) -> BinaryIO:
    """Open a regular file. Raises `DataError` for a folder, device or pipe, `OSError` for none."""
    if not path.is_file():
        raise (
            DataError(f"{path.name}: it is no regular file")
            if path.exists()
            else FileNotFoundError(2, "no such file or folder", str(path))
        )
    return path.open("rb")
