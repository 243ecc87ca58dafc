"""``snnc explain``: what a diagnostic means, what is allowed and what is not."""

from __future__ import annotations

import re
import sys
from typing import Annotated

import typer

from snnc.cli.options import ColorOption, JsonOption
from snnc.cli.terminal import Color, colored, say, say_json


def _codes(incomplete: str) -> list[str]:
    from snnc.source.data import data

    files = (file.name for file in data("diagnostics").iterdir())
    codes = (file.removesuffix(".md") for file in files if file.endswith(".md"))
    return sorted(code for code in codes if code.startswith(incomplete))


CodeArgument = Annotated[
    str | None,
    typer.Argument(metavar="CODE", help="What stands in the brackets of error[CODE].", autocompletion=_codes),
]


def command(
    code: CodeArgument = None, *, as_json: JsonOption = False, color: ColorOption = Color.AUTO
) -> None:
    r"""Explain a diagnostic by its code, or list the codes.

    \b
    Example:  snnc explain fan-in
    """
    pages = {one: _page(one) for one in ([code] if code else _codes(""))}
    if as_json:
        found = [{"code": one, "summary": _summary(page), "text": page} for one, page in pages.items()]
        say_json({"diagnostics": found})
    elif code:
        _show(pages[code], color)
    else:
        width = max(map(len, pages))
        for one, page in pages.items():
            say(f"{one:{width}}  {_summary(page)}")


def _page(code: str) -> str:
    from snnc.diagnostics.catalogue import explain

    try:
        return explain(code)
    except LookupError as error:
        raise typer.BadParameter(str(error), param_hint="CODE") from error


def _summary(page: str) -> str:
    """Return the first sentence below the page's title."""
    paragraph = page.partition("\n")[2].strip().partition("\n\n")[0]
    return re.split(r"(?<=\.)\s", paragraph)[0].replace("\n", " ")


def _show(page: str, color: Color) -> None:
    if not colored(color, sys.stdout):
        say(page.rstrip())
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console(force_terminal=True, width=min(100, Console().width)).print(Markdown(page))
