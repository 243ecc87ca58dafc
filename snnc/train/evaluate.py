"""How good a network is: accuracy, of the first five and of each class, and against the number of steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import torch
from torch import Tensor, nn

from snnc.nn import SpikingNeurons, Stochmax
from snnc.train.feed import batches, in_order
from snnc.train.images import Split, normalise
from snnc.train.precision import settled
from snnc.train.recipe import Numbers
from snnc.train.seeds import seed_for
from snnc.train.world import World


class UnsuitedError(ValueError):
    """The network has no accuracy against T. The message says why."""


@dataclass(frozen=True)
class Manner:
    """How images are put to a network: the seed of their spikes, ``batch`` at a time, in which numbers."""

    seed: int = 1
    batch: int = 100
    numbers: Numbers = field(default_factory=Numbers)
    world: World = field(default_factory=World)
    workers: int = 2


@dataclass(frozen=True)
class Score:
    """Counts over ``images`` images, each taken once. ``by_class`` are pairs of right and all."""

    images: int
    first: int
    five: int
    by_class: tuple[tuple[int, int], ...]
    by_steps: tuple[int, ...] = field(default=())

    @property
    def accuracy(self) -> float:
        """The share that is right, top-1."""
        return self.first / max(1, self.images)

    @property
    def top5(self) -> float:
        """The share whose class is among the five best scores."""
        return self.five / max(1, self.images)

    @property
    def against_steps(self) -> tuple[float, ...]:
        """The accuracy after 1, 2, ... T time-steps; empty where it was not measured."""
        return tuple(right / max(1, self.images) for right in self.by_steps)

    def as_json(self, classes: tuple[str, ...] = ()) -> dict[str, object]:
        """Return the shares by name; those of the classes where these are given."""
        found: dict[str, object] = {"accuracy": self.accuracy, "top5": self.top5, "images": self.images}
        if classes:
            pairs = zip(classes, self.by_class, strict=True)
            found["classes"] = {name: right / max(1, whole) for name, (right, whole) in pairs}
        if self.by_steps:
            found["steps"] = list(self.against_steps)
        return found


def evaluate(
    module: nn.Module,
    split: Split,
    *,
    classes: int,
    manner: Manner | None = None,
    steps: bool = False,
) -> Score:
    """Return how a network does on all images of a split, taken in order.

    The spikes that code the images come from (seed, batch). With ``steps`` the accuracy after every
    time-step is had from the same pass, where the classifier is linear on the mean over time; raises
    `UnsuitedError` where it is not. Processes share the batches out; every image counts once.
    """
    how = manner or Manner()
    world = how.world
    plan = list(enumerate(in_order(len(split.labels), how.batch)))[world.rank :: world.size]
    counts = torch.zeros(2 + 2 * classes, dtype=torch.long)
    timed: Tensor | None = None
    module.eval()
    for (number, _), (pixels, labels) in zip(
        plan, batches(split, [entry for _, entry in plan], how.workers), strict=True
    ):
        torch.manual_seed(seed_for(how.seed, "evaluate", number))
        with (
            torch.inference_mode(),
            autocast(how.numbers, world.device),
            Tail.of(module, wanted=steps) as tail,
        ):
            scores = module(prepare(pixels, how.numbers, world.device)).float().cpu()
        counts += _count(scores, labels, classes)
        if tail is not None:
            right = _right_by_steps(tail.scores(), labels)
            timed = right if timed is None else timed + right
    totals = world.total(counts).tolist()
    by_class = tuple(zip(totals[2 : 2 + classes], totals[2 + classes :], strict=True))
    by_steps = () if timed is None else tuple(world.total(timed).tolist())
    return Score(sum(whole for _, whole in by_class), totals[0], totals[1], by_class, by_steps)


def prepare(pixels: Tensor, numbers: Numbers, device: torch.device) -> Tensor:
    """Return bytes as the images of a network: in [-1, 1], in the recipe's layout, on the device.

    What is no bytes, as the spike counts that a classifier reads, has its values already.
    """
    images = pixels.to(device)
    if not images.is_floating_point():
        images = normalise(images)
    if numbers.layout == "channels-last":
        return images.contiguous(memory_format=torch.channels_last)
    return images.contiguous()


def autocast(numbers: Numbers, device: torch.device) -> torch.autocast:
    """Return the context in which a network computes in the recipe's precision."""
    half = settled(numbers.precision, device) == "bfloat16"
    return torch.autocast(device.type, torch.bfloat16, enabled=half)


def _count(scores: Tensor, labels: Tensor, classes: int) -> Tensor:
    best = scores.topk(min(5, scores.shape[-1]), dim=-1).indices
    right = scores.argmax(-1) == labels  # topk may order equals in another way
    among = (best == labels[:, None]).any(-1)
    per_class = torch.bincount(labels[right], minlength=classes), torch.bincount(labels, minlength=classes)
    return torch.cat([right.sum()[None], among.sum()[None], *per_class])


def _right_by_steps(scores: Tensor, labels: Tensor) -> Tensor:
    """Return how many are right after each step, for scores [T, B, classes]."""
    return (scores.argmax(-1) == labels).sum(-1)


class Tail:
    """Looks into a pass for the last layer's spikes and the classifier that sees their mean."""

    def __init__(self, neurons: SpikingNeurons, classifier: nn.Linear, head: Stochmax | None) -> None:
        self.neurons, self.classifier, self.head = neurons, classifier, head
        self.spikes = self.seen = torch.empty(0)
        self.hooks: list[torch.utils.hooks.RemovableHandle] = []

    @classmethod
    def of(cls, module: nn.Module, *, wanted: bool) -> Tail | _Nothing:
        """Return the tail of a network, to be entered while it runs. Raises `UnsuitedError` for none."""
        if not wanted:
            return _Nothing()
        spiking = [part for part in module.modules() if isinstance(part, SpikingNeurons)]
        heads = [part for part in module.modules() if isinstance(part, Stochmax)]
        inside = {id(part) for head in heads for part in head.modules()}
        linear = [p for p in module.modules() if isinstance(p, nn.Linear) and id(p) not in inside]
        if not spiking or not linear:
            raise UnsuitedError("accuracy against T needs spiking neurons and a classifier behind them")
        return cls(spiking[-1], linear[-1], heads[0] if heads else None)

    def __enter__(self) -> Self:
        def keep_spikes(_part: nn.Module, _arguments: object, output: Tensor) -> None:
            self.spikes = output

        def keep_input(_part: nn.Module, arguments: tuple[Tensor, ...]) -> None:
            self.seen = arguments[0]

        self.hooks = [
            self.neurons.register_forward_hook(keep_spikes),
            self.classifier.register_forward_pre_hook(keep_input),
        ]
        return self

    def __exit__(self, *_: object) -> None:
        for hook in self.hooks:
            hook.remove()

    def scores(self) -> Tensor:
        """Return the scores after every step [T, B, classes]: the classifier on the mean so far."""
        spikes = self.spikes.flatten(2)
        steps = torch.arange(1, len(spikes) + 1, device=spikes.device)[:, None, None]
        means = spikes.float().cumsum(0) / steps
        if means.shape[1:] != self.seen.shape or not torch.allclose(means[-1], self.seen.float(), atol=1e-2):
            raise UnsuitedError("accuracy against T needs a classifier that sees the mean over time alone")
        with torch.inference_mode():
            features = means.flatten(0, 1)
            scores = self.classifier(features)
            scores = scores if self.head is None else self.head(scores, features)
        return torch.as_tensor(scores).view(*means.shape[:2], -1).cpu()


class _Nothing:
    """Stands for a tail that nobody asked for."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None
