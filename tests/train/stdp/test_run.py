"""Whole runs on the digits: what they leave, and that a break anywhere leaves the same bits."""

from __future__ import annotations

import io
import json
import os
import re
import signal
from base64 import b64decode
from pathlib import Path

import pytest
from PIL import Image
from training import few

from snnc.source import Source
from snnc.train.artifact import load
from snnc.train.checkpoint import read
from snnc.train.course import RunError
from snnc.train.evaluate import evaluate
from snnc.train.loop import Interrupted
from snnc.train.metrics import Line, Quiet
from snnc.train.recipe import StdpRecipe, read_recipe
from snnc.train.run import recipe_of, train

RECIPE = """
spec = "digits_stdp"
method = "stdp"
epochs = 2
batch = 16
timesteps = 6
log.rates = 2
log.checkpoint = 3
stdp.images = 40
stdp.batch = 8
stdp.updates = 3
"""  # ten batches of the stages, twelve steps of the classifier
FEW = few(96, 230)


def recipe(**overrides: str) -> StdpRecipe:
    return read_recipe(Source("r.toml", RECIPE), {key.replace("__", "."): v for key, v in overrides.items()})


def left(folder: Path) -> dict[str, bytes]:
    """Everything that must not depend on breaks."""
    found = {name: (folder / name).read_bytes() for name in ("network.safetensors", "metrics.jsonl")}
    for part in ("stages", "checkpoints"):
        kept = read(max((folder / part).iterdir()))
        found |= {f"{part}/{k}": v.contiguous().numpy().tobytes() for k, v in kept.weights.items()}
        found |= {f"{part}/{k}": v.contiguous().numpy().tobytes() for k, v in kept.memory.items()}
    return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stdp") / "whole"
    train(recipe(), folder, dataset=FEW)
    return folder


def test_a_run_leaves_its_files(whole: Path) -> None:
    names = {path.name for path in whole.iterdir()}
    assert names >= {
        "run.json",
        "metrics.jsonl",
        "network.safetensors",
        "report.html",
        "stages",
        "checkpoints",
    }
    assert "counts" not in names
    assert recipe_of(whole) == recipe()


def test_the_metrics_tell_of_every_stage_and_epoch(whole: Path) -> None:
    lines: list[Line] = [json.loads(line) for line in (whole / "metrics.jsonl").read_text().splitlines()]
    stages = [line for line in lines if "stage" in line]
    assert [(line["stage"], line["images"]) for line in stages] == [
        ("Conv1", 16), ("Conv1", 32), ("Conv1", 40), ("Conv2", 16), ("Conv2", 32), ("Conv2", 40),
    ]  # fmt: skip
    last = stages[-1]
    assert last["change"] > 0
    assert set(last["rates"]) == set(last["thresholds"]) == set(last["selectivity"]) == {"Conv2@1", "Conv2@2"}
    assert [line["epoch"] for line in lines if "epoch" in line] == [1, 2]


def test_the_score_is_that_of_the_saved_spiking_network(whole: Path) -> None:
    saved = load(whole / "network.safetensors")
    score = evaluate(saved.module, FEW.test, classes=10)
    assert score.accuracy == saved.result["accuracy"]
    assert saved.spikes
    assert len(set(saved.module.state_dict()["Conv1.weight"].flatten().tolist())) > 10


def test_convolutions_do_not_change_while_the_classifier_learns(whole: Path) -> None:
    stages = read(max((whole / "stages").iterdir())).weights
    saved = load(whole / "network.safetensors").module.state_dict()
    assert all(bool((saved[name] == tensor).all()) for name, tensor in stages.items())


def test_the_report_shows_kernels_maps_and_curves(whole: Path) -> None:
    text = (whole / "report.html").read_text()
    for caption in ("kernels of Conv1, at first", "kernels of Conv2, now", "spikes of Conv2@2", "entropy"):
        assert caption in text
    pictures = [b64decode(found) for found in re.findall(r"base64,([^\"]+)", text)]
    sizes = [Image.open(io.BytesIO(picture)).size for picture in pictures]
    few, many, spikes = (3, 16 * 4 - 1), (16 * 4 - 1, 16 * 4 - 1), (4 * 9 - 1, 4 * 9 - 1)
    assert sizes == [few, few, spikes, many, many, spikes, spikes]
    assert text.count("<polyline") == 5 + 8


class Stops(Quiet):
    """Presses Ctrl-C after so many steps, those of all phases together."""

    def __init__(self, step: int) -> None:
        self.left = step

    def stepped(self, step: int, loss: float) -> None:
        self.left -= 1
        if not self.left:
            os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("step", [2, 5, 8, 11, 12, 14, 18, 25])
def test_a_break_anywhere_leaves_the_same_bits(step: int, whole: Path, tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        train(recipe(), tmp_path / "broken", dataset=FEW, listener=Stops(step))
    train(recipe(), tmp_path / "broken", dataset=FEW, resume=True)
    assert left(tmp_path / "broken") == left(whole)


def test_progress_of_counting_goes_through_all_images(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("snnc.train.stdp.counts.BATCH", 5)
    heard: dict[int, list[int]] = {}

    class Listens(Quiet):
        def started(self, step: int, steps: int, per_epoch: int) -> None:
            self.steps = steps

        def stepped(self, step: int, loss: float) -> None:
            heard.setdefault(self.steps, []).append(step)

    data = FEW
    train(recipe(), tmp_path / "run", dataset=data, listener=Listens())
    total = len(data.train.labels) + len(data.test.labels)
    steps = heard[total]
    assert steps == sorted(set(steps))
    assert steps[-1] == total


def test_counts_that_were_changed_are_counted_again(whole: Path, tmp_path: Path) -> None:
    class Dies(Quiet):
        def started(self, step: int, steps: int, per_epoch: int) -> None:
            if steps == 12:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(recipe(), tmp_path / "broken", dataset=FEW, listener=Dies())
    file = tmp_path / "broken" / "counts" / "train.npy"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    train(recipe(), tmp_path / "broken", dataset=FEW, resume=True)
    assert left(tmp_path / "broken") == left(whole)


def test_another_run_s_stages_are_refused(whole: Path) -> None:
    with pytest.raises(RunError, match=r"tau was 5\.0"):
        train(recipe(stdp__tau="4.0"), whole, dataset=FEW, resume=True)


def test_a_stage_that_has_settled_ends_before_its_images(tmp_path: Path) -> None:
    quick = recipe(
        stdp__rate="0.0", stdp__rounds="50", stdp__settle__window="3", stdp__settle__change="1e-6", epochs="1"
    )
    train(quick, tmp_path / "quick", dataset=FEW)
    lines = [json.loads(line) for line in (tmp_path / "quick" / "metrics.jsonl").read_text().splitlines()]
    assert max(line["images"] for line in lines if "stage" in line) == 4 * 8


def test_stochmax_ends_the_classifier(tmp_path: Path) -> None:
    for mode in ("full", "simple"):
        result = train(recipe(classify="stochmax", mode=mode), tmp_path / mode, dataset=FEW)
        saved = load(result.path)
        assert evaluate(saved.module, FEW.test, classes=10).accuracy == result.score.accuracy
