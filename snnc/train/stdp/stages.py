"""All stages, one after the other: each learns until it has settled or its images are used up, then rests.

Like the training loop it knows neither files nor terminals. A position, the weights and thresholds, and the
competitions' handicaps are all that it needs to go on; chance follows from the seed and the batch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic

import torch
from torch import Tensor, nn

from snnc.backends.torch.build import build
from snnc.backends.torch.printer import print_module
from snnc.ir.program import Program
from snnc.train.checkpoint import Checkpoint, Position
from snnc.train.images import Dataset, normalise
from snnc.train.loop import Interrupted, Keep
from snnc.train.metrics import Listener
from snnc.train.recipe import StdpRecipe
from snnc.train.seeds import order, seed_for
from snnc.train.stdp.division import Division, Stage
from snnc.train.stdp.learner import Learner, Site
from snnc.train.stdp.measure import change, entropy, has_settled, selectivity


@dataclass
class Place:
    """How far the stages have come: those that are ``done``, and of the one under way what it has seen."""

    done: int = 0
    shown: int = 0
    changes: list[float] = field(default_factory=list)
    entropies: list[float] = field(default_factory=list)


class Stages:
    """Trains the spiking part of a network. ``state`` holds its weights and thresholds by their place."""

    def __init__(
        self,
        recipe: StdpRecipe,
        division: Division,
        dataset: Dataset,
        timesteps: int,
        device: torch.device,
        listener: Listener,
    ) -> None:
        self.recipe, self.division, self.dataset = recipe, division, dataset
        self.timesteps, self.device, self.listener = timesteps, device, listener
        self.state = first_state(division, recipe)
        self.place, self.position = Place(), Position()
        self.handicaps: dict[str, Tensor] = {}
        self._chosen = order(len(dataset.train.labels), recipe.seed, 0)[: recipe.stdp.images]
        self.per_round = len(self._chosen) // recipe.stdp.batch

    @property
    def steps(self) -> int:
        """The most batches that all stages will see."""
        return self.per_round * self.recipe.stdp.rounds * len(self.division.stages)

    def run(self, keep: Keep) -> None:
        """Train from the place to the end. Raises `Interrupted` when asked to stop."""
        self.listener.started(self.position.step, self.steps, self.per_round)
        try:
            for stage in self.division.stages[self.place.done :]:
                self._learn(stage, keep)
        finally:
            self.listener.ended()

    def checkpoint(self, run: str) -> Checkpoint:
        """Return all that is needed to go on from here."""
        memory = {f"handicap/{name}": tensor for name, tensor in self.handicaps.items()}
        memory["place"] = torch.tensor([self.place.done, self.place.shown])
        memory["history"] = torch.tensor([self.place.changes, self.place.entropies], dtype=torch.float64)
        return Checkpoint(self.position, self.state, memory, run)

    def take_up(self, found: Checkpoint) -> None:
        """Go on from a checkpoint."""
        self.state, self.position = dict(found.weights), found.position
        done, shown = found.memory["place"].tolist()
        changes, entropies = found.memory["history"].tolist()
        self.place = Place(done, shown, changes, entropies)
        prefix = "handicap/"
        self.handicaps = {
            name.removeprefix(prefix): tensor
            for name, tensor in found.memory.items()
            if name.startswith(prefix)
        }

    def _learn(self, stage: Stage, keep: Keep) -> None:
        module = filled(stage.program, self.state, self.timesteps).to(self.device)
        rule = self.recipe.stdp
        learner = Learner(module, stage.layers, rule, rule.offset_of(self.place.done))
        learner.take_up(self.handicaps)
        while not self._is_over():
            self._show(stage, learner, keep)
            self.state |= {
                name: tensor.detach().cpu().clone() for name, tensor in module.state_dict().items()
            }
            self.handicaps = {name: handicap.cpu().clone() for name, handicap in learner.handicaps()}
            asked = keep.interrupted()
            if asked or self.position.step % self.recipe.log.checkpoint == 0:
                keep.checkpoint()
            if asked:
                raise Interrupted(self.position.step)
        self.place, self.handicaps = Place(self.place.done + 1), {}
        keep.checkpoint()

    def _is_over(self) -> bool:
        place, rule = self.place, self.recipe.stdp
        used_up = place.shown >= self.per_round * rule.rounds
        return used_up or has_settled(place.changes, place.entropies, rule.settle)

    def _show(self, stage: Stage, learner: Learner, keep: Keep) -> None:
        """Let a stage learn from one batch of images."""
        started, rule = monotonic(), self.recipe.stdp
        images = self.dataset.train.images(self._batch())
        before = {name: weight.clone() for name, weight in learner.weights()}
        torch.manual_seed(seed_for(self.recipe.seed, "stdp", self.position.step))
        sites = learner.present(normalise(images.to(self.device)), self.timesteps)
        weights = dict(learner.weights())
        moved = [change(before[name], weight, rule.low, rule.high) for name, weight in weights.items()]
        spread = [entropy(weight, rule.low, rule.high) for weight in weights.values()]
        self.place.changes.append(sum(moved) / len(moved))
        self.place.entropies.append(sum(spread) / len(spread))
        self.place.shown += 1
        self.position.step += 1
        self.position.seconds += monotonic() - started
        self.listener.stepped(self.position.step, math.nan)
        if self.place.shown % self.recipe.log.rates == 0 or self._is_over():
            keep.line(self._line(stage, sites))

    def _batch(self) -> Tensor:
        """Return the numbers of the images to show next."""
        rounds, place = divmod(self.place.shown, self.per_round)
        epoch = 1 + self.place.done * self.recipe.stdp.rounds + rounds
        mixed = self._chosen[order(len(self._chosen), self.recipe.seed, epoch)]
        size = self.recipe.stdp.batch
        return mixed[place * size : (place + 1) * size]

    def _line(self, stage: Stage, sites: Mapping[str, Site]) -> dict[str, object]:
        """Return what is measured of a stage, on the batch that it has just seen."""
        place = self.place
        return {
            "stage": stage.name,
            "step": self.position.step,
            "images": place.shown * self.recipe.stdp.batch,
            "change": place.changes[-1],
            "entropy": place.entropies[-1],
            "rates": {name: float(site.counts.mean()) / self.timesteps for name, site in sites.items()},
            "thresholds": {name: float(site.neurons.threshold) for name, site in sites.items()},
            "selectivity": {name: selectivity(site.counts) for name, site in sites.items()},
        }


def first_state(division: Division, recipe: StdpRecipe) -> dict[str, Tensor]:
    """Return the spiking part's weights and thresholds before anything is learnt, by their place.

    Weights are uniform within ``stdp.start``, from the seed alone; thresholds are the spec's.
    """
    state = filled(division.spiking, {}, 1).state_dict()
    generator = torch.Generator().manual_seed(seed_for(recipe.seed, "weights"))
    for stage in division.stages:
        for layer in stage.layers:
            state[f"{layer}.weight"].uniform_(*recipe.stdp.start, generator=generator)
    return state


def filled(program: Program, state: Mapping[str, Tensor], timesteps: int) -> nn.Module:
    """Return the module of a program with those of its weights and thresholds that ``state`` knows."""
    module = build(print_module(program), program.name, timesteps=timesteps)
    module.load_state_dict(
        {**module.state_dict(), **{k: v for k, v in state.items() if k in module.state_dict()}}
    )
    return module.eval()
