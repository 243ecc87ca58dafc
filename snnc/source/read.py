"""Bytes to text: UTF-8 with or without a byte order mark, line ends of any kind."""

from __future__ import annotations

from snnc.source.span import Source

MOST_BYTES = 1 << 20  # a spec of 10,000 layers has half of this


class UnreadableError(ValueError):
    """The bytes are no spec: too many, or not UTF-8. The message says which."""


def decode(name: str, content: bytes) -> Source:
    """Return bytes as a source. Raises `UnreadableError`, also for one byte beyond ``MOST_BYTES``."""
    if len(content) > MOST_BYTES:
        raise UnreadableError(f"it has more than {MOST_BYTES:,} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"byte {error.start:,} is not UTF-8") from error
    return Source(name, text.replace("\r\n", "\n").replace("\r", "\n"))
