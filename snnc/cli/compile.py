"""``snnc compile``: a spec to two PyTorch modules, a table and a diagram."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from snnc.cli.options import ColorOption, JsonOption, SpecsArgument, Which
from snnc.cli.terminal import Color, say, say_json

if TYPE_CHECKING:
    from snnc.cli.products import Product
    from snnc.driver import Net

OutOption = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="DIR", help="The folder to write to, instead of build/NAME."),
]
StandaloneOption = Annotated[
    bool, typer.Option("--standalone", help="Print modules that need torch and nothing else.")
]
TargetOption = Annotated[Which | None, typer.Option("--target", help="Only one of the twins.")]
DumpOption = Annotated[
    str | None,
    typer.Option("--dump", metavar="PASS", help="Print the graph after one pass, or `all`; write no file."),
]


def command(
    specs: SpecsArgument,
    *,
    out: OutOption = None,
    standalone: StandaloneOption = False,
    target: TargetOption = None,
    dump: DumpOption = None,
    as_json: JsonOption = False,
    color: ColorOption = Color.AUTO,
) -> None:
    r"""Print a spec's two twins as PyTorch modules, and draw it.

    Shows the table of its layers. Nothing is written unless every spec is right.

    \b
    Example:  snnc compile vgg5 -o nets
    """
    from snnc.cli.products import product, write_products
    from snnc.cli.verdict import accepted

    verdicts = accepted(specs, color, as_json=as_json)
    if dump is not None:
        for verdict in verdicts:
            _dump(verdict.net, dump, target or "snn")
        return
    made = [product(verdict, out, target, standalone=standalone) for verdict in verdicts]
    write_products(made)
    if as_json:
        say_json({"specs": [_json(one) for one in made]})
        return
    for one in made:
        _show(one)


def _show(product: Product) -> None:
    net = product.verdict.net
    say(f"{net.name}, {net.model.timesteps:,} time-steps\n")
    say(net.summary())
    for path in product.files:
        say(f"wrote {path}")


def _json(product: Product) -> dict[str, object]:
    from snnc.cli.figures import figures

    found = figures(product.verdict.net)
    files = [str(path) for path in product.files]
    return {**product.verdict.as_json(), **found.as_json(), "layers": found.layers(), "files": files}


def _dump(net: Net, wanted: str, target: Which) -> None:
    from snnc.ir.program import Target
    from snnc.ir.text import graph_text

    dumps = net.dumps(Target(target))
    if wanted not in {*dumps, "all"}:
        known = ", ".join(dumps)
        raise typer.BadParameter(f"no pass is named {wanted}; there are {known} and all", param_hint="--dump")
    for name, graph in dumps.items():
        if wanted in {name, "all"}:
            say(f"# {net.name}, {target}, after {name}\n{graph_text(graph)}")
