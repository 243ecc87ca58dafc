"""Data from strangers: every kind is read, nothing hostile gets through."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from time import monotonic

import numpy as np
import pytest
import torch
from PIL import Image

from snnc.train.arrays import digits
from snnc.train.augment import augment, crop, flip
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


def tar(path: Path, entries: dict[str, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:
        for name, content in entries.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def png(color: int, side: int = 32) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (side, side), (color, color, color)).save(stream, "PNG")
    return stream.getvalue()


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


class Payload:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return pytest.fail, ("a pickle was opened",)


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", size: int = 0) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname, entry.size = kind, link, size
    return entry.tobuf(tarfile.GNU_FORMAT)


def bomb(packed: int) -> bytes:
    return gzip.compress(member("train/a/a.png", size=packed) + bytes(packed), 9)


END = bytes(1024)
HOSTILE = {
    "absolute": member("/etc/train/a/a.png") + END,
    "climbing": member("train/../../a.png") + END,
    "backslash": member("train\\..\\a.png") + END,
    "symbolic link": member("train/a/a.png", tarfile.SYMTYPE, "/etc/passwd") + END,
    "hard link": member("train/a/a.png", tarfile.LNKTYPE, "/etc/passwd") + END,
    "link then file": member("train", tarfile.SYMTYPE, "/etc") + member("train/a/a.png") + END,
    "character device": member("train/a/a.png", tarfile.CHRTYPE) + END,
    "block device": member("train/a/a.png", tarfile.BLKTYPE) + END,
    "pipe": member("train/a/a.png", tarfile.FIFOTYPE) + END,
    "sparse": member("train/a/a.png", tarfile.GNUTYPE_SPARSE) + END,
    "contiguous lie": member("train/a/a.png", size=1 << 40) + END,
    "cut short": member("train/a/a.png", size=5000) + b"x" * 100,
    "cut short gzip": gzip.compress(member("train/a/a.png") + END)[:-30],
    "corrupt gzip": gzip.compress(bytes(GENERATOR.integers(0, 256, 4000, dtype=np.uint8)))[:50] + b"\0" * 900,
    "gzip bomb": bomb(60 << 20),
    "bomb in a long name": gzip.compress(
        member("././@LongLink", tarfile.GNUTYPE_LONGNAME, size=300 << 20) + bytes(300 << 20)
    ),
    "bomb in an extended header": gzip.compress(
        member("h", tarfile.XHDTYPE, size=300 << 20) + bytes(300 << 20)
    ),
    "gzip in gzip": gzip.compress(gzip.compress(member("train/a/a.png") + END)),
    "no archive": b"hello, world" * 100,
    "nothing": b"",
    "a picture": png(3),
    "a zip": b"PK\x03\x04" + bytes(600),
    "a pickle": __import__("pickle").dumps(Payload()),
    "only a text": member("README") + END,
    "image that is none": member("train/a/a.png") + member("test/a/a.png") + END,
    "batch of a wrong length": member("data_batch_1.bin", size=512)
    + bytes(512)
    + member("test_batch.bin")
    + END,
    "no test batch": member("data_batch_1.bin", size=RECORD) + bytes(3072 + 1) + bytes(1023 + 512) + END,
    "labels out of range": member("data_batch_1.bin", size=RECORD) + b"\xff" * RECORD + bytes(511) + END,
    "more pixels than there should be": member("train/a/a.png", size=len(png(1, 5000))) + png(1, 5000) + END,
    "a picture that is cut": member("train/a/a.png", size=60) + png(3)[:60] + bytes(452) + END,
    "many strangers": gzip.compress(b"".join(member(f"{n}.txt") for n in range(5001)) + END, 1),
    "archives for pictures": member("train/a/a.png", size=512) + member("train/a/a.png") + END,
    "negative size": member("train/a/a.png")[:124] + b"\xff" * 12 + member("train/a/a.png")[136:] + END,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_archives_are_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "archive.tar.gz"
    path.write_bytes(HOSTILE[kind])
    before, start = sorted(tmp_path.rglob("*")), monotonic()
    with pytest.raises(DataError, match=r"archive\.tar\.gz|a\.png"):
        open_data(path, CIFAR)
    assert monotonic() - start < 20
    assert sorted(tmp_path.rglob("*")) == before


MEASURED = r"""
import json, re, sys, time
from pathlib import Path
from snnc.train.data import open_data
from snnc.train.images import DataError
found = {}
for path in map(Path, sys.argv[1:]):
    start = time.process_time()
    try:
        open_data(path, (3, 32, 32))
    except DataError:
        found[path.name] = time.process_time() - start
print(json.dumps([found, int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) >> 10]))
"""


def test_hostile_files_take_neither_time_nor_memory(tmp_path: Path) -> None:
    """All in one process of their own: at most 2 s on a quiet machine for each, 512 MiB for the worst."""
    for number, content in enumerate(HOSTILE.values()):
        (tmp_path / f"{number}.tar.gz").write_bytes(content)
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("train_images.npy", bytes(40 << 20))
    np.savez(tmp_path / "pickle.npz", train_images=np.array([Payload()], dtype=object))
    files = sorted(str(path) for path in tmp_path.iterdir())
    assert len(files) >= 30
    answer = subprocess.run(
        [sys.executable, "-c", MEASURED, *files], capture_output=True, text=True, check=True, timeout=240
    )
    times, mebibytes = json.loads(answer.stdout)
    assert set(times) == {Path(file).name for file in files}
    assert max(times.values()) < 2 * 10  # the machines that test are busy
    assert mebibytes < 512
    assert "Traceback" not in answer.stderr


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


def test_too_many_members_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("snnc.train.archive.MOST_MEMBERS", 50)
    path = tar(tmp_path / "many.tar.gz", {f"{n}.txt": b"x" for n in range(60)})
    with pytest.raises(DataError, match="more than 50 members"):
        open_data(path, CIFAR)


def test_hostile_arrays_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("train_images.npy", bytes(200 << 20))
    with pytest.raises(DataError, match="would unpack to"):
        open_data(path, CIFAR)
    for content in (b"", b"PK\x03\x04", np.lib.format.MAGIC_PREFIX + b"\x01\x00"):
        path.write_bytes(content)
        with pytest.raises(DataError):
            open_data(path, CIFAR)
    np.save(tmp_path / "one.npy", np.zeros(3))
    (tmp_path / "one.npy").rename(path)
    with pytest.raises(DataError):
        open_data(path, CIFAR)


def test_an_image_of_a_billion_pixels_is_refused(tmp_path: Path) -> None:
    header = io.BytesIO()
    Image.new("1", (1, 1)).save(header, "PNG")
    content = bytearray(header.getvalue())
    content[16:24] = (30000).to_bytes(4, "big") * 2
    content[29:33] = __import__("zlib").crc32(content[12:29]).to_bytes(4, "big")
    with pytest.raises(DataError):
        open_data(tar(tmp_path / "a.tar", {"train/a/a.png": bytes(content), "test/a/a.png": png(1)}), CIFAR)


def test_a_missing_path_and_a_pipe_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_data(tmp_path / "none.tar", CIFAR)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="no regular file"):
        open_data(tmp_path / "pipe", CIFAR)


def test_a_flip_mirrors_about_half_of_the_images_whole() -> None:
    torch.manual_seed(0)
    pixels = torch.arange(200 * 12, dtype=torch.int32).view(200, 1, 3, 4)
    flipped = flip(pixels)
    mirrored = (flipped == pixels.flip(-1)).flatten(1).all(1)
    kept = (flipped == pixels).flatten(1).all(1)
    assert bool((mirrored ^ kept).all())
    assert 70 < int(mirrored.sum()) < 130


def test_a_crop_shifts_each_image_by_its_own_draw() -> None:
    torch.manual_seed(0)
    pixels = torch.zeros(300, 2, 16, 16, dtype=torch.uint8)
    pixels[:, :, 8, 8] = 7
    cropped = crop(pixels)
    places = (cropped[:, 0] == 7).nonzero()
    assert len(places) == 300
    assert torch.equal(cropped[:, 0], cropped[:, 1])
    assert places[:, 1].unique().tolist() == places[:, 2].unique().tolist() == list(range(4, 13))
    assert len({tuple(place[1:].tolist()) for place in places}) > 60


def test_augmentation_follows_torchs_generator() -> None:
    pixels = torch.randint(256, (20, 3, 8, 8)).to(torch.uint8)
    torch.manual_seed(5)
    first = augment(pixels, ("flip", "crop"))
    torch.manual_seed(5)
    assert torch.equal(first, augment(pixels, ("flip", "crop")))
    assert not torch.equal(first, augment(pixels, ("flip", "crop")))
    assert torch.equal(augment(pixels, ()), pixels)
