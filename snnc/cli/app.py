"""The commands, and what holds for all of them: the version, the colours, the help."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from inspect import cleandoc
from io import StringIO
from typing import Annotated

import typer
from typer._click.exceptions import ClickException  # typer shows no other name for all of its refusals

from snnc import __version__
from snnc.cli.options import EnvironmentColor
from snnc.cli.status import Status
from snnc.cli.terminal import Color, safe, say, tell

# In the order of the help. A command is a module of this folder, with a function `command`.
COMMANDS = (
    "check",
    "compile",
    "graph",
    "cost",
    "train",
    "convert",
    "evaluate",
    "predict",
    "activity",
    "claims",
    "format",
    "explain",
    "specs",
)

OPTIONAL = {"claims", "explain", "specs"}  # they answer without an argument, too

EPILOG = """\b
Start with one that ships:    snnc specs; snnc compile vgg5
Exit codes: 0 done, 1 a check that was asked for does not hold, 2 the input is refused,
3 training diverged, 4 input or output failed, 130 interrupted.
"""


def answer(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code. Raises what the command raises, but `typer.Exit`."""
    command = typer.main.get_command(_app(_asked(arguments)))
    try:
        status = command.main(list(arguments), prog_name="snnc", standalone_mode=False)
    except ClickException as refusal:
        return _refused(refusal)
    except SystemExit as leaving:  # typer's answer to a broken pipe, and to a request for completion
        if isinstance(leaving.__context__, BrokenPipeError):
            raise leaving.__context__ from None
        raise
    return status if isinstance(status, int) else Status.OK


def _asked(arguments: Sequence[str]) -> Sequence[str]:
    """Return the command that is asked for, or all where that takes a look at the options first."""
    first = arguments[0] if arguments else ""
    return (first,) if first in COMMANDS else COMMANDS


def _app(names: Sequence[str]) -> typer.Typer:
    # NOTE: help and usage errors are plain text, the same in a terminal, a pipe and a test.
    app = typer.Typer(
        rich_markup_mode=None,
        no_args_is_help=True,
        epilog=EPILOG,
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    app.callback()(_root)
    for name in names:
        if find_spec(f"snnc.cli.{name}") is not None:
            _add(app, name)
    return app


def _add(app: typer.Typer, name: str) -> None:
    command = import_module(f"snnc.cli.{name}").command
    text = cleandoc(command.__doc__).replace(r"\b", "\b")  # the mark before lines that are not to be filled
    first = text.partition("\n\n")[0].replace("\n", " ")
    app.command(name, help=text, short_help=first, no_args_is_help=name not in OPTIONAL)(command)


def _refused(refusal: ClickException) -> int:
    page = StringIO()
    refusal.show(page)
    tell(safe(page.getvalue().rstrip()))
    return Status.REFUSED


def _version(wanted: bool) -> None:
    if wanted:
        say(f"snnc {__version__}")
        raise typer.Exit


VersionOption = Annotated[
    bool,
    typer.Option("--version", "-V", callback=_version, is_eager=True, help="Show the version and exit."),
]


def _root(
    context: typer.Context,
    version: VersionOption = False,  # noqa: ARG001  its callback has answered
    color: EnvironmentColor = Color.AUTO,
) -> None:
    """Compile topology tables of spiking networks to PyTorch twins, diagrams and cost reports."""
    context.default_map = {name: {"color": color} for name in COMMANDS}
