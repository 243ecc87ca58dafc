"""The training loop of both twins: batches in a fixed order, gradients, steps, measurements.

It knows neither files nor terminals: it is given a position to start from and calls back when something is
to be kept. What it does in a step depends on the recipe, the weights and the number of the step alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_, get_total_norm

from snnc.train.augment import augment
from snnc.train.checkpoint import Position
from snnc.train.evaluate import Manner, Score, autocast, evaluate, prepare
from snnc.train.feed import batches
from snnc.train.finite import refuse_thresholds, refuse_weights, stop
from snnc.train.images import DataError, Dataset, Part, Split
from snnc.train.metrics import Line, Listener
from snnc.train.network import loss_of
from snnc.train.optimiser import optimiser
from snnc.train.rates import Rates, silent
from snnc.train.recipe import Learning
from snnc.train.room import enough_memory
from snnc.train.schedule import share
from snnc.train.seeds import held_out, order, seed_for
from snnc.train.world import World

NOTES_TO_JUDGE = 10  # notes of an epoch after which a silent layer is named


class Interrupted(Exception):  # noqa: N818 - nothing is wrong
    """The run was asked to stop between two steps; its last checkpoint is of this moment."""

    def __init__(self, step: int) -> None:
        super().__init__(f"interrupted after step {step:,}; --resume goes on from there")


@dataclass(frozen=True)
class Keep:
    """What the loop calls back: a line was measured, a checkpoint is due, shall it stop."""

    line: Callable[[Line], None]
    checkpoint: Callable[[], None]
    interrupted: Callable[[], bool]


class Loop:
    """Trains ``module``, which stays an ordinary module, by a recipe."""

    def __init__(
        self, recipe: Learning, module: nn.Module, dataset: Dataset, world: World, listener: Listener
    ) -> None:
        self.recipe, self.dataset, self.world, self.listener = recipe, dataset, world, listener
        layout = torch.channels_last if recipe.numbers.layout == "channels-last" else torch.contiguous_format
        self.module = module.to(world.device).to(memory_format=layout)  # type: ignore[call-overload]
        self.optimizer = optimiser(recipe.optimiser, self.module)
        self.position = Position()
        self.learnt, self.validation = _parts(dataset.train, recipe)
        self.per_epoch = len(self.learnt.labels) // recipe.batch
        if self.per_epoch == 0:
            raise DataError(f"a batch of {recipe.batch} is more than the {len(self.learnt.labels)} images")
        self.steps = self.per_epoch * recipe.epochs
        self._shared = world.share_out(self.module)
        self._weights = [weight for weight in self.module.parameters() if weight.requires_grad]
        self._score: Score | None = None
        self._fired: dict[str, float] = {}

    def run(self, keep: Keep) -> Score:
        """Train from the position to the end and return the last score on the test images.

        Raises `NumericalStop` for a number that is not finite, `Interrupted` when asked to stop.
        """
        self.listener.started(self.position.step, self.steps, self.per_epoch)
        try:
            while self.position.step < self.steps and not self._is_stale():
                self._epoch(keep)
        finally:
            self.listener.ended()
        return self._score or self._test(self.dataset.test)

    def _epoch(self, keep: Keep) -> None:
        epoch, done = divmod(self.position.step, self.per_epoch)
        self.module.train()
        started = monotonic()
        for pixels, labels in batches(self.learnt, self._plan(epoch)[done:], self.recipe.data.workers):
            with enough_memory(self.module, self.position.step + 1):
                self._step(pixels, labels, keep)
            self.position.seconds += monotonic() - started
            started = monotonic()
            if self.position.step % self.per_epoch == 0:
                break
            if self.position.step % self.recipe.log.checkpoint == 0:
                self._keep(keep)
            if self.world.any(keep.interrupted()):
                self._keep(keep)
                raise Interrupted(self.position.step)
        self._finish_epoch(epoch, keep)
        self.position.seconds += monotonic() - started
        self._keep(keep)
        if self.world.any(keep.interrupted()) and self.position.step < self.steps:
            raise Interrupted(self.position.step)

    def _plan(self, epoch: int) -> list[Tensor]:
        """Return the numbers of this process's images, step by step, the parts one after the other."""
        batch, parts = self.recipe.batch, self.recipe.parts
        mixed = order(len(self.learnt.labels), self.recipe.seed, epoch)
        steps = mixed[: self.per_epoch * batch].view(self.per_epoch, parts, batch // parts)
        return list(steps[:, self.world.rank :: self.world.size].flatten(1))

    def _step(self, pixels: Tensor, labels: Tensor, keep: Keep) -> None:
        position, recipe = self.position, self.recipe
        rate = recipe.optimiser.rate * share(recipe.schedule, position.step, self.steps)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.zero_grad(set_to_none=True)
        noted = position.step % recipe.log.rates == 0
        loss = self._gradients(pixels, labels, noted=noted)
        norm = self._norm()
        refuse_thresholds(self.module, position.step + 1)
        if not (math.isfinite(loss) and math.isfinite(norm)):
            size = recipe.batch // recipe.parts
            raise stop(self.module, position.step + 1, lambda: self._loss(pixels[:size], labels[:size], 0))
        self.optimizer.step()
        position.step += 1
        position.loss_sum += loss
        position.loss_count += 1
        if noted:
            line: dict[str, object] = {"step": position.step, "loss": loss, "rate": rate, "norm": norm}
            keep.line(line | ({"rates": self._fired} if self._fired else {}))
        self.listener.stepped(position.step, loss)

    def _gradients(self, pixels: Tensor, labels: Tensor, *, noted: bool) -> float:
        """Leave the gradients of the whole batch in the weights and return its loss."""
        recipe, world = self.recipe, self.world
        size = recipe.batch // recipe.parts
        total = 0.0
        mine = range(world.rank, recipe.parts, world.size)
        for place, part in enumerate(mine):
            slot = slice(place * size, (place + 1) * size)
            with world.alone(self._shared, last=place + 1 == len(mine)):
                if noted and place == 0:
                    loss = self._noted_loss(pixels[slot], labels[slot], part)
                else:
                    loss = self._loss(pixels[slot], labels[slot], part)
                (loss * (world.size / recipe.parts)).backward()  # type: ignore[no-untyped-call]
            total += loss.item() / recipe.parts
        return float(world.total(torch.tensor(total, dtype=torch.float64)))

    def _loss(self, pixels: Tensor, labels: Tensor, part: int) -> Tensor:
        torch.manual_seed(seed_for(self.recipe.seed, "step", self.position.step, part))
        images = prepare(
            augment(pixels, tuple(self.recipe.data.augment)), self.recipe.numbers, self.world.device
        )
        with autocast(self.recipe.numbers, self.world.device):
            return loss_of(self._shared, images, labels.to(self.world.device))

    def _noted_loss(self, pixels: Tensor, labels: Tensor, part: int) -> Tensor:
        rates = Rates(self.position.rate_sums, self.position.rate_notes)
        with rates.noting(self.module):
            loss = self._loss(pixels, labels, part)
        self.position.rate_notes, self._fired = rates.notes, rates.last
        if rates.notes == NOTES_TO_JUDGE:
            self._name_silent(rates)
        return loss

    def _norm(self) -> float:
        gradients = [weight.grad for weight in self._weights if weight.grad is not None]
        if self.recipe.optimiser.clip:
            return float(clip_grad_norm_(self._weights, self.recipe.optimiser.clip))
        return float(get_total_norm(gradients))

    def _finish_epoch(self, epoch: int, keep: Keep) -> None:
        position = self.position
        rates = Rates(position.rate_sums, position.rate_notes)
        loss = position.loss_sum / max(1, position.loss_count)
        line: dict[str, object] = {"epoch": epoch + 1, "step": position.step, "loss": loss}
        if rates.sums:
            line["rates"] = rates.means()
            self._name_silent(rates)
        found = -loss
        if self.validation is not None:
            found = self._test(self.validation).accuracy
            line["validation"] = found
        self._judge(found)
        if (epoch + 1) % self.recipe.log.test == 0 or epoch + 1 == self.recipe.epochs or self._is_stale():
            self._score = self._test(self.dataset.test)
            line |= {"accuracy": self._score.accuracy, "top5": self._score.top5}
        keep.line(line)
        position.loss_sum, position.loss_count, position.rate_sums, position.rate_notes = 0.0, 0, {}, 0

    def _judge(self, found: float) -> None:
        if self.position.best is None or found > self.position.best:
            self.position.best, self.position.stale = found, 0
        else:
            self.position.stale += 1

    def _is_stale(self) -> bool:
        patience = self.recipe.stop.patience
        return patience > 0 and self.position.stale >= patience

    def _name_silent(self, rates: Rates) -> None:
        for message in silent(rates.means(), self.recipe.log.silent):
            self.listener.warned(message)

    def _keep(self, keep: Keep) -> None:
        refuse_weights(self.module, self.position.step)
        keep.checkpoint()

    def _test(self, split: Split) -> Score:
        recipe = self.recipe
        manner = Manner(recipe.seed, numbers=recipe.numbers, world=self.world, workers=recipe.data.workers)
        with enough_memory(self.module, self.position.step):
            return evaluate(self.module, split, classes=len(self.dataset.classes), manner=manner)


def _parts(train: Split, recipe: Learning) -> tuple[Split, Split | None]:
    if not recipe.data.holdout:
        return train, None
    learnt, kept = held_out(len(train.labels), recipe.data.holdout, recipe.seed)
    return Part(train, learnt.numpy()), Part(train, kept.numpy()) if len(kept) else None
