"""Drawing to a file's bytes, by whichever engine is there.

``dot`` on the PATH, else pygraphviz, which brings its own Graphviz, else the SVG writer of our own. DOT
needs none of them; PNG and PDF need one of the first two. Nothing is written and nothing is said here.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

from snnc.backends.diagram.dot import dot_text
from snnc.backends.diagram.drawing import Drawing
from snnc.backends.diagram.placed import placed_text
from snnc.backends.diagram.svg import svg_text

Format = Literal["svg", "png", "pdf", "dot"]
FORMATS: tuple[Format, ...] = ("svg", "png", "pdf", "dot")

SECONDS = 120  # for one picture; two thousand layers take a few
PAINT = """
import sys, pygraphviz
graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode())
sys.stdout.buffer.write(graph.draw(format=sys.argv[1], prog="nop2"))
"""


class EngineError(OSError):
    """No engine here can write this format. The message names the ways out."""


@dataclass(frozen=True)
class Picture:
    """A file's content and who drew it."""

    content: bytes
    engine: str


def render(drawing: Drawing, form: Format, engines: tuple[str, ...] = ()) -> Picture:
    """Return a drawing as a file's content, by the first engine that can.

    ``engines`` are the names of those to try, by default all: ``dot``, ``pygraphviz``, ``snnc``.
    Raises `EngineError` where none can.
    """
    if form == "dot":
        return Picture(dot_text(drawing).encode(), "snnc")
    reasons: list[str] = []
    for name in engines or tuple(ENGINES):
        try:
            return Picture(ENGINES[name](drawing, form), name)
        except _CannotError as reason:
            reasons.append(f"{name}: {reason}")
    raise EngineError(_ways_out(form, reasons))


class _CannotError(Exception):
    """Why one engine cannot."""


def _with_dot(drawing: Drawing, form: Format) -> bytes:
    import graphviz

    try:
        return bytes(graphviz.pipe("neato", form, _placed(drawing, form), neato_no_op=2, quiet=True))
    except graphviz.ExecutableNotFound:
        raise _CannotError("not on the PATH") from None
    except subprocess.CalledProcessError as error:
        raise _CannotError(f"ended with code {error.returncode}") from error


def _with_pygraphviz(drawing: Drawing, form: Format) -> bytes:
    """Paint in a process of its own: a fault in the library or its chatter then stays out of this one."""
    if find_spec("pygraphviz") is None:
        raise _CannotError("not installed")
    command = [sys.executable, "-c", PAINT, form]
    try:
        done = subprocess.run(  # noqa: S603  # this Python, our own line
            command, input=_placed(drawing, form), capture_output=True, timeout=SECONDS, check=True
        )
    except subprocess.CalledProcessError as error:
        raise _CannotError(f"ended with code {error.returncode}") from error
    except subprocess.TimeoutExpired as error:
        raise _CannotError(f"not ready after {SECONDS} s") from error
    return done.stdout


def _with_own(drawing: Drawing, form: Format) -> bytes:
    if form != "svg":
        raise _CannotError("writes SVG only")
    return svg_text(drawing).encode()


def _placed(drawing: Drawing, form: Format) -> bytes:
    return placed_text(drawing, bitmap=form == "png").encode()


def _ways_out(form: Format, reasons: list[str]) -> str:
    tried = "; ".join(reasons)
    return (
        f"nothing here can write {form.upper()} ({tried}); install Graphviz, so that `dot` is on the PATH, "
        "or `pip install 'snnc[diagrams]'`, or ask for .svg, which needs neither"
    )


ENGINES: Mapping[str, Callable[[Drawing, Format], bytes]] = {
    "dot": _with_dot,
    "pygraphviz": _with_pygraphviz,
    "snnc": _with_own,
}
