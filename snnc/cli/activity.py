"""``snnc activity``: measure how often the neurons of a network fire, for `snnc cost` to count with."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from snnc.cli.options import ColorOption, DeviceOption, TimestepsOption
from snnc.cli.status import Status
from snnc.cli.terminal import Color, colored, emit, safe, tell

if TYPE_CHECKING:
    from torch import nn

    from snnc.train.network import Network

NetArgument = Annotated[
    str,
    typer.Argument(metavar="NET", help="A saved network, or a spec, whose weights are as they are drawn."),
]
DataArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="DATA", help="An .npz, a folder of images or CIFAR-10; the shipped digits by default."
    ),
]
PartOption = Annotated[Literal["test", "train"], typer.Option("--part", help="Which images.")]
LimitOption = Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many images.")]
BatchOption = Annotated[int, typer.Option("--batch", min=1, help="Images at once; a matter of memory.")]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="The seed of spikes and of drawn weights.")]
OutOption = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write it to a file.", show_default=False)
]


def command(
    net: NetArgument,
    data: DataArgument = None,
    *,
    timesteps: TimestepsOption = None,
    part: PartOption = "test",
    limit: LimitOption = 128,
    batch: BatchOption = 16,
    seed: SeedOption = 1,
    device: DeviceOption = "auto",
    out: OutOption = None,
    color: ColorOption = Color.AUTO,
) -> None:
    r"""Measure a network's activity on images: spike rates and exact operations of every application.

    The answer is the JSON file that `snnc cost --activity FILE` reads.

    \b
    Example:  snnc activity vgg5.safetensors cifar-10 -o rates.json
    """
    from snnc.analysis.activity import activity_text
    from snnc.cli.verdict import accepted
    from snnc.cli.write import replace_file
    from snnc.diagnostics import CompileError
    from snnc.diagnostics.render import render
    from snnc.train.observe import fresh, observe, saved

    try:
        if net.endswith(".safetensors"):
            found = saved(Path(net), timesteps)
        else:
            (verdict,) = accepted([net], color)
            found = fresh(verdict.spec.source, verdict.spec.folder, timesteps, seed)
            tell(safe(f"snnc: {net} is a spec: its weights are as they are drawn, nothing was learnt"))
        activity = observe(*_moved(*found, device), data, part=part, limit=limit, batch=batch, seed=seed)
    except CompileError as error:
        tell(render(error.diagnostics, color=colored(color, sys.stderr)), end="")
        raise typer.Exit(Status.REFUSED) from error
    except ValueError as error:
        tell(safe(f"snnc: {error}"))
        raise typer.Exit(Status.REFUSED) from error
    content = activity_text(activity).encode()
    if out is None:
        emit(content)
    else:
        replace_file(out, content)


def _moved(network: Network, module: nn.Module, device: str) -> tuple[Network, nn.Module]:
    """Return a network and its module, which is moved to a device."""
    from snnc.train.world import device_of

    return network, module.to(device_of(device))
