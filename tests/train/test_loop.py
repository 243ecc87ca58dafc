"""The loop: it learns, it measures, it stops when it should and says where."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from snnc.ir.program import Target
from snnc.nn import Stochmax
from snnc.source import Source
from snnc.train import artifact, checkpoint, loop
from snnc.train.arrays import digits
from snnc.train.evaluate import Manner, evaluate
from snnc.train.feed import batches, in_order
from snnc.train.finite import NumericalStop
from snnc.train.folder import Files
from snnc.train.images import Dataset, Stored, normalise
from snnc.train.loop import Keep, Loop
from snnc.train.metrics import Quiet
from snnc.train.network import Options, loss_of, network, spiking
from snnc.train.rates import Rates
from snnc.train.recipe import Recipe, Schedule, read_recipe
from snnc.train.run import network_of
from snnc.train.schedule import share
from snnc.train.seeds import held_out, order, seed_for
from snnc.train.world import World

ROOT = Path(__file__).parents[2]
UNKEPT = Keep(lambda _line: None, lambda: None, lambda: False)


def recipe(**overrides: str) -> Recipe:
    found = {name.replace("__", "."): value for name, value in overrides.items()}
    return read_recipe(Source("r", 'spec = "digits"\nmethod = "agd"\nepochs = 1\nbatch = 32'), found)


def small(train: int = 320, test: int = 100) -> Dataset:
    whole = digits()
    parts = [
        Stored(np.ascontiguousarray(p.pixels[:n]), p.labels[:n])
        for p, n in ((whole.train, train), (whole.test, test))
    ]
    return Dataset("small", whole.classes, *parts)


def looped(chosen: Recipe, listener: Quiet | None = None, dataset: Dataset | None = None) -> Loop:
    module = network_of(chosen).module(chosen.seed, chosen.start.gain)
    return Loop(chosen, module, dataset or small(), World(), listener or Quiet())


@pytest.mark.parametrize(
    "overrides",
    [
        {"method": "ann"},
        {"method": "ann", "optimiser__name": "sgd", "optimiser__rate": "0.05", "schedule__name": "cosine"},
        {"method": "agd", "optimiser__name": "adamw", "schedule__name": "step"},
        {"method": "agd", "coding": "direct", "numbers__precision": "bfloat16"},
        {"method": "agd", "classify": "stochmax"},
        {"method": "agd", "classify": "stochmax", "mode": "simple"},
    ],
    ids=lambda overrides: " ".join(overrides.values()),
)
def test_every_method_learns(overrides: dict[str, str]) -> None:
    chosen = recipe(
        **{"timesteps": "5", "epochs": "8", "optimiser__rate": "4e-3", "batch": "16", **overrides}
    )
    assert looped(chosen).run(UNKEPT).accuracy > 0.6  # chance is 0.1


@pytest.mark.parametrize("mode", ["full", "simple"])
def test_stochmax_learns_whom_to_keep(mode: str) -> None:
    chosen = recipe(
        classify="stochmax", mode=mode, timesteps="5", epochs="8", batch="16", optimiser__rate="4e-3"
    )
    trained = looped(chosen)
    head = next(part for part in trained.module.modules() if isinstance(part, Stochmax))
    seen: list[torch.Tensor] = []
    head.prior.register_forward_hook(lambda _part, _inputs, output: seen.append(output.sigmoid().detach()))
    images, labels = (
        normalise(trained.dataset.test.images(torch.arange(100))),
        torch.from_numpy(small().test.labels),
    )

    def kept() -> tuple[float, float]:
        trained.module.eval()(images)
        target = nn.functional.one_hot(labels, 10).bool()
        return float(seen[-1][target].mean()), float(seen[-1][~target].mean())

    before = kept()
    assert before[0] - before[1] < 0.1
    trained.run(UNKEPT)
    after = kept()
    assert after[0] > after[1] + 0.15


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


def test_a_silent_layer_is_named_while_training(runs) -> None:
    listener = runs.warned()
    looped(recipe(start__gain="0.01", log__rates="1", timesteps="4"), listener).run(UNKEPT)
    first = listener.messages[0]
    assert first == (
        "Conv1 fires 0 spikes per neuron per step: vanishing spike propagation (Sec. IV); "
        "try BackRes, a ReLU prefix, a larger gain"
    )


@pytest.mark.parametrize("name", ["vgg7_agd", "vgg3x4", "vgg9"])
def test_the_first_weights_let_spikes_through_to_the_last_layer(name: str) -> None:
    """Where a gain of 1, which keeps the variance of a linear layer, lets them vanish; Sec. IV."""
    chosen = recipe(spec=name, classify="softmax", timesteps="10")
    images = normalise(torch.randint(256, (2, 3, 32, 32)).to(torch.uint8))

    def last_rate(gain: float) -> float:
        module, rates = network_of(chosen).module(1, gain).eval(), Rates()
        torch.manual_seed(0)
        with torch.no_grad(), rates.noting(module):
            module(images)
        return list(rates.means().values())[-1]

    assert last_rate(1.0) < chosen.log.silent
    assert last_rate(chosen.start.gain) > 0.1


def test_a_lively_network_is_not_called_silent(runs) -> None:
    listener = runs.warned()
    looped(recipe(timesteps="4"), listener).run(UNKEPT)
    assert listener.messages == []


def test_rates_are_spikes_per_neuron_and_step() -> None:
    text = "input 1x8x8\ntimesteps 6\nInput - [Conv1(1,1,3x3/1)] repeated 2 times - FC1(64,3)\n"
    module = network(Source("n", text), None, Options(Target.SNN)).module()
    seen: dict[str, torch.Tensor] = {}
    for name, part in spiking(module).items():
        part.register_forward_hook(lambda _part, _inputs, output, name=name: seen.update({name: output}))
    rates = Rates()
    for _ in range(2):
        torch.manual_seed(0)
        with rates.noting(module), torch.no_grad():
            module(torch.rand(5, 1, 8, 8) * 2 - 1)
    means = rates.means()
    assert list(means) == ["Conv1@1", "Conv1@2"]
    torch.manual_seed(0)
    with torch.no_grad():
        module(torch.rand(5, 1, 8, 8) * 2 - 1)
    for name, spikes in seen.items():
        assert means[name] == pytest.approx(float(spikes.sum()) / spikes.numel(), rel=1e-6)
        assert means[name] > 0


def test_early_stop_and_holdout() -> None:
    lines: list[dict[str, object]] = []
    keep = Keep(lambda line: lines.append(dict(line)), lambda: None, lambda: False)
    chosen = recipe(
        epochs="30", stop__patience="2", data__holdout="0.25", optimiser__rate="1e-12", timesteps="2"
    )
    score = looped(chosen).run(keep)
    epochs = [line for line in lines if "epoch" in line]
    assert len(epochs) < 10
    best = max(range(len(epochs)), key=lambda n: (epochs[n]["validation"], -n))
    assert len(epochs) == best + 3
    assert epochs[-1]["accuracy"] == score.accuracy


def test_images_held_out_are_not_learnt_from() -> None:
    learnt, kept = held_out(1000, 0.2, seed=4)
    assert (len(learnt), len(kept)) == (800, 200)
    assert sorted([*learnt.tolist(), *kept.tolist()]) == list(range(1000))
    assert not torch.equal(kept, held_out(1000, 0.2, seed=5)[1])
    found = looped(recipe(data__holdout="0.5"))
    assert len(found.learnt.labels) == 160
    assert found.validation is not None


def test_a_batch_that_is_more_than_the_data_is_refused() -> None:
    with pytest.raises(ValueError, match="a batch of 640 is more than the 320 images"):
        looped(recipe(batch="640"))


def test_orders_are_permutations_of_their_own() -> None:
    orders = [order(100, seed, epoch) for seed in (1, 2) for epoch in (0, 1)]
    assert all(sorted(one.tolist()) == list(range(100)) for one in orders)
    assert len({tuple(one.tolist()) for one in orders}) == 4
    assert len({seed_for(1, "step", a, b) for a in range(50) for b in range(50)}) == 2500


def test_schedules() -> None:
    def rates(**entries: object) -> list[float]:
        return [share(Schedule(**entries), step, 100) for step in range(100)]

    cycle = rates(name="one-cycle", warmup=0.3)
    assert cycle[0] == pytest.approx(0.04)
    assert cycle.index(max(cycle)) == 30
    assert max(cycle) == 1
    assert cycle[99] < 0.001
    assert all(a < b for a, b in pairwise(cycle[:31]))
    assert all(a > b for a, b in pairwise(cycle[30:]))
    assert rates(name="cosine", warmup=0.0)[0] == 1
    assert rates(name="cosine", warmup=0.0)[50] == pytest.approx(0.5)
    steps = rates(name="step", milestones=[0.5, 0.75], factor=0.1)
    assert [steps[n] for n in (0, 49, 50, 74, 75, 99)] == pytest.approx([1, 1, 0.1, 0.1, 0.01, 0.01])
    assert set(rates(name="constant")) == {1.0}


def test_parts_add_up_to_the_batch() -> None:
    """Without chance, a batch worked off in parts has the gradients of the batch."""

    def gradients(parts: str) -> dict[str, torch.Tensor]:
        found = looped(recipe(coding="direct", parts=parts, timesteps="3", optimiser__clip="0"))
        pixels = found.dataset.train.images(torch.arange(32))
        labels = torch.from_numpy(found.dataset.train.labels[:32])
        found._gradients(pixels, labels, noted=False)
        return {name: weight.grad for name, weight in found.module.named_parameters()}

    whole, parts = gradients("1"), gradients("4")
    for name, gradient in whole.items():
        assert torch.allclose(gradient, parts[name], atol=1e-6)
        assert gradient.abs().max() > 1e-4


def streamed(place: Path, count: int = 12) -> Dataset:
    from PIL import Image

    whole = small(count, count)
    paths = []
    for number in range(count):
        path = place / f"{number}.png"
        Image.fromarray(whole.train.pixels[number, 0]).save(path)
        paths.append(path)
    files = Files(tuple(paths), whole.train.labels, (1, 8, 8))
    return Dataset("files", whole.classes, files, files)


@pytest.mark.parametrize("workers", [0, 2])
def test_images_that_are_decoded_ahead_come_in_order(tmp_path: Path, workers: int) -> None:
    files, stored = streamed(tmp_path).train, small(12).train
    plan = list(order(12, 1, 0).split(4))
    found = list(batches(files, plan, workers))
    assert len(found) == 3
    for (pixels, labels), (expected, names) in zip(found, batches(stored, plan, 0), strict=True):
        assert torch.equal(pixels, expected)
        assert labels.tolist() == names.tolist()
    assert [entry.tolist() for entry in in_order(5, 2)] == [[0, 1], [2, 3], [4]]


def test_a_score_counts_every_image_once() -> None:
    chosen = recipe(timesteps="4")
    module, split = network_of(chosen).module(), small().test
    score = evaluate(module, split, classes=10, manner=Manner(batch=33))
    assert score.images == 100
    assert [whole for _, whole in score.by_class] == np.bincount(split.labels, minlength=10).tolist()
    assert sum(right for right, _ in score.by_class) == score.first <= score.five
    halves = [
        evaluate(
            module, Stored(split.pixels, split.labels), classes=10, manner=Manner(batch=33, world=Half(rank))
        )
        for rank in (0, 1)
    ]
    assert sum(half.images for half in halves) == 100
    assert sum(half.first for half in halves) == score.first


class Half(World):
    """One of two processes that never speak to each other."""

    def __init__(self, rank: int) -> None:
        super().__init__(rank, 2)

    def total(self, numbers: torch.Tensor) -> torch.Tensor:
        return numbers


@pytest.mark.parametrize("classify", ["softmax", "stochmax"])
def test_accuracy_against_steps_is_that_of_fewer_steps(classify: str) -> None:
    chosen = recipe(coding="direct", classify=classify, timesteps="6")
    module, split = network_of(chosen).module(seed=3), small().test
    found = evaluate(module, split, classes=10, manner=Manner(batch=50), steps=True)
    assert len(found.by_steps) == 6
    assert found.by_steps[-1] == found.first
    for steps in (2, 4):
        module.timesteps = steps
        assert evaluate(module, split, classes=10, manner=Manner(batch=50)).first == found.by_steps[steps - 1]


def test_accuracy_against_steps_is_refused_where_there_is_none() -> None:
    chosen = recipe(method="ann")
    with pytest.raises(ValueError, match="spiking"):
        evaluate(network_of(chosen).module(), small().test, classes=10, steps=True)


@pytest.mark.parametrize("name", ["digits", "vgg3x2_agd", "vgg8x2"])
def test_an_images_scores_depend_on_no_other_image(name: str) -> None:
    """To the bit in float64, coded directly, since spikes are drawn for a batch.

    Weights and pixels on a grid and four steps make sums exact: a BLAS may add few rows in another order.
    """
    chosen = recipe(
        spec=name, coding="direct", classify="softmax", timesteps="4", numbers__layout='"contiguous"'
    )
    target = network_of(chosen)
    module = target.module(seed=2, gain=4.0).double().eval()
    with torch.no_grad():
        for weight in module.parameters():
            weight.mul_(1024).round_().div_(1024)
    fired: list[torch.Tensor] = []
    last = list(spiking(module).values())[-1]
    last.register_forward_hook(lambda _part, _inputs, spikes: fired.append(spikes))
    images = torch.randint(-128, 129, (4, *target.size)).double() / 128
    mixed = torch.tensor([2, 0, 3, 1])
    with torch.no_grad():
        whole, permuted, again = module(images), module(images[mixed]), module(images)
        apart = torch.cat([module(images[:1]), module(images[1:])])
    assert torch.equal(permuted, whole[mixed])
    assert torch.equal(again, whole)
    assert torch.equal(apart, whole)
    assert torch.equal(torch.cat(fired[3:], 1), fired[0])
    assert 0.01 < fired[0].mean() < 0.99
    assert whole.std(0).min() > 0


DISTRIBUTED = """
import sys
from pathlib import Path
from snnc.source import Source
from snnc.train.recipe import read_recipe
from snnc.train.run import train
text, folder = sys.argv[1:]
found = train(read_recipe(Source("r", text)), Path(folder), device="cpu")
if found.leads:
    print(found.score.images, [whole for _, whole in found.score.by_class])
left = [thread.read_text().strip() for thread in Path("/proc/self/task").glob("*/comm")]
assert not any("gloo" in name for name in left), left  # it may abort the process at its end
"""


def test_two_processes_train_the_network_of_one(tmp_path: Path) -> None:
    text = "spec='digits'\nmethod='agd'\nepochs=3\nbatch=64\nparts=2\ntimesteps=4\n"
    text += "data.augment=['flip','crop']\n"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    alone = [sys.executable, "-c", DISTRIBUTED, text, str(tmp_path / "one")]
    script = tmp_path / "run.py"
    script.write_text(DISTRIBUTED)
    both = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    answers = [
        subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=240)
        for command in (alone, [*both, str(script), text, str(tmp_path / "two")])
    ]
    assert [answer.returncode for answer in answers] == [0, 0], answers[1].stderr
    assert answers[0].stdout == answers[1].stdout
    assert answers[0].stdout.startswith("360 ")
    one, two = (load_file(tmp_path / name / "network.safetensors") for name in ("one", "two"))
    steps = json.loads((tmp_path / "two" / "metrics.jsonl").read_text().splitlines()[-1])["step"]
    assert steps == 66
    for name, weight in one.items():
        assert torch.allclose(weight, two[name], rtol=1e-4, atol=2e-5), name


def test_a_network_from_a_run_is_the_one_that_was_scored(runs) -> None:
    runs.train("scored")
    saved = artifact.load(runs.place / "scored" / "network.safetensors")
    last = json.loads((runs.place / "scored" / "metrics.jsonl").read_text().splitlines()[-1])
    assert saved.result["accuracy"] == last["accuracy"]
    assert saved.recipe["data"]["augment"] == ["flip", "crop"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
