"""``snnc check``: whether a spec is right, and what of it can be mended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from snnc.cli.options import ColorOption, JsonOption, SpecsArgument
from snnc.cli.terminal import Color, emit, safe, say, say_json, tell

if TYPE_CHECKING:
    from snnc.cli.mend import Repair

FixOption = Annotated[
    bool, typer.Option("--fix", help="Mend in place what has one mechanical repair; stdin goes to stdout.")
]


def command(
    specs: SpecsArgument,
    *,
    fix: FixOption = False,
    as_json: JsonOption = False,
    color: ColorOption = Color.AUTO,
) -> None:
    r"""Find every mistake in specs, with its place and the way out.

    \b
    Example:  snnc check my.spec --fix
    """
    from snnc.cli.mend import Repair, mended
    from snnc.cli.verdict import judge, report, worst

    repairs = [mended(given) if fix else Repair(judge(given)) for given in dict.fromkeys(specs)]
    verdicts = [repair.verdict for repair in repairs]
    if as_json:
        say_json({"specs": [_json(repair) for repair in repairs]})
    else:
        for repair in repairs:
            _tell_mended(repair)
        report(verdicts, color)
        for repair in repairs:
            _show(repair, fix=fix)
    raise typer.Exit(worst(verdicts))


def _tell_mended(repair: Repair) -> None:
    if repair.places:
        tell(safe(f"{repair.verdict.given}: mended in {repair.places} place{'s' * (repair.places != 1)}"))


def _show(repair: Repair, *, fix: bool) -> None:
    from snnc.cli.figures import figures
    from snnc.cli.verdict import Accepted, text_from_stdin

    given, text = repair.verdict.given, text_from_stdin(repair.verdict)
    if fix and text is not None:
        emit(text.encode())
    elif isinstance(repair.verdict, Accepted):
        say(f"{given}: ok, {figures(repair.verdict.net).sentence()}")


def _json(repair: Repair) -> dict[str, object]:
    from snnc.cli.figures import figures
    from snnc.cli.verdict import Accepted, text_from_stdin

    answer = {**repair.verdict.as_json(), "mended": repair.places}
    if isinstance(repair.verdict, Accepted):
        answer |= figures(repair.verdict.net).as_json()
    text = text_from_stdin(repair.verdict)
    return answer if text is None else {**answer, "text": text}
