"""A folded network computes what its layers compute, written out one by one with copied weights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from snnc.driver import loads
from snnc.ir.program import Target

Layer = tuple[int, str]  # a number and a neuron
Block = tuple[list, int]  # what it holds, and how often it runs
NEURONS = ["LIF", "IF(threshold=0.5)", "LIF(reset=zero)", "ReLU", "identity", "identity|LIF", "ReLU|identity"]
layers = st.tuples(st.integers(1, 9), st.sampled_from(NEURONS))
chains = st.lists(
    st.recursive(
        layers,
        lambda inner: st.tuples(st.lists(inner, min_size=1, max_size=3), st.integers(2, 3)),
        max_leaves=4,
    ),
    min_size=1,
    max_size=3,
)


def is_block(item: Layer | Block) -> bool:
    return isinstance(item[0], list)


def executed(items: list) -> Iterator[Layer]:
    for item in items:
        yield from list(executed(item[0])) * item[1] if is_block(item) else [item]


def folded(items: list) -> str:
    return " - ".join(
        f"[{folded(item[0])}] repeated {item[1]} times" if is_block(item) else conv(*item) for item in items
    )


def conv(number: int, neuron: str) -> str:
    return f"Conv{number}(2,2,3x3/1), {neuron}"


def written_out(items: list) -> str:
    """Give the application a of layer n the name Conv<100 n + a>."""
    count = Counter[int]()
    parts = []
    for number, neuron in executed(items):
        count[number] += 1
        parts.append(conv(100 * number + count[number], neuron))
    return " - ".join(parts)


def numbered(items: list, count: Iterator[int]) -> list:
    """Return the chain with every layer another one."""
    return [
        (numbered(item[0], count), item[1]) if is_block(item) else (next(count), item[1]) for item in items
    ]


def scores(chain: str, coding: str, target: Target) -> torch.Tensor:
    net = loads(f"input 2x4x4\nencode {coding}\ntimesteps 4\nInput - {chain} - FC1(32,3)\n")
    live = (net.ann() if target is Target.ANN else net.snn()).double()
    for name, weight in live.named_parameters():
        number = int(name.removeprefix("Conv").removeprefix("FC").removesuffix(".weight"))
        layer = number // 100 or number  # applications of one layer get the same numbers
        seed = torch.Generator().manual_seed(layer)
        weight.data = torch.randn(weight.shape, generator=seed, dtype=torch.float64) * 0.5
    image = torch.rand(2, 2, 4, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    torch.manual_seed(1)
    return live(image)


def compare(items: list, coding: str) -> None:
    items = numbered(items, iter(range(1, 100)))
    for target in Target:
        expected = scores(written_out(items), coding, target)
        assert torch.allclose(scores(folded(items), coding, target), expected, rtol=1e-9, atol=1e-9)


LIF, RELU, NONE = (0, "LIF"), (0, "ReLU"), (0, "identity")


@pytest.mark.parametrize("coding", ["poisson", "direct"])
@pytest.mark.parametrize(
    "items",
    [
        [([LIF, NONE], 2)],
        [NONE, ([([LIF], 3), NONE], 3)],
        [([RELU, LIF, NONE], 2), ([LIF], 2)],
        [([NONE, ([RELU, LIF, NONE], 2)], 2)],
        [NONE, ([RELU, LIF], 2), NONE],
    ],
    ids=["silent end", "nested", "ReLU first", "ReLU first, nested", "between silent layers"],
)
def test_a_step_hands_a_train_to_the_next(items: list, coding: str) -> None:
    compare(items, coding)


@given(chains, st.sampled_from(["poisson", "direct"]))
def test_any_network_computes_what_its_layers_compute_written_out(items: list, coding: str) -> None:
    compare(items, coding)
