"""``snnc graph``: a network's diagram, unrolled or folded, as a file or on stdout."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from snnc.cli.options import ColorOption, SpecArgument, Which
from snnc.cli.terminal import Color, emit, say, tell

if TYPE_CHECKING:
    from snnc.cli.verdict import Accepted

Form = Literal["svg", "png", "pdf", "dot"]
FORMS: tuple[Form, ...] = ("svg", "png", "pdf", "dot")

FoldedOption = Annotated[
    bool, typer.Option("--folded", help="Draw a BackRes block once, with its loop, not once for every step.")
]
TargetOption = Annotated[Which, typer.Option("--target", help="Which of the twins.")]
OutOption = Annotated[
    str | None,
    typer.Option(
        "--out",
        "-o",
        metavar="FILE",
        help="A .svg, .png, .pdf or .dot file, or - for stdout; build/NAME/NAME.svg by default.",
    ),
]
FormOption = Annotated[
    Form | None,
    typer.Option("--format", "-f", help="The format; by default what FILE's name ends in, else svg."),
]


def command(
    spec: SpecArgument,
    *,
    folded: FoldedOption = False,
    target: TargetOption = "snn",
    out: OutOption = None,
    form: FormOption = None,
    color: ColorOption = Color.AUTO,
) -> None:
    r"""Draw a network: unrolled, or folded with its loops.

    Layers have their shapes, steps that share a weight its colour. A saved network is drawn as the twin
    that it is, a spiking one with its thresholds.

    \b
    Example:  snnc graph vgg11x2 --folded -o vgg11x2.pdf
              snnc graph runs/vgg2x4_snn/network.safetensors
    """
    from snnc.backends.diagram.render import render
    from snnc.backends.diagram.sketch import draw
    from snnc.cli.verdict import accepted
    from snnc.ir.program import Target

    wanted = form or _form_of(out)
    if out == "-" and wanted in {"png", "pdf"} and sys.stdout.isatty():
        raise typer.BadParameter(f"a terminal cannot show {wanted}; name a file", param_hint="--out")
    if spec.endswith(".safetensors"):
        _draw_saved(spec, out, wanted, folded=folded, color=color)
        return
    (verdict,) = accepted([spec], color)
    twin = verdict.net.twin(Target(target))
    picture = render(draw(twin.folded if folded else twin.unrolled), wanted)
    if out == "-":
        emit(picture.content)
        return
    suffix = f"_folded.{wanted}" if folded else f".{wanted}"
    path = _write(verdict, picture.content, out, suffix)
    if wanted != "dot":
        tell(f"drawn by {picture.engine}")
    say(f"wrote {path}")


def _draw_saved(net: str, out: str | None, form: Form, *, folded: bool, color: Color) -> None:
    """Draw the twin that a saved network is, with the thresholds that it has."""
    from snnc.backends.diagram.render import render
    from snnc.backends.diagram.sketch import draw
    from snnc.cli.learning import guarded
    from snnc.cli.products import build_folder, stem
    from snnc.cli.write import write_files
    from snnc.train import artifact

    with guarded(color):
        saved = artifact.load(Path(net))
    twin = saved.network.net.twin(saved.network.options.target)
    program = replace(twin.folded if folded else twin.unrolled, timesteps=saved.timesteps)
    picture = render(draw(program, artifact.thresholds(saved)), form)
    if out == "-":
        emit(picture.content)
        return
    name = stem(saved.network.net.name)
    folder, own = build_folder(name)
    path = Path(out) if out else folder / f"{name}_saved{'_folded' if folded else ''}.{form}"
    write_files({path: picture.content}, () if out else own)
    say(f"wrote {path}")


def _form_of(out: str | None) -> Form:
    if out is None or out == "-":
        return "svg"
    suffix = Path(out).suffix.lower().removeprefix(".")
    for form in FORMS:
        if form == suffix:
            return form
    raise typer.BadParameter(
        f"{out} ends in none of .svg, .png, .pdf and .dot; or add --format", param_hint="--out"
    )


def _write(verdict: Accepted, content: bytes, out: str | None, suffix: str) -> Path:
    from snnc.cli.products import build_folder, stem
    from snnc.cli.write import write_files

    if out is not None:
        write_files({Path(out): content})
        return Path(out)
    name = stem(verdict.spec.source.name)
    folder, own = build_folder(name)
    path = folder / f"{name}{suffix}"
    write_files({path: content}, own)
    return path
