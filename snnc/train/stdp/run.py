"""A run of STDP in its folder: the stages, what they fire for every image, the classifier, the network.

stages/         checkpoints of the stages
counts/         the spikes that the classifier reads; removed when it has learnt
checkpoints/    checkpoints of the classifier
report.html     kernels, maps and curves, written anew with every checkpoint of the stages
"""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable

from torch import nn

from snnc.train import checkpoint
from snnc.train.course import CHECKPOINTS, Course, Result, take_up
from snnc.train.evaluate import Score
from snnc.train.images import Dataset
from snnc.train.interrupt import asked_to_stop
from snnc.train.loop import Interrupted, Keep, Loop
from snnc.train.metrics import NAME as METRICS
from snnc.train.metrics import Metrics
from snnc.train.recipe import StdpRecipe
from snnc.train.sealed import digest, sweep, write_atomically
from snnc.train.stdp.counts import Counter
from snnc.train.stdp.division import divide
from snnc.train.stdp.pictures import kernels, maps
from snnc.train.stdp.report import Chapter, page
from snnc.train.stdp.stages import Stages, filled, first_state

STAGES = "stages"
COUNTS = "counts"
REPORT = "report.html"


class StdpRun(Course):
    """A run that trains convolutions by STDP and then their classifier."""

    recipe: StdpRecipe

    def go(self, *, resume: bool) -> Result:
        """Train from where the folder's run has come to, or from the start, to the end."""
        target = self.target
        self.division = divide(target.net.snn_twin)
        self.stages = Stages(
            self.recipe, self.division, self.images, target.timesteps, self.world.device, self.listener
        )
        self._clear_up()
        learnt, found = self.begun(resume=resume), self.newest(STAGES)
        if found is not None:
            self.stages.take_up(found)
        self.metrics = Metrics(self.folder, (learnt or self.stages).position.metrics)
        try:
            with asked_to_stop() as asked:
                self.stages.run(Keep(self.line, self._keep_stages, asked))
                whole, score, loop = self._learn_to_classify(learnt, asked)
        finally:
            self.metrics.close()
        shutil.rmtree(self.folder / COUNTS)
        seconds = loop.position.seconds + self.stages.position.seconds
        return self.end(whole, score, self.stages.position.step + loop.position.step, seconds)

    def _clear_up(self) -> None:
        """Remove what another run left half written."""
        for part in (".", STAGES, CHECKPOINTS, COUNTS):
            sweep(self.folder / part)

    def _keep_stages(self) -> None:
        """Write a checkpoint of the stages, and the report as it stands."""
        self.stages.position.metrics = self.metrics.secure()
        checkpoint.save(self.folder / STAGES, self.stages.checkpoint(self.text()))
        write_atomically(self.folder / REPORT, self._report().encode())

    def _learn_to_classify(
        self, learnt: checkpoint.Checkpoint | None, asked: Callable[[], bool]
    ) -> tuple[nn.Module, Score, Loop]:
        """Train the classifier, whose layers are those of the whole network, on spikes that are counted."""
        counted, target = self._counted(asked), self.target
        whole = target.module(self.recipe.seed, self.recipe.start.gain)
        whole.load_state_dict(self.stages.state, strict=False)
        classifier = filled(self.division.classifier, {}, target.timesteps)
        for name, _ in list(classifier.named_children()):
            setattr(classifier, name, whole.get_submodule(name))
        loop = Loop(self.recipe, classifier, counted, self.world, self.listener)
        take_up(loop, self.folder, learnt)
        return whole, loop.run(Keep(self.line, lambda: self.keep(loop), asked)), loop

    def _counted(self, asked: Callable[[], bool]) -> Dataset:
        """Return the images as what the classifier reads of them; what is counted already stays."""
        spiking, timesteps, shape = self.division.spiking, self.target.timesteps, self.division.features
        module = filled(spiking, self.stages.state, timesteps).to(self.world.device)
        size = (shape.channels, shape.height, shape.width)
        key = digest(self.stages.state, {})
        counter = Counter(
            module, size, timesteps * self.division.area, self.recipe.seed, key, self.world.device
        )
        images, before = self.images, len(self.images.train.labels)
        total = before + len(images.test.labels)
        self.listener.told(f"counts the spikes of {total:,} images")
        self.listener.started(0, total, total)

        def tick(done: int) -> None:
            self.listener.stepped(done, math.nan)
            if asked():
                raise Interrupted(self.stages.position.step)

        folder = self.folder / COUNTS
        try:
            train = counter.count(images.train, folder / "train.npy", "counts", tick)
            test = counter.count(
                images.test, folder / "test.npy", "evaluate", lambda done: tick(before + done)
            )
        finally:
            self.listener.ended()
        return Dataset(images.name, images.classes, train, test)

    def _report(self) -> str:
        lines = [json.loads(line) for line in (self.folder / METRICS).read_text().splitlines()]
        image = self.images.train.image(0)
        fired = maps(self.division.spiking, self.stages.state, image, self.target.timesteps)
        first = first_state(self.division, self.recipe)
        rule = self.recipe.stdp
        chapters = []
        for stage in self.division.stages:
            drawn = {
                f"kernels of {layer}, {when}": kernels(state[f"{layer}.weight"], rule.low, rule.high)
                for layer in stage.layers
                for when, state in (("at first", first), ("now", self.stages.state))
            }
            seen = {
                f"spikes of {name}": one
                for name, one in fired.items()
                if name.partition("@")[0] in stage.layers
            }
            chapters.append(
                Chapter(stage.name, drawn, seen, [line for line in lines if line.get("stage") == stage.name])
            )
        return page(f"{self.target.net.name}: STDP", self.recipe.title or self.images.name, chapters)
