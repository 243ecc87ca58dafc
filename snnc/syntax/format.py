"""Format: from a folded tree to its one text.

Clauses stand in a fixed order, the chain in lines that show the network's stages, and every comment
beside what it was written for. Formatting a formatted text changes nothing, and what it says is what
the tree says: ``fold(parse(format(spec))) == spec``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from snnc.syntax import write
from snnc.syntax.layout import WIDTH, lay_out
from snnc.syntax.remarks import Remarks
from snnc.syntax.tree import Spec, Tree


def format(spec: Spec) -> str:  # noqa: A001  # what it does; modules call it `format.format`
    """Return the canonical text of a spec; empty for an empty one."""
    remarks = Remarks(spec)
    blocks = (
        _block(_heading(spec), remarks),
        lay_out(spec.layers, remarks),
        _block(_ending(spec), remarks),
        remarks.end,
    )
    paragraphs = ["\n".join(lines) for lines in blocks if lines]
    top = "\n".join(remarks.top)
    text = "\n".join((top, *paragraphs[:1])) if top else "".join(paragraphs[:1])
    return "\n\n".join((text, *paragraphs[1:])).strip("\n") + "\n" if text.strip() else ""


@dataclass(frozen=True)
class _Line:
    """One clause, and where in the source it begins."""

    text: str
    starts: tuple[int, ...]


def _heading(spec: Spec) -> list[_Line]:
    """Return the clauses before the chain."""
    found = (
        spec.name and _line(f"network {spec.name.value}", spec.name),
        spec.input and _line(f"input {write.shape(spec.input)}", spec.input),
        spec.neuron and _line(f"neuron {write.activation(spec.neuron)}", spec.neuron),
        spec.encode and _line(f"encode {spec.encode.value}", spec.encode),
        spec.timesteps and _line(f"timesteps {spec.timesteps.value}", spec.timesteps),
    )
    return [line for line in found if line]


def _ending(spec: Spec) -> list[_Line]:
    """Return the clauses behind the chain."""
    found = [
        *_listed("BackRes ", spec.backres, [write.backres(one) for one in spec.backres]),
        *_listed("Skip ", spec.skips, [write.skip(one) for one in spec.skips]),
        *(_line(f"printed {write.printed(one)}", one) for one in spec.printed),
        *(_line(f"use {write.use(one)}", one) for one in spec.uses),
    ]
    if spec.classify:
        found.append(_line(f"classify {spec.classify.value}", spec.classify))
    return found


def _line(text: str, *nodes: Tree) -> _Line:
    return _Line(text, tuple(node.span.start for node in nodes))


def _listed(keyword: str, nodes: Sequence[Tree], texts: list[str]) -> Iterable[_Line]:
    """Yield a clause that lists several things, in as many lines as they take."""
    start = 0
    while start < len(nodes):
        end = start + 1
        while end < len(nodes) and len(keyword + ", ".join(texts[start : end + 1])) <= WIDTH:
            end += 1
        yield _line(keyword + ", ".join(texts[start:end]), *nodes[start:end])
        start = end


def _block(lines: list[_Line], remarks: Remarks) -> list[str]:
    """Return clauses with their comments, those at the line's end below each other."""
    about = [(line.text, *remarks.take(line.starts, line.starts)) for line in lines]
    column = max((len(text) for text, _, behind in about if behind), default=0)
    found = []
    for text, before, behind in about:
        found += [*before, f"{text:{column}}  {behind}" if behind else text]
    return found
