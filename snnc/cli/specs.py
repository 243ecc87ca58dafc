"""``snnc specs``: the specs that ship, as a list, or one of them as text to copy."""

from __future__ import annotations

from typing import Annotated

import typer

from snnc.cli.options import JsonOption
from snnc.cli.terminal import emit, say, say_json

HEADER = ("name", "parameters", "MACs", "T", "what it is")


def _names(incomplete: str) -> list[str]:
    from snnc.source.data import data

    found = (file.name for file in data("specs").iterdir())
    names = (file.removesuffix(".spec") for file in found if file.endswith(".spec"))
    return sorted(name for name in names if name.startswith(incomplete))


NameArgument = Annotated[
    str | None, typer.Argument(metavar="NAME", help="Print this spec's text.", autocompletion=_names)
]


def command(name: NameArgument = None, *, as_json: JsonOption = False) -> None:
    r"""List the specs that ship, or print one.

    \b
    Example:  snnc specs vgg5 > my.spec
    """
    names = [_known(name)] if name else _names("")
    if as_json:
        say_json({"specs": [_json(one) for one in names]})
    elif name:
        emit(_text(names[0]).encode())
    else:
        _list(names)


def _known(name: str) -> str:
    from snnc.diagnostics.near import closest

    wanted, names = name.removesuffix(".spec"), _names("")
    if wanted in names:
        return wanted
    near = " or ".join(closest(wanted, names))
    raise typer.BadParameter(
        f"no spec that ships has this name{f'; did you mean {near}?' if near else ''}", param_hint="NAME"
    )


def _text(name: str) -> str:
    from snnc.source.data import data

    return (data("specs") / f"{name}.spec").read_text(encoding="utf-8")


def _about(name: str) -> str:
    """The first line of the spec, a comment that says what it is."""
    return _text(name).partition("\n")[0].lstrip("# ")


def _json(name: str) -> dict[str, object]:
    from snnc.cli.figures import figures
    from snnc.driver import load

    return {"name": name, "about": _about(name), **figures(load(name)).as_json(), "text": _text(name)}


def _list(names: list[str]) -> None:
    from snnc.analysis.report import aligned

    for line in aligned([HEADER, *(_row(name) for name in names)], left={0, 4}):
        say(line)


def _row(name: str) -> tuple[str, ...]:
    from snnc.cli.figures import figures
    from snnc.driver import load

    found = figures(load(name))
    return (name, f"{found.parameters:,}", f"{found.macs:,}", f"{found.timesteps:,}", _about(name))
