"""One file of tensors and text that is written whole or not at all, and read only if it is unharmed.

A ``.safetensors`` file whose metadata holds a SHA-256 over all its other content. Written to a temporary
file, synced, renamed, and the folder synced: whoever dies at any moment leaves the old file or the new one.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

DIGEST = "sha256"
TEMPORARY = ".writing-"


class DamagedError(ValueError):
    """A file is no sealed file, or its content is not what was written. The message says which."""


def write_atomically(path: Path, content: bytes) -> None:
    """Put a file in place of another: its old content or all of the new is there, at any moment."""
    with NamedTemporaryFile(dir=path.parent, prefix=TEMPORARY, delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(file.name).unlink()
            raise
    _sync_folder(path.parent)


def sweep(folder: Path) -> None:
    """Remove what writers that were killed left behind. The caller holds the folder's lock."""
    for file in folder.glob(f"{TEMPORARY}*"):
        file.unlink(missing_ok=True)


def write_sealed(path: Path, tensors: Mapping[str, Tensor], texts: Mapping[str, str]) -> None:
    """Write tensors and texts with their digest. Raises `OSError`; what stood there then still does."""
    ready = {name: tensor.detach().cpu().contiguous() for name, tensor in sorted(tensors.items())}
    write_atomically(path, _ordered(save(ready, {**texts, DIGEST: digest(ready, texts)})))


def read_sealed(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Return the tensors and texts of a file. Raises `DamagedError`, `OSError`."""
    with path.open("rb"):  # tells a file that is not there from one that is no good
        pass
    try:
        with safe_open(path, framework="pt") as file:
            texts = dict(file.metadata() or {})
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    except (SafetensorError, ValueError, RuntimeError, UnicodeError, OverflowError) as error:
        raise DamagedError(f"{path.name}: it is no whole .safetensors file: {error}") from error
    except OSError as error:
        if error.errno is None:  # its own words for a broken file
            raise DamagedError(f"{path.name}: it is no whole .safetensors file: {error}") from error
        raise
    expected = texts.pop(DIGEST, "")
    if digest(tensors, texts) != expected:
        raise DamagedError(f"{path.name}: its content does not agree with its SHA-256")
    return tensors, texts


def digest(tensors: Mapping[str, Tensor], texts: Mapping[str, str]) -> str:
    """Return a SHA-256 over names, types, shapes and values, and over the texts."""
    found = hashlib.sha256()
    for name, text in sorted(texts.items()):
        found.update(_framed(name) + _framed(text))
    for name, tensor in sorted(tensors.items()):
        found.update(_framed(name) + _framed(f"{tensor.dtype} {list(tensor.shape)}"))
        found.update(tensor.contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return found.hexdigest()


def _ordered(content: bytes) -> bytes:
    """Return the same file with its header in order, so that the same content gives the same bytes."""
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.dumps(json.loads(content[8:end]), sort_keys=True, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)  # tensors start where a multiple of eight bytes ends
    return len(header).to_bytes(8, "little") + header + content[end:]


def _framed(text: str) -> bytes:
    """Return a text with its length, so that no two lists of texts look the same."""
    content = text.encode()
    return len(content).to_bytes(8, "little") + content


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
