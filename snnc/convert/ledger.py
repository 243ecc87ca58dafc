"""What a conversion came to, explained: layer by layer and step by step, and against T.

What was counted becomes sentences here; `accounts` makes a ledger of a trial. ``as_json`` is the whole ledger
as plain values, from which every page is written.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import groupby, pairwise
from math import sqrt

WITHIN = 0.01  # of the ANN's accuracy: what counts as converted
NOTEWORTHY = 0.005  # a loss of accuracy that is worth an advice


@dataclass(frozen=True)
class Row:
    """One layer's unrolled step. Thresholds in units of weighted input; rates in spikes per neuron and step.

    ``scale`` is the activation that a rate of 1 stands for. ``correlation`` and ``error`` compare the
    activations with the rates times the scale, over neurons and images: the error is the root of the mean
    square of the difference over that of the activations. ``saturated`` is the share of activations above
    the scale, ``dead`` that of neurons that never fire, ``silenced`` that of those among them that are
    active in the ANN. ``accuracy`` is what the ANN gives when it goes on from this layer's rates.
    """

    layer: str
    step: int
    threshold: float
    lowest: float
    highest: float
    tied: bool
    scale: float
    rate: float
    activation: float
    estimate: float
    correlation: float | None
    error: float | None
    saturated: float
    dead: float
    silenced: float
    accuracy: float

    @property
    def name(self) -> str:
        """The `StateId` in words."""
        return f"{self.layer}@{self.step}" if self.step else self.layer


@dataclass(frozen=True)
class Ledger:
    """The whole of it. ``curve`` are pairs of T and accuracy; ``alike`` and ``errors`` go with them.

    ``alike`` is the share of images with the ANN's answer, ``errors`` the root mean square difference of
    the scores over the ANN's. ``lost`` is the share of images that only the ANN gets right, ``won`` that of
    those that only the SNN does. ``coded`` is the ANN's accuracy on the image as its spikes show it.
    """

    network: str
    timesteps: int
    images: int
    kept: int
    ann: float
    snn: float
    top5: float
    lost: float
    won: float
    coded: float | None
    ann_kept: float | None
    curve: tuple[tuple[int, float], ...]
    alike: tuple[float, ...]
    errors: tuple[float, ...]
    rows: tuple[Row, ...]
    activity: dict[str, float]
    ee: float | None
    simulated: int
    unshared: int
    settings: dict[str, object]

    @property
    def enough(self) -> int | None:
        """The smallest T from which on the accuracy stays within 1 % of the ANN's; None where it does not."""
        found = None
        for steps, accuracy in reversed(self.curve):
            if accuracy < self.ann - WITHIN:
                break
            found = steps
        return found

    def thresholds(self) -> dict[str, list[float]]:
        """Return the thresholds of each layer that is unrolled, step by step."""
        groups = groupby(sorted((row for row in self.rows if row.step), key=_layer), _layer)
        return {layer: [row.threshold for row in rows] for layer, rows in groups}

    def rising(self) -> dict[str, bool]:
        """Tell of each unrolled layer whether its thresholds rise with the step, as Sec. IV finds."""
        found = self.thresholds()
        return {name: all(a < b for a, b in pairwise(steps)) for name, steps in found.items()}

    def result(self) -> dict[str, object]:
        """Return what a saved network remembers."""
        return {
            "accuracy": self.snn,
            "top5": self.top5,
            "images": self.images,
            "ann": self.ann,
            "timesteps": self.timesteps,
            "enough": self.enough,
        }

    def as_json(self) -> dict[str, object]:
        """Return the ledger as plain values."""
        found = asdict(self)
        found["rows"] = [{"name": row.name, **asdict(row)} for row in self.rows]
        return {**found, "enough": self.enough, "rising": self.rising(), "findings": list(self.findings())}

    def findings(self) -> tuple[str, ...]:
        """Return what there is to say about it, in sentences."""
        return (*self._result(), *self._risen(), *self._losses())

    def _result(self) -> tuple[str, ...]:
        loss = self.ann - self.snn
        text = f"At T = {self.timesteps:,} the SNN is {abs(loss) * 100:.2f} points {_side(loss)} the ANN"
        within = f"from T = {self.enough:,} on" if self.enough else "at no T up to here"
        pairs = f"only the ANN has {self.lost:.2%} of them right, only the SNN {self.won:.2%}"
        return (
            f"{text}, on the same {self.images:,} images: {pairs}.",
            f"It stays within {WITHIN:.0%} of the ANN {within}.",
        )

    def _risen(self) -> tuple[str, ...]:
        return tuple(
            f"The thresholds of {layer} {'rise' if rises else 'do not rise'} with the step: "
            f"{(' < ' if rises else ', ').join(f'{one:.4g}' for one in steps)}."
            for (layer, steps), rises in zip(self.thresholds().items(), self.rising().values(), strict=True)
        )

    def stages(self) -> list[tuple[str, float]]:
        """Return the accuracy of the ANN going on from each stage's rates, in order of execution."""
        coded = [] if self.coded is None else [("Input", self.coded)]
        return [*coded, *((row.name, row.accuracy) for row in self.rows)]

    def _losses(self) -> tuple[str, ...]:
        if self.ann_kept is None:
            return ()
        before, first = self.ann_kept, None
        drops: list[tuple[float, str]] = []
        for name, accuracy in self.stages():
            drops.append((before - accuracy, name))
            if first is None and self.ann_kept - accuracy > max(NOTEWORTHY, self._noise()):
                first = name
            before = accuracy
        if first is None:
            return (f"No layer loses more than chance would on the {self.kept:,} images of the ledger.",)
        drop, worst = max(drops)
        most = f"Accuracy is lost first at {first}, most at {worst} ({drop * 100:.1f} points)."
        return (f"{most} {self._help(worst)}",)

    def _noise(self) -> float:
        """Return the standard error of the accuracy of the ledger's images."""
        share = self.ann_kept or 0.0
        return sqrt(max(share * (1 - share), 1 / max(1, self.kept)) / max(1, self.kept))

    def _help(self, name: str) -> str:
        row = next((row for row in self.rows if row.name == name), None)
        if row is None:
            return "That is the noise of Poisson coding: try --coding direct, or more time-steps."
        if row.saturated > 0.01:
            return f"{row.saturated:.1%} of its activations are above its threshold: balance to the maximum."
        spikes = row.rate * self.timesteps
        if spikes < 2:
            return (
                f"Its neurons fire {spikes:.2g} times in all, too seldom to tell activations apart: "
                "try --search, a percentile, --initial 0.5, or more time-steps."
            )
        return "Its rates are not settled yet: try --initial 0.5, --search, or more time-steps."


def _layer(row: Row) -> str:
    return row.layer


def _side(loss: float) -> str:
    return "below" if loss >= 0 else "above"
