"""Arrays to pictures: a PNG as bytes, and many small maps side by side in one."""

from __future__ import annotations

import struct
import zlib
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

GAP = 1  # pixels between two tiles
GROUND = 255


def png(picture: Picture) -> bytes:
    """Return a picture [H, W] of greys or [H, W, 3] of colours as a PNG file."""
    height, width = picture.shape[:2]
    color = 2 if picture.ndim == 3 else 0
    rows = np.ascontiguousarray(picture).reshape(height, -1)
    filtered = np.concatenate([np.zeros((height, 1), np.uint8), rows], axis=1)
    header = struct.pack(">IIBBBBB", width, height, 8, color, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(filtered.tobytes(), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def tiles(maps: Picture, columns: int = 0) -> Picture:
    """Return maps [N, H, W] or [N, H, W, 3] in rows, with a gap between them."""
    count, height, width = maps.shape[:3]
    columns = columns or ceil(sqrt(count))
    rows = ceil(count / columns)
    size = (rows * (height + GAP) - GAP, columns * (width + GAP) - GAP, *maps.shape[3:])
    sheet = np.full(size, GROUND, np.uint8)
    for place, one in enumerate(maps):
        top, left = place // columns * (height + GAP), place % columns * (width + GAP)
        sheet[top : top + height, left : left + width] = one
    return sheet
