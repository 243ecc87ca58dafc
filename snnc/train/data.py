"""A path to a data set: whichever of the known kinds stands there.

An ``.npz`` of arrays; a tar (or .tar.gz) with CIFAR-10's binary batches or with image files; a folder with
either; or, without a path, the digits that ship with snnc.
"""

from __future__ import annotations

from math import prod
from pathlib import Path, PurePosixPath

from snnc.train.archive import members
from snnc.train.arrays import digits, read_arrays
from snnc.train.cifar import TEST, from_batches, is_cifar, read_batch, read_cifar_folder
from snnc.train.folder import MEMORY, Size, decode, found, place, read_folder
from snnc.train.images import DataError, Dataset, Pixels, Stored


def open_data(path: Path | None, size: Size) -> Dataset:
    """Return the data set at a path, for images of ``size`` (channels, height, width).

    Raises `DataError` where there is none of a known kind or its images are of another size, `OSError`
    where the path cannot be read.
    """
    dataset = digits() if path is None else _read(path, size)
    if dataset.shape != size:
        raise DataError(
            f"{dataset.name}: its images are {_text(dataset.shape)}, the network takes {_text(size)}"
        )
    return dataset


def _read(path: Path, size: Size) -> Dataset:
    if path.is_dir():
        batches = next(
            (folder for folder in (path, path / "cifar-10-batches-bin") if (folder / TEST).is_file()), None
        )
        return read_cifar_folder(batches) if batches else read_folder(path, size)
    if path.suffix == ".npz":
        return read_arrays(path)
    return _read_archive(path, size)


def _read_archive(path: Path, size: Size) -> Dataset:
    batches: dict[str, Stored] = {}
    images: list[tuple[str, Pixels]] = []
    for name, content in members(path, _is_data):
        if is_cifar(name):
            batches[PurePosixPath(name).name] = read_batch(path.name, content)
        else:
            images.append((name, decode(name, content, size)))
        if len(images) * prod(size) > MEMORY:
            raise DataError(f"{path.name}: its images take more than 1 GiB; unpack it and name the folder")
    if batches:
        return from_batches(path.name, batches)
    if not images:
        raise DataError(f"{path.name}: it holds neither CIFAR-10's batches nor images")
    return found(path.name, images).dataset(size)


def _is_data(name: str) -> bool:
    return is_cifar(name) or place(name) is not None


def _text(size: Size) -> str:
    return "x".join(map(str, size))
