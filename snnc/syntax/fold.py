"""Fold: from a tree as it was written to one in which every repetition is a `Group`.

The tables print a BackRes network unrolled, `Conv2(...)-Conv2(...)`, and say in another column that
`[Conv2]` is repeated. Here both become one group, so that all spellings of a network are equal trees:

1. a clause's block, listed once or n times in a row, becomes a group of its first listing;
2. a neuron behind a group becomes the neuron of the layers in it that name none.

Whether the layers fit each other, and what stays listed twice without a clause, is asked later.
"""

from __future__ import annotations

from dataclasses import replace

from snnc.diagnostics import Reporter
from snnc.syntax.settle import settle
from snnc.syntax.tree import Spec


def fold(spec: Spec, report: Reporter) -> Spec:
    """Return the spec with groups only: no unrolled listing, no `BackRes` clause.

    A clause that does not fit the listing is reported and left out.
    """
    layers = spec.layers
    if spec.backres:
        from snnc.syntax.gather import gather  # NOTE: a folded text does without

        layers = gather(spec, report)
    return replace(spec, layers=settle(layers), backres=())
