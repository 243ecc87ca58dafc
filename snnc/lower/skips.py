"""Forward residuals: where a skip ends, a join takes its value beside the main path's; Table VII."""

from __future__ import annotations

from collections.abc import Iterator

from snnc.ir import ops
from snnc.ir.graph import Origin
from snnc.ir.ids import NodeId
from snnc.lower.chain import Chain, Weighted
from snnc.spec import model


def lower_skips_at_start(chain: Chain, group: model.Group) -> None:
    """Join the skips to a group's first layer before the group: the input is processed once (Sec. II)."""
    first = group.items[0]
    while isinstance(first, model.Group):
        first = first.items[0]
    if isinstance(first, Weighted):
        lower_skips(chain, first.name)


def lower_skips(chain: Chain, target: str) -> None:
    """Join the skips to ``target`` in the order of their clauses; those of one mode become one node."""
    skips = chain.plan.skips.get(target, ())
    if not skips or _joined(chain, target):
        return
    for count, skips_of_mode in enumerate(_by_mode(skips)):
        origin = Origin(skips_of_mode[0].span)
        values = tuple(chain.value_of(skip.origin, origin) for skip in skips_of_mode)
        name = NodeId(f"{target}.join{count + 1}" if count else f"{target}.join")
        mode: ops.JoinMode = skips_of_mode[0].mode or "infer"
        chain.add(name, ops.Join(mode), (chain.last, *values), origin)


def _joined(chain: Chain | None, target: str) -> bool:
    """Whether the skips to ``target`` were joined before a group that it begins."""
    while chain is not None:
        if any(node.id.name == f"{target}.join" for node in chain.nodes):
            return True
        chain = chain.outer
    return False


def _by_mode(skips: tuple[model.Skip, ...]) -> Iterator[tuple[model.Skip, ...]]:
    for mode in dict.fromkeys(skip.mode for skip in skips):
        yield tuple(skip for skip in skips if skip.mode == mode)
