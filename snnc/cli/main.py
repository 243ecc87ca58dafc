"""The entry point. It imports next to nothing, so that Ctrl-C is answered alike from the first moment."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

INTERRUPTED = 130
YOUNG = 100_000  # objects before a collection: importing makes many and no garbage, a fifth of the time


def main() -> NoReturn:
    """Run the command that the shell asks for, and exit."""
    gc.set_threshold(YOUNG)
    # NOTE: looking for pydantic's plugins reads what is known of every installed package.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code. Raises nothing but what completion exits with."""
    try:
        from snnc.cli.boundary import guarded

        return guarded(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
