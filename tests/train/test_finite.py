"""A number that is none stops a run: what the error names, and what outlives it."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import nn
from training import UNKEPT, looped, recipe

from snnc.train import checkpoint, loop
from snnc.train.finite import NumericalStop
from snnc.train.loop import Loop
from snnc.train.metrics import Quiet
from snnc.train.network import loss_of


class At(Quiet):
    """Does something once after a step."""

    def __init__(self, step: int, action: Callable[[], object]) -> None:
        self.step, self.action = step, action

    def stepped(self, step: int, loss: float) -> None:
        if step == self.step:
            self.action()


def broken(spoil: Callable[[Loop], object], **overrides: str) -> NumericalStop:
    found = looped(recipe(timesteps="3", **overrides))
    found.listener = At(3, lambda: spoil(found))
    with pytest.raises(NumericalStop) as caught:
        found.run(UNKEPT)
    return caught.value


SPOILED = {
    "a weight": (lambda it: it.module.Conv2.weight.data.fill_(math.nan), "Conv2", 4),
    "an infinite weight": (lambda it: it.module.FC1.weight.data[0].fill_(math.inf), "FC1", 4),
    "a threshold": (lambda it: it.module.Conv2_lif.threshold.fill_(math.nan), "Conv2", 4),
    "an infinite threshold": (lambda it: it.module.FC1_lif.threshold.fill_(math.inf), "FC1", 4),
    "the optimiser": (
        lambda it: it.optimizer.state[it.module.FC2.weight]["exp_avg"].fill_(math.nan),
        "FC2",
        5,
    ),
}


@pytest.mark.parametrize("kind", SPOILED)
def test_a_number_that_is_none_stops_the_run(kind: str) -> None:
    spoil, layer, step = SPOILED[kind]
    stopped = broken(spoil)
    assert (stopped.layer, stopped.step) == (layer, step)
    assert f"{layer}: " in str(stopped)
    assert f"not finite at step {step}" in str(stopped)


def test_a_loss_and_a_layers_output_are_looked_at_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "loss_of", lambda module, *rest: loss_of(module, *rest) * math.inf)
    assert broken(lambda _it: None).what == "the gradient"
    monkeypatch.undo()

    def explode(it: Loop) -> None:
        it.module.Conv1.register_forward_hook(lambda _part, _inputs, output: output * math.nan)

    stopped = broken(explode, method="ann")
    assert (stopped.layer, stopped.what) == ("Conv1", "the output")


def test_the_last_good_checkpoint_outlives_a_stop(runs, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = iter(range(1000))

    def spoiled(module: nn.Module, *rest: torch.Tensor) -> torch.Tensor:
        if next(calls) == 18:  # two parts a step: in the tenth step
            module.FC1.weight.data.fill_(math.nan)
        return loss_of(module, *rest)

    monkeypatch.setattr(loop, "loss_of", spoiled)
    with pytest.raises(NumericalStop, match="FC1: the weight is not finite at step 10"):
        runs.train("spoiled")
    monkeypatch.undo()
    found, complaints = checkpoint.newest(runs.place / "spoiled" / "checkpoints")
    assert found is not None
    assert (found.position.step, complaints) == (8, [])
    assert all(bool(tensor.isfinite().all()) for tensor in found.weights.values())
    runs.train("spoiled", resume=True)
    assert runs.result("spoiled") == runs.result("whole")
