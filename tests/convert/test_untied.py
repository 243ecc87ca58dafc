"""A block that runs n times is n layers with the same weights: equal thresholds, spikes and scores."""

from __future__ import annotations

import pytest
import torch
from converting import saved

from snnc.train import artifact
from snnc.train.artifact import Saved
from snnc.train.network import spiking

SHARED = "Input - Conv1(2,6,3x3/1) - [Conv2(6,6,3x3/1) - Conv3(6,6,3x3/1)] repeated 2 times - FC1(216,4)"
UNTIED = (
    "Input - Conv1(2,6,3x3/1) - Conv2(6,6,3x3/1) - Conv3(6,6,3x3/1)"
    " - Conv4(6,6,3x3/1) - Conv5(6,6,3x3/1) - FC1(216,4)"
)
COPIES = {"Conv4": "Conv2", "Conv5": "Conv3"}
STATES = {"Conv1": "Conv1", "Conv2@1": "Conv2", "Conv3@1": "Conv3", "Conv2@2": "Conv4", "Conv3@2": "Conv5"}


def untied(shared: Saved) -> Saved:
    found = saved(UNTIED)
    weights = shared.module.state_dict()
    copied = {
        name: weights[f"{COPIES.get(name.split('.')[0], name.split('.')[0])}.weight"]
        for name in found.module.state_dict()
    }
    found.module.load_state_dict(copied)
    return found


@pytest.mark.parametrize("balance", ["maximum", "percentile", "robust"])
def test_an_unrolled_block_equals_layers_with_copied_weights(converted, balance: str):
    one = saved(SHARED)
    results = [
        converted(net, 24, coding="poisson", calibration__balance=balance) for net in (one, untied(one))
    ]
    first, second = (artifact.load(result.path).module for result in results)
    levels, copies = ({n: p.threshold for n, p in spiking(m).items()} for m in (first, second))
    assert list(levels) != list(copies)
    for state, copy in STATES.items():
        assert torch.equal(levels[state], copies[copy]), state
    assert len({float(level) for level in levels.values()}) == 5
    image = torch.rand(3, 2, 6, 6, generator=torch.Generator().manual_seed(1)) * 2 - 1
    trains = [fired(module, image) for module in (first, second)]
    for state, copy in STATES.items():
        assert torch.equal(trains[0][state], trains[1][copy]), state
        assert trains[0][state].any()
    assert torch.equal(trains[0]["scores"], trains[1]["scores"])
    assert [row.accuracy for row in results[0].ledger.rows] == [r.accuracy for r in results[1].ledger.rows]


def fired(module: torch.nn.Module, image: torch.Tensor) -> dict[str, torch.Tensor]:
    found: dict[str, torch.Tensor] = {}
    for state, part in spiking(module).items():
        part.register_forward_hook(lambda _part, _given, spikes, state=state: found.update({state: spikes}))
    torch.manual_seed(3)
    with torch.inference_mode():
        found["scores"] = module(image)
    return found
