"""CIFAR-10 as it is published in binary: records of a label and 3,072 pixels, without pickle.

Read from the archive ``cifar-10-binary.tar.gz`` or from the folder that it unpacks to.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import numpy as np

from snnc.train.images import DataError, Dataset, Stored, checked

RECORD = 1 + 3 * 32 * 32
TRAINING = tuple(f"data_batch_{number}.bin" for number in range(1, 6))
TEST = "test_batch.bin"
NAMES = "batches.meta.txt"
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def is_cifar(name: str) -> bool:
    """Tell whether a file's name is one of the binary release."""
    return PurePosixPath(name).name in {*TRAINING, TEST}


def read_cifar_folder(folder: Path) -> Dataset:
    """Return the data of a folder that holds the batches. Raises `DataError`."""
    there = [name for name in (*TRAINING, TEST) if (folder / name).is_file()]
    return from_batches(folder.name, {name: read_batch(name, (folder / name).read_bytes()) for name in there})


def from_batches(name: str, batches: dict[str, Stored]) -> Dataset:
    """Return the data of the batches, given by their files' names. Raises `DataError` where one lacks."""
    training = [batches[batch] for batch in TRAINING if batch in batches]
    if not training or TEST not in batches:
        raise DataError(f"{name}: it needs {TEST} and at least one of {TRAINING[0]} to {TRAINING[-1]}")
    pixels, labels = ([part.pixels for part in training], [part.labels for part in training])
    train = Stored(np.concatenate(pixels), np.concatenate(labels))
    return Dataset("cifar10", CLASSES, train, batches[TEST])


def read_batch(name: str, content: bytes) -> Stored:
    """Return the images of one batch. Raises `DataError`."""
    if not content or len(content) % RECORD:
        raise DataError(f"{name}: a batch has {len(content):,} bytes, which is no multiple of {RECORD:,}")
    records = np.frombuffer(content, dtype=np.uint8).reshape(-1, RECORD)
    pixels = records[:, 1:].reshape(-1, 3, 32, 32).copy()
    return checked(name, pixels, records[:, 0].astype(np.int64), len(CLASSES))
