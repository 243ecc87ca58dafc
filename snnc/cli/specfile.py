r"""A spec as the command line names it: read, and written back when it was mended.

``-`` is stdin, a bare name a spec that ships, anything else a file. What is read is text with ``\n`` for
line ends; what is written back has the byte order mark and the line ends of the file.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from importlib.resources.abc import Traversable
from pathlib import Path

from snnc.cli.write import replace_file
from snnc.diagnostics import CompileError
from snnc.source import Source
from snnc.source.read import MOST_BYTES, UnreadableError, decode
from snnc.spec.errors.files import FileUnreadable
from snnc.spec.files import open_spec

STDIN = "-"
_MARK = b"\xef\xbb\xbf"  # a byte order mark


@dataclass(frozen=True)
class SpecFile:
    """A spec's text, the folder that it may use specs of, and the file, where it has one of its own."""

    source: Source
    folder: Traversable | None = None
    path: Path | None = None

    def with_text(self, text: str) -> SpecFile:
        """Return the same spec with another text; nothing is written."""
        return replace(self, source=Source(self.source.name, text))

    def write(self, text: str) -> None:
        """Write the text back. Raises `OSError`, also when the file has changed since it was read."""
        name = self.source.name
        if self.path is None:
            raise OSError(f"{name} belongs to snnc; copy it with `snnc specs` and mend the copy")
        content = self.path.read_bytes()
        if not _holds(content, self.source):
            raise OSError(f"{name} has changed meanwhile, so it is left as it is")
        mark = _MARK if content.startswith(_MARK) else b""
        ends = "\r\n" if b"\r\n" in content else "\n"
        replace_file(self.path, mark + text.replace("\n", ends).encode())


def open_given(given: str) -> SpecFile:
    """Read a spec. Raises `OSError`, and `CompileError` where it is no text."""
    if given == STDIN:
        return SpecFile(_stdin())
    source, folder = open_spec(given)
    path = Path(given)
    return SpecFile(source, folder, path if path.exists() else None)


def _stdin() -> Source:
    content = sys.stdin.buffer.read(MOST_BYTES + 1)
    try:
        return decode("<stdin>", content)
    except UnreadableError as error:
        raise CompileError((FileUnreadable(Source("<stdin>", "").span(), str(error)),)) from error


def _holds(content: bytes, source: Source) -> bool:
    try:
        return decode(source.name, content) == source
    except UnreadableError:
        return False
