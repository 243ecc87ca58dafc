"""The loop: it learns, with every method and in every division of its work, and stops when it should."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import nn
from training import UNKEPT, few, looped, recipe

from snnc.nn import Stochmax
from snnc.train import artifact
from snnc.train.images import normalise
from snnc.train.loop import Keep

ROOT = Path(__file__).parents[2]


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
        torch.from_numpy(few().test.labels),
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


def test_a_batch_that_is_more_than_the_data_is_refused() -> None:
    with pytest.raises(ValueError, match="a batch of 640 is more than the 320 images"):
        looped(recipe(batch="640"))


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
