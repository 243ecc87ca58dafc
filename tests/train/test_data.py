"""Every kind of data is read, and what does not fit is refused."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import numpy as np
import pytest
import torch
from pictures import png, tar
from PIL import Image

from snnc.train.arrays import digits
from snnc.train.cifar import CLASSES, RECORD
from snnc.train.data import open_data
from snnc.train.folder import Files, read_folder
from snnc.train.images import DataError, normalise

CIFAR = (3, 32, 32)
GENERATOR = np.random.default_rng(3)


def records(count: int) -> bytes:
    pixels = GENERATOR.integers(0, 256, (count, RECORD), dtype=np.uint8)
    pixels[:, 0] = np.arange(count) % 10
    return pixels.tobytes()


def images() -> dict[str, bytes]:
    names = [
        f"{part}/{kind}/{n}.png" for part in ("train", "test") for kind in ("cat", "dog") for n in range(3)
    ]
    return {f"top/{name}": png(10 * number) for number, name in enumerate(names)}


def test_the_digits_are_the_published_ones() -> None:
    data = digits()
    assert (data.shape, len(data.train.labels), len(data.test.labels)) == ((1, 8, 8), 1437, 360)
    both = np.concatenate([data.train.labels, data.test.labels])
    assert np.bincount(both).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    first = data.train.image(0)[0]
    assert first[0].tolist() == [value * 255 // 16 for value in (0, 0, 5, 13, 9, 1, 0, 0)]
    assert int(data.train.labels[0]) == 0


def test_values_lie_in_the_bounds_of_signed_spikes() -> None:
    values = normalise(torch.arange(256, dtype=torch.uint8))
    assert (values.min(), values.max()) == (-1, 1)
    assert torch.allclose(values, (torch.arange(256) / 255 - 0.5) / 0.5, atol=1e-6)


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_the_binary_archive_is_read(tmp_path: Path, mode: str) -> None:
    batches = {f"cifar-10-batches-bin/data_batch_{n}.bin": records(20) for n in range(1, 6)}
    batches["cifar-10-batches-bin/test_batch.bin"] = records(30)
    data = open_data(tar(tmp_path / "cifar.tar.gz", batches, mode), CIFAR)
    assert (data.classes, len(data.train.labels), len(data.test.labels)) == (CLASSES, 100, 30)
    raw = np.frombuffer(batches["cifar-10-batches-bin/data_batch_2.bin"], np.uint8).reshape(20, RECORD)
    assert np.array_equal(data.train.image(21).numpy().ravel(), raw[1, 1:])
    assert data.train.labels[21] == raw[1, 0]


def test_the_unpacked_binary_folder_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "cifar-10-batches-bin"
    folder.mkdir()
    (folder / "data_batch_1.bin").write_bytes(records(7))
    (folder / "test_batch.bin").write_bytes(records(5))
    assert len(open_data(tmp_path, CIFAR).train.labels) == 7


def test_images_are_read_from_a_tar_and_from_a_folder_alike(tmp_path: Path) -> None:
    archive = tar(tmp_path / "images.tar.gz", images())
    with tarfile.open(archive) as opened:
        opened.extractall(tmp_path, filter="data")
    packed, loose = open_data(archive, CIFAR), open_data(tmp_path / "top", CIFAR)
    assert packed.classes == loose.classes == ("cat", "dog")
    for index in range(6):
        assert torch.equal(packed.train.image(index), loose.train.image(index))
    assert packed.train.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert packed.train.image(4).unique().tolist() == [40]


def test_a_large_folder_is_streamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, content in images().items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    whole = read_folder(tmp_path / "top", CIFAR)
    monkeypatch.setattr("snnc.train.folder.MEMORY", 1000)
    streamed = read_folder(tmp_path / "top", CIFAR)
    assert isinstance(streamed.train, Files)
    assert streamed.train.streamed
    assert not whole.train.streamed
    every = torch.arange(6)
    assert torch.equal(streamed.train.images(every), whole.train.images(every))


def test_images_are_scaled_and_cut_to_the_network(tmp_path: Path) -> None:
    for part in ("train", "val"):
        (tmp_path / part / "one").mkdir(parents=True)
        Image.new("L", (64, 48), 200).save(tmp_path / part / "one" / "a.png")
    data = open_data(tmp_path, (1, 16, 16))
    assert data.shape == (1, 16, 16)
    assert data.test.image(0).unique().tolist() == [200]


def test_arrays_are_read_without_pickle(tmp_path: Path) -> None:
    arrays = {
        "train_images": GENERATOR.integers(0, 256, (6, 1, 8, 8), dtype=np.uint8),
        "train_labels": np.array([0, 1, 2, 0, 1, 2]),
        "test_images": np.zeros((2, 1, 8, 8), np.uint8),
        "test_labels": np.array([2, 0]),
        "classes": np.array(["a", "b", "c"]),
    }
    np.savez(tmp_path / "good.npz", **arrays)
    data = open_data(tmp_path / "good.npz", (1, 8, 8))
    assert (data.classes, data.test.labels.tolist()) == (("a", "b", "c"), [2, 0])
    with pytest.raises(DataError, match=r"1x8x8, the network takes 3x32x32"):
        open_data(tmp_path / "good.npz", CIFAR)


def broken_arrays() -> dict[str, dict[str, object]]:
    good: dict[str, object] = {
        "train_images": np.zeros((2, 1, 8, 8), np.uint8),
        "train_labels": np.array([0, 1]),
        "test_images": np.zeros((2, 1, 8, 8), np.uint8),
        "test_labels": np.array([0, 1]),
    }
    return {
        "lacks": {name: value for name, value in good.items() if name != "test_labels"},
        "bytes": good | {"train_images": np.zeros((2, 1, 8, 8), np.float32)},
        "axes": good | {"train_images": np.zeros((2, 8, 8), np.uint8)},
        "count": good | {"train_labels": np.array([0, 1, 1])},
        "range": good | {"test_labels": np.array([0, 7])},
        "negative": good | {"test_labels": np.array([0, -1])},
        "empty": good | {"train_images": np.zeros((0, 1, 8, 8), np.uint8), "train_labels": np.zeros(0, int)},
        "pickle": good | {"train_labels": np.array([0, object()], dtype=object)},
        "words": good | {"train_labels": np.array(["a", "b"])},
        "sizes": good | {"test_images": np.zeros((2, 1, 4, 4), np.uint8)},
    }


@pytest.mark.parametrize("kind", broken_arrays())
def test_arrays_that_do_not_fit_are_refused(tmp_path: Path, kind: str) -> None:
    np.savez(tmp_path / "data.npz", **broken_arrays()[kind])
    with pytest.raises(DataError, match="data"):
        open_data(tmp_path / "data.npz", (1, 8, 8))


def test_too_many_images_for_memory_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("snnc.train.data.MEMORY", 3 * 32 * 32 * 11)
    with pytest.raises(DataError, match="unpack it and name the folder"):
        open_data(tar(tmp_path / "images.tar.gz", images()), CIFAR)


def test_a_large_photograph_is_decoded_smaller(tmp_path: Path) -> None:
    """As JPEG can be: of 5,000 x 4,000 pixels, half black and half white."""
    picture = Image.new("L", (5000, 4000), 0)
    picture.paste(255, (2500, 0, 5000, 4000))
    for part in ("train", "val"):
        (tmp_path / part / "one").mkdir(parents=True)
        picture.save(tmp_path / part / "one" / "a.jpg", quality=90)
    pixels = open_data(tmp_path, (3, 224, 224)).train.image(0)
    assert pixels[:, :, :110].max() < 10
    assert pixels[:, :, 114:].min() > 245


def test_a_missing_path_and_a_pipe_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_data(tmp_path / "none.tar", CIFAR)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="no regular file"):
        open_data(tmp_path / "pipe", CIFAR)
