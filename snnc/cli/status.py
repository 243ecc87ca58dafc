"""What an exit code says, and what is said about a file that cannot be used."""

from __future__ import annotations

import os
from enum import IntEnum


class Status(IntEnum):
    """What an exit code says. 1 is for checks that were asked for, 3 for training that cannot go on."""

    OK = 0
    UNMET = 1
    REFUSED = 2
    DIVERGED = 3  # or takes more memory than there is
    FAILED = 4  # input or output, memory, or a fault of snnc itself
    INTERRUPTED = 130


def reason(error: OSError) -> str:
    """Return what went wrong with a file, in one line: ``x.spec: No such file or directory``."""
    what = error.strerror or str(error)
    return f"{os.fsdecode(error.filename)}: {what}" if isinstance(error.filename, str | bytes) else what
