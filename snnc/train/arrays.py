"""Data as arrays: an .npz with train_images, train_labels, test_images, test_labels, maybe classes.

Images are bytes [N, C, H, W]. Nothing is unpickled, and sizes are known before anything is unpacked.
"""

from __future__ import annotations

import zipfile
import zlib
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from snnc.train.images import DataError, Dataset, checked
from snnc.train.meter import FREE_BYTES, MOST_BYTES, MOST_RATIO, opened

KEYS = ("train_images", "train_labels", "test_images", "test_labels")
TRAINING_DIGITS = 1437  # of 1,797: four fifths


def read_arrays(path: Path) -> Dataset:
    """Return the data of an .npz file. Raises `DataError`."""
    with opened(path) as stream:
        _refuse_bombs(path)
        found = _arrays(path.name, stream)
    missing = [key for key in KEYS if key not in found]
    if missing:
        raise DataError(f"{path.name}: it lacks {', '.join(missing)}")
    labels = found["train_labels"]
    if not np.issubdtype(labels.dtype, np.integer) or labels.size == 0:
        raise DataError(f"{path.name}: train_labels are whole numbers; got {labels.dtype}")
    names = found.get("classes", np.arange(int(labels.max()) + 1))
    if names.ndim != 1 or names.size > 1_000_000:
        raise DataError(f"{path.name}: classes is a list of names; got {list(names.shape)}")
    classes = tuple(str(name) for name in names)
    train = checked(f"{path.name}, training", found["train_images"], labels, len(classes))
    test = checked(f"{path.name}, test", found["test_images"], found["test_labels"], len(classes))
    if train.pixels.shape[1:] != test.pixels.shape[1:]:
        raise DataError(
            f"{path.name}: training images are {list(train.pixels.shape[1:])}, "
            f"test images {list(test.pixels.shape[1:])}"
        )
    return Dataset(path.stem, classes, train, test)


def _arrays(name: str, stream: Any) -> dict[str, NDArray[Any]]:  # noqa: ANN401 - numpy takes any file
    try:
        with np.load(stream, allow_pickle=False) as archive:
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise DataError(f"{name}: it is no .npz archive")
            return {key: archive[key] for key in (*KEYS, "classes") if key in archive}
    except (
        ValueError,
        OSError,
        EOFError,
        KeyError,
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
    ) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{name}: the arrays cannot be read: {error}") from error


def _refuse_bombs(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise DataError(f"{path.name}: it is no .npz archive: {error}") from error
    if len(entries) > 64:
        raise DataError(f"{path.name}: it has {len(entries):,} entries")
    unpacked, packed = (
        sum(size) for size in zip(*((e.file_size, e.compress_size) for e in entries), strict=True)
    )
    if unpacked > MOST_BYTES or unpacked > FREE_BYTES + MOST_RATIO * packed:
        raise DataError(f"{path.name}: {packed:,} bytes would unpack to {unpacked:,}")


def digits() -> Dataset:
    """Return the images that ship with snnc: 1,797 handwritten digits of 8x8 pixels; digits.txt."""
    with (
        (files("snnc.train") / "digits.npz").open("rb") as stream,
        np.load(stream, allow_pickle=False) as archive,
    ):
        raw, labels = archive["images"], archive["labels"].astype(np.int64)
    pixels = (raw.astype(np.uint16) * 255 // 16).astype(np.uint8)[:, None]
    cut = TRAINING_DIGITS
    train, test = (
        checked("digits", pixels[part], labels[part], 10) for part in (slice(cut), slice(cut, None))
    )
    return Dataset("digits", tuple("0123456789"), train, test)
