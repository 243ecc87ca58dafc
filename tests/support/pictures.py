"""Archives and pictures, made here."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from PIL import Image


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
