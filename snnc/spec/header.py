"""The lines above the layers: the network's name, its input, and the defaults of those left out."""

from __future__ import annotations

import keyword
import re
from itertools import chain
from pathlib import PurePath

from snnc.diagnostics import Reporter
from snnc.diagnostics.escape import shorten
from snnc.spec import model
from snnc.spec.chain import weighted
from snnc.spec.entry import entry
from snnc.spec.errors import InputMissing, NameUnusable
from snnc.syntax import tree

TIMESTEPS = 100
LONGEST_NAME = 64
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)


def network_name(spec: tree.Spec, report: Reporter) -> str:
    """Return the name of the `network` line; without one, that of the file."""
    if spec.name is None:
        return name_of_file(spec.span.source.name)
    usable(spec.name, "network", report)
    return spec.name.value


def name_of_file(path: str) -> str:
    """Return a file's stem as a name that a Python class may have: ``vgg-7 (1).spec`` is ``vgg_7_1``."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", PurePath(path).stem).strip("_") or "Network"
    name = name if name[0].isalpha() else f"Net_{name}"
    name = name[:LONGEST_NAME]
    return name if fault(name) is None else f"{name[: LONGEST_NAME - 1]}_"


def usable(name: tree.Name, thing: str, report: Reporter) -> bool:
    """Whether a network or block may bear the name; told why where it may not."""
    reason = fault(name.value)
    if reason is not None:
        report(NameUnusable(name.span, shorten(name.value), thing, reason, _better(name.value)))
    return reason is None


def _better(name: str) -> str:
    """Return a usable name like this one; nothing where none comes to mind."""
    candidates = (name.strip("_"), f"{name.strip('_')}Net")
    return next((one for one in candidates if fault(one) is None), "")


def fault(name: str) -> str | None:
    """Return what is wrong with a name, if anything is."""
    if keyword.iskeyword(name):
        return "a word of Python"
    if len(name) > LONGEST_NAME:
        return f"{len(name)} characters, at most {LONGEST_NAME}"
    return None if NAME.fullmatch(name) else "does not begin with a letter"


def input_shape(spec: tree.Spec, report: Reporter) -> model.Shape | None:
    """Return the shape of the `input` line, which must be there."""
    if spec.input is not None:
        return entry(model.Shape, spec.input, report)
    first = next(chain(weighted(spec.layers), spec.uses), None)
    if first is not None:  # else there is nothing that takes an input, which is reported as such
        channels = first.inputs.value if isinstance(first, tree.Conv) else 3
        report(InputMissing(first.span, channels))
    return None
