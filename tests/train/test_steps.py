"""What one step does, exactly: its rate, its chance, its gradient, and what of it is measured."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn.utils import get_total_norm

from snnc.source import Source
from snnc.train.arrays import digits
from snnc.train.loop import Keep, Loop
from snnc.train.metrics import Quiet
from snnc.train.network import loss_of
from snnc.train.optimiser import optimiser
from snnc.train.recipe import Optimiser, Recipe, read_recipe
from snnc.train.run import network_of
from snnc.train.world import World

TEXT = 'spec = "digits"\nmethod = "agd"\nepochs = 1\nbatch = 32\ntimesteps = 2\nlog.rates = 1\n'


def recipe(**overrides: str) -> Recipe:
    return read_recipe(Source("r", TEXT), {name.replace("__", "."): v for name, v in overrides.items()})


class Seen(Quiet):
    """Notes what every step leaves in the weights' gradients."""

    def __init__(self) -> None:
        self.loop: Loop
        self.norms: list[float] = []

    def stepped(self, step: int, loss: float) -> None:
        self.norms.append(float(get_total_norm([w.grad for w in self.loop.module.parameters()])))


def trained(chosen: Recipe) -> tuple[Loop, Seen, list[dict[str, object]]]:
    seen, lines = Seen(), []
    seen.loop = Loop(chosen, network_of(chosen).module(), digits(), World(), seen)
    seen.loop.run(Keep(lambda line: lines.append(dict(line)), lambda: None, lambda: False))
    return seen.loop, seen, lines


def test_the_rate_of_a_step_is_that_of_the_steps_before_it() -> None:
    _, _, lines = trained(recipe(optimiser__rate="1e-2", schedule__warmup="0.5"))
    rates = [line["rate"] for line in lines if "rate" in line]
    assert len(rates) == 44
    assert rates[0] == pytest.approx(4e-4)  # a 25th
    assert rates[22] == pytest.approx(1e-2)  # after half of the run
    assert rates[33] == pytest.approx(1e-2 * (1 + math.cos(math.pi / 2)) / 2)


def test_the_loss_of_an_epoch_is_the_mean_of_its_steps() -> None:
    _, _, lines = trained(recipe())
    steps = [line["loss"] for line in lines if "epoch" not in line]
    (epoch,) = [line["loss"] for line in lines if "epoch" in line]
    assert len(steps) == 44
    assert epoch == pytest.approx(sum(steps) / 44)


def test_gradients_are_clipped_to_the_norm_and_no_further() -> None:
    _, seen, lines = trained(recipe(optimiser__clip="0.05"))
    told = [line["norm"] for line in lines if "norm" in line]
    assert max(seen.norms) <= 0.05 + 1e-6
    assert max(told) > 0.06  # what is told is the norm before
    for norm, before in zip(seen.norms, told, strict=True):
        assert norm == pytest.approx(min(before, 0.05), rel=1e-4)
    _, seen, lines = trained(recipe(optimiser__clip="0"))
    assert seen.norms == pytest.approx([line["norm"] for line in lines if "norm" in line])


def test_chance_is_of_the_seed_the_step_and_the_part() -> None:
    """The same images give another loss in another part, step or run, and the same one again."""
    pixels, labels = digits().train.images(torch.arange(16)), torch.from_numpy(digits().train.labels[:16])

    def loss(seed: str = "1", step: int = 0, part: int = 0) -> float:
        chosen = recipe(seed=seed)
        found = Loop(chosen, network_of(chosen).module(1), digits(), World(), Quiet())
        found.position.step = step
        return found._loss(pixels, labels, part).item()

    assert loss() == loss()
    assert len({loss(), loss(part=1), loss(step=1), loss(seed="2")}) == 4


def test_the_gradient_is_that_of_the_mean_loss() -> None:
    """Of every image once, whatever the parts; computed here without the loop."""
    chosen = recipe(coding="direct", parts="4", optimiser__clip="0")
    found = Loop(chosen, network_of(chosen).module(), digits(), World(), Quiet())
    pixels, labels = digits().train.images(torch.arange(32)), torch.from_numpy(digits().train.labels[:32])
    told = found._gradients(pixels, labels, noted=False)
    gradients = [weight.grad.clone() for weight in found.module.parameters()]
    found.module.zero_grad()
    loss = loss_of(found.module, pixels.float() / 127.5 - 1, labels)
    loss.backward()
    assert told == pytest.approx(loss.item(), rel=1e-5)
    for mine, weight in zip(gradients, found.module.parameters(), strict=True):
        torch.testing.assert_close(mine, weight.grad, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize(("momentum", "decay"), [(0.5, 0.1), (0.0, 0.0)])
def test_sgd_has_its_momentum_and_decay(momentum: float, decay: float) -> None:
    layer = torch.nn.Linear(1, 1, bias=False)
    layer.weight.data.fill_(2.0)
    found = optimiser(Optimiser(name="sgd", rate=1.0, momentum=momentum, decay=decay), layer)
    place, velocity = 2.0, 0.0
    for _ in range(3):
        layer.weight.grad = torch.full((1, 1), 0.25)
        found.step()
        velocity = momentum * velocity - (0.25 + decay * place)
        place += velocity
        assert layer.weight.item() == pytest.approx(place)


@pytest.mark.parametrize(
    ("name", "moved"),
    [("adam", -1.0), ("adamw", -1.0 - 0.1 * 2.0)],  # the first step of Adam is the gradient's sign
)
def test_adam_decays_in_the_gradient_and_adamw_beside_it(name: str, moved: float) -> None:
    layer = torch.nn.Linear(1, 1, bias=False)
    layer.weight.data.fill_(2.0)
    found = optimiser(Optimiser(name=name, rate=1.0, decay=0.1), layer)
    layer.weight.grad = torch.full((1, 1), -0.05)
    found.step()
    sign = 1 if name == "adam" else -1  # with the decay the gradient of Adam is +0.15, not -0.05
    assert layer.weight.item() == pytest.approx(2.0 - sign * 1.0 + (moved + 1.0), abs=1e-4)
