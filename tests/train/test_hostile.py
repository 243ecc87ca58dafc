"""Data from strangers: nothing hostile gets through, nor takes time or memory."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from time import monotonic

import numpy as np
import pytest
from pictures import png, tar
from PIL import Image

from snnc.train.cifar import RECORD
from snnc.train.data import open_data
from snnc.train.images import DataError

CIFAR = (3, 32, 32)
GENERATOR = np.random.default_rng(3)


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
