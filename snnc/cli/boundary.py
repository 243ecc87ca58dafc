"""The boundary to the shell: whatever happens in a command becomes a line and an exit code.

What a user did wrong is told without a traceback, and so is what snnc did wrong.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

from snnc.cli.status import Status, reason
from snnc.cli.terminal import hush, safe, steady, tell


def guarded(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code. Raises `KeyboardInterrupt` alone."""
    steady()
    try:
        status = _told(arguments)
    except OSError:
        status = Status.FAILED  # whoever read has left: nobody is there to be told
    hush()
    return status


def _told(arguments: Sequence[str]) -> int:
    """Run a command and tell how it failed. Raises `OSError` where telling fails."""
    try:
        return _answer(arguments)
    except BrokenPipeError:
        raise
    except OSError as error:
        return _failed(reason(error))
    except MemoryError:
        return _failed("this takes more memory than there is")
    except Exception as error:  # the last guard: every traceback ends here
        if isinstance(error.__cause__, KeyboardInterrupt):  # as Python 3.11 wraps it while it makes a class
            raise KeyboardInterrupt from error
        return _fault(error)


def _answer(arguments: Sequence[str]) -> int:
    from snnc.cli.app import answer

    status = answer(arguments)
    sys.stdout.flush()
    return status


def _failed(message: str) -> Status:
    tell(f"snnc: {safe(message)}")
    return Status.FAILED


def _fault(error: Exception) -> Status:
    """Own up to a fault in one line. A `RecursionError` is one too: depth is limited in the text."""
    if os.environ.get("SNNC_TRACEBACK"):
        tell(safe("".join(traceback.format_exception(error)).rstrip()))
    else:
        about = safe(f"{type(error).__name__}: {error}".partition("\n")[0][:200])
        tell(f"snnc: this is a fault of snnc: {about} (SNNC_TRACEBACK=1 shows where; please report it)")
    return Status.FAILED
