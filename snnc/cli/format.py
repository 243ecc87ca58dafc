"""``snnc format``: a spec in the one spelling, folded, with its comments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from snnc.cli.options import ColorOption, JsonOption, SpecsArgument
from snnc.cli.status import Status
from snnc.cli.terminal import Color, emit, say, say_json

if TYPE_CHECKING:
    from snnc.cli.spelling import Spelled

CheckOption = Annotated[
    bool, typer.Option("--check", help="Write nothing; exit 1 and name the specs that are spelled otherwise.")
]
WriteOption = Annotated[bool, typer.Option("--write", "-w", help="Rewrite the files instead of printing.")]


def command(
    specs: SpecsArgument,
    *,
    check: CheckOption = False,
    write: WriteOption = False,
    as_json: JsonOption = False,
    color: ColorOption = Color.AUTO,
) -> None:
    r"""Spell specs in the one way: folded, one clause a line.

    \b
    Example:  snnc format my.spec --write
    """
    from snnc.cli.spelling import Spelled, spelled
    from snnc.cli.verdict import report

    if check and write:
        raise typer.BadParameter("--check writes nothing, so it excludes --write", param_hint="--check")
    answers = [spelled(given, write=write) for given in dict.fromkeys(specs)]
    if as_json:
        say_json({"specs": [answer.as_json() for answer in answers]})
    else:
        report([answer for answer in answers if not isinstance(answer, Spelled)], color)
        for answer in answers:
            if isinstance(answer, Spelled):
                _show(answer, check=check, write=write)
    untidy = check and any(isinstance(answer, Spelled) and answer.changed for answer in answers)
    raise typer.Exit(max([*(answer.status for answer in answers), Status.UNMET if untidy else Status.OK]))


def _show(answer: Spelled, *, check: bool, write: bool) -> None:
    if not (check or (write and answer.in_place)):
        emit(answer.text.encode())
    elif answer.changed:
        say(f"{answer.given}: {'would be respelled' if check else 'respelled'}")
