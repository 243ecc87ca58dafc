"""The boundary to the shell: run a command and turn whatever happens into a line and an exit code.

What a user did wrong is told without a traceback. Nothing heavy is imported before `run` has begun,
so that Ctrl-C is answered alike at every moment.
"""

from __future__ import annotations

import gc
import os
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

from snnc.cli.status import Status, reason
from snnc.cli.terminal import hush, safe, steady, tell

YOUNG = 100_000  # objects before a collection: importing makes many and no garbage, a fifth of the time


def main() -> NoReturn:
    """Run the command that the shell asks for, and exit."""
    gc.set_threshold(YOUNG)
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code. Raises nothing."""
    steady()
    try:
        status = _run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        status = Status.INTERRUPTED
    except BrokenPipeError:
        status = Status.FAILED  # whoever read has left: nobody is there to be told
    except OSError as error:
        status = _failed(reason(error))
    except MemoryError:
        status = _failed("this takes more memory than there is")
    except Exception as error:  # noqa: BLE001  the last guard: every traceback ends here
        status = _fault(error)
    hush()
    return status


def _run(arguments: Sequence[str]) -> int:
    from snnc.cli.app import answer

    return answer(arguments)


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
