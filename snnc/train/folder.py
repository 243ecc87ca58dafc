"""Images as files, ``train/<class>/...`` and ``test/<class>/...`` (or ``val``): a folder or a tar.

What fits into memory is decoded once; a larger folder is decoded image by image, by worker processes.
Decoding needs Pillow. Images are brought to one size: the shorter side is scaled, the middle is cut out.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

import numpy as np
import torch
from torch import Tensor

from snnc.train.images import DataError, Dataset, Labels, Pixels, Split, checked

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".ppm", ".webp")
FORMATS = ("JPEG", "PNG", "BMP", "PPM", "WEBP")
MOST_PIXELS = 1 << 24  # of one image, of a JPEG once it is scaled down
MEMORY = 1 << 30  # bytes of decoded images that are kept
PARTS = {"train": "train", "test": "test", "val": "test", "validation": "test"}

Size = tuple[int, int, int]


def is_image(name: str) -> bool:
    """Tell whether a name is that of an image."""
    return name.lower().endswith(SUFFIXES)


def place(name: str) -> tuple[str, str] | None:
    """Return the part and the class of a path ``.../train/<class>/name``; None for another."""
    parts = PurePosixPath(name).parts
    if len(parts) < 3 or parts[-3].lower() not in PARTS or not is_image(name):
        return None
    return PARTS[parts[-3].lower()], parts[-2]


def decode(name: str, content: bytes | Path, size: Size) -> Pixels:
    """Return an image file as bytes [C, H, W]. Raises `DataError` where it is none, or too large."""
    try:
        from PIL import Image, UnidentifiedImageError  # an extra; only image files need it
    except ImportError as error:
        raise DataError(f"{name}: decoding images needs Pillow: pip install 'snnc[data]'") from error

    channels, height, width = size
    try:
        with Image.open(
            io.BytesIO(content) if isinstance(content, bytes) else content, formats=FORMATS
        ) as file:
            file.draft(None, (2 * width, 2 * height))  # a JPEG that is larger is decoded smaller, and sooner
            if file.width * file.height > MOST_PIXELS:
                raise DataError(
                    f"{name}: it has {file.width} x {file.height} pixels; at most {MOST_PIXELS:,}"
                )
            image = file.convert("L" if channels == 1 else "RGB")
    except UnidentifiedImageError as error:
        raise DataError(f"{name}: it is no image of a known kind") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{name}: it cannot be decoded: {error}") from error
    if image.size != (width, height):
        scale = max(width / image.width, height / image.height)
        scaled = (max(width, round(image.width * scale)), max(height, round(image.height * scale)))
        left, top = (scaled[0] - width) // 2, (scaled[1] - height) // 2
        image = image.resize(scaled).crop((left, top, left + width, top + height))
    pixels = np.asarray(image, dtype=np.uint8)
    return pixels[None].copy() if channels == 1 else pixels.transpose(2, 0, 1).copy()


@dataclass(frozen=True)
class Files:
    """Images that are decoded when asked for: ``paths`` and ``labels`` [N], brought to ``size``."""

    paths: tuple[Path, ...]
    labels: Labels
    size: Size
    streamed: bool = True

    def image(self, index: int) -> Tensor:
        return torch.from_numpy(decode(self.paths[index].name, self.paths[index], self.size))

    def images(self, indices: Tensor) -> Tensor:
        return torch.stack([self.image(int(index)) for index in indices])


@dataclass(frozen=True)
class Found:
    """Files sorted into parts and classes before anything is decoded."""

    name: str
    entries: tuple[tuple[str, str, str, Pixels | Path], ...]  # part, class, name, content

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """The classes of the training part, in alphabetical order."""
        return tuple(sorted({kind for part, kind, _, _ in self.entries if part == "train"}))

    def dataset(self, size: Size) -> Dataset:
        """Return the data, every image of the same size. Raises `DataError`."""
        return Dataset(self.name, self.classes, self._split("train", size), self._split("test", size))

    def _split(self, part: str, size: Size) -> Split:
        chosen = sorted((e for e in self.entries if e[0] == part), key=lambda entry: (entry[1], entry[2]))
        if not chosen:
            raise DataError(f"{self.name}: it has no {part}/<class>/ with images")
        unknown = {kind for _, kind, _, _ in chosen} - set(self.classes)
        if unknown:
            raise DataError(f"{self.name}: the class {min(unknown)!r} has no training images")
        numbers = {kind: number for number, kind in enumerate(self.classes)}
        labels = np.array([numbers[kind] for _, kind, _, _ in chosen], dtype=np.int64)
        paths = tuple(content for *_, content in chosen if isinstance(content, Path))
        if paths and len(self.entries) * int(np.prod(size)) > MEMORY:
            return Files(paths, labels, size)
        pixels = np.stack([_decoded(name, content, size) for _, _, name, content in chosen])
        return checked(self.name, pixels, labels, len(self.classes))


def _decoded(name: str, content: Pixels | Path, size: Size) -> Pixels:
    return decode(name, content, size) if isinstance(content, Path) else content


def read_folder(folder: Path, size: Size) -> Dataset:
    """Return the images below a folder. Raises `DataError`."""
    paths = (path for path in sorted(folder.glob("*/*/*")) if path.is_file())
    return found(folder.name, ((path.relative_to(folder).as_posix(), path) for path in paths)).dataset(size)


def found(name: str, files: Iterable[tuple[str, Pixels | Path]]) -> Found:
    """Sort files by their paths; those that are no images in their place are passed over."""
    placed = ((place(path), PurePosixPath(path).name, content) for path, content in files)
    return Found(name, tuple((where[0], where[1], file, content) for where, file, content in placed if where))
