"""``snnc train``, ``evaluate`` and ``predict``: from a spec to answers about images."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from snnc.train.arrays import digits
from snnc.train.artifact import load
from snnc.train.evaluate import evaluate

QUICK = ("--epochs", "2", "--batch", "32", "--timesteps", "4", "--rate", "4e-3")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that has learnt the digits a little."""
    from snnc.cli.main import run

    folder = tmp_path_factory.mktemp("trained")
    assert run(["train", "digits", *QUICK, "--out", str(folder)]) == 0
    return folder / "network.safetensors"


def test_training_tells_of_every_epoch_and_leaves_a_run(snnc, tree):
    answer = snnc("train", "digits", *QUICK)
    assert answer.status == 0
    assert answer.out.startswith("accuracy ")
    assert "on 360 test images" in answer.out
    epochs = [line for line in answer.err.splitlines() if line.startswith("epoch ")]
    assert [line.split(":")[0] for line in epochs] == ["epoch 1", "epoch 2"]
    assert "rates Conv1 0." in epochs[0]
    losses = [float(line.split("loss ")[1].split(",")[0]) for line in epochs]
    assert losses[1] < losses[0]
    assert {"runs/digits/network.safetensors", "runs/digits/run.json", "runs/digits/metrics.jsonl"} <= tree()
    recipe = json.loads(Path("runs/digits/run.json").read_text())["recipe"]
    assert (recipe["epochs"], recipe["timesteps"], recipe["optimiser"]["rate"]) == (2, 4, 4e-3)


def test_a_second_run_in_the_folder_is_refused(snnc, trained):
    answer = snnc("train", "digits", *QUICK, "-o", str(trained.parent))
    assert (answer.status, answer.out) == (2, "")
    assert "--resume" in answer.err
    for arguments in (("digits", *QUICK), ()):
        again = snnc("train", *arguments, "-o", str(trained.parent), "--resume", "--json")
        assert again.status == 0
        assert again.json["network"] == str(trained)
        assert again.json["images"] == 360
    changed = snnc("train", "-o", str(trained.parent), "--resume", "--epochs", "9")
    assert (changed.status, changed.out) == (2, "")
    assert "by its own recipe" in changed.err
    nothing = snnc("train", "-o", "empty", "--resume")
    assert (nothing.status, nothing.err) == (2, "snnc: empty holds no run that could be resumed\n")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--set", "optimiser.rat=1"], "did you mean rate?"),
        (["--set", "epochs"], "no KEY=VALUE"),
        (["--epochs", "0"], "--set epochs:1:8"),
        (["--data", "none.npz"], "none.npz"),
        (["--recipe", "none.toml"], "none.toml"),
        (["--set", "batch=2000"], "2000 is more than the 1437 images"),
        (["--device", "abacus"], "'abacus' is no device to train on; there are cpu, cuda, cuda:1 and auto"),
        (["--device", "meta"], "'meta' is no device to train on"),
        (["--device", "cuda:99"], "there is no device cuda:99"),
    ],
)
def test_what_is_wrong_is_told_in_one_place(snnc, tree, arguments: list[str], part: str):
    answer = snnc("train", "digits", *arguments)
    assert answer.status == (4 if "none" in part else 2)
    assert part in answer.err
    assert "fault of snnc" not in answer.err
    assert not any("safetensors" in name for name in tree())


def test_training_begins_with_a_saved_network(snnc, trained):
    answer = snnc(
        "train", "digits", "-T", "6", "--epochs", "1", "--from", str(trained), "-o", "more", "--json"
    )
    assert answer.status == 0
    assert f"begins with Conv1, Conv2, FC1, FC2 of {trained}" in answer.err
    assert answer.json["accuracy"] > 0.5
    recipe = json.loads(Path("more/run.json").read_text())["recipe"]
    assert recipe["start"] == {"gain": 2.0, "network": str(trained)}


@pytest.mark.parametrize(
    ("spec", "net", "part", "status"),
    [
        ("vgg5", None, "Conv1.weight is float32 [16, 1, 3, 3], the spec says float32 [64, 3, 3, 3]", 2),
        ("digits", "n.spec", "no whole .safetensors file", 2),
        ("digits", "none.safetensors", "none.safetensors: No such file", 4),
    ],
)
def test_what_training_cannot_begin_with_is_refused(
    snnc, tree, trained, write_spec, *, spec: str, net: str | None, part: str, status: int
):
    write_spec("n", "input 1x8x8\nInput - FC1(64,10)\n")
    answer = snnc("train", spec, "--from", net or str(trained))
    assert (answer.status, answer.out) == (status, "")
    assert part in answer.err
    assert not any("runs" in name for name in tree())


def test_a_network_of_other_classes_is_refused(snnc, write_spec):
    spec = write_spec("seven", "input 1x8x8\nInput - Conv1(1,2,3x3/1) - FC1(128,7)\n")
    answer = snnc("train", str(spec), "--epochs", "1")
    assert answer.status == 2
    assert "7 outputs, digits has 10 classes" in answer.err


def test_data_of_another_size_is_refused(snnc):
    answer = snnc("train", "vgg3", "--epochs", "1")
    assert answer.status == 2
    assert "its images are 1x8x8, the network takes 3x32x32" in answer.err


def test_divergence_has_its_own_exit_code(snnc, tree):
    arguments = (
        "--method",
        "ann",
        "--rate",
        "1e30",
        "--set",
        "optimiser.name=sgd",
        "--set",
        "optimiser.clip=0",
    )
    answer = snnc("train", "digits", *arguments)
    assert answer.status == 3
    assert "not finite at step" in answer.err
    assert "runs/digits/network.safetensors" not in tree()


def test_ctrl_c_saves_and_resume_goes_on(shell):
    command = shell.command("train", "digits", "--epochs", "30", "-T", "4")
    process = subprocess.Popen(command, env=shell.environment(), stderr=subprocess.PIPE, text=True)
    while "epoch 2" not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "--resume goes on from there" in told
    line = told.splitlines()[-1]
    assert int(line.split("after step ")[1].split(";")[0].replace(",", "")) >= 44
    assert sorted(Path("runs/digits/checkpoints").iterdir())


def test_evaluation_is_exact_about_classes_and_steps(snnc, trained):
    answer = snnc("evaluate", str(trained), "--steps", "--json")
    assert answer.status == 0
    found = answer.json
    assert found["images"] == 360
    assert len(found["steps"]) == 4
    assert found["steps"][-1] == pytest.approx(found["accuracy"])
    counts = np.bincount(digits().test.labels)
    weighted = sum(share * counts[int(name)] for name, share in found["classes"].items())
    assert weighted / 360 == pytest.approx(found["accuracy"])
    text = snnc("evaluate", str(trained))
    assert text.out.splitlines()[0].startswith(
        f"accuracy {found['accuracy']:.2%} on 360 test images of digits"
    )
    assert len(text.out.splitlines()) == 11


def test_training_leaves_the_activity_that_cost_reads(snnc, trained):
    """Measured on 128 test images, of the very network that was saved; an ANN has none."""
    file = trained.parent / "activity.json"
    found = json.loads(file.read_text())
    assert (found["measured"], found["timesteps"], found["samples"]) == (True, 4, 128)
    again = snnc("activity", str(trained))
    assert json.loads(again.out) == found
    report = snnc("cost", "digits", "-T", "4", "-a", str(file), "--json").json
    assert all(row["activity_source"] == "measured" for row in report["rows"])
    assert 0 < report["totals"]["ee"] < 32 / 4 / min(row["activity"] for row in report["rows"])
    quick = ("--method", "ann", "--epochs", "1", "-o", "artificial")
    assert snnc("train", "digits", *quick).status == 0
    assert not Path("artificial/activity.json").exists()


def test_evaluation_measures_the_activity_that_cost_reads(snnc, trained):
    answer = snnc("evaluate", str(trained), "--activity", "rates.json", "--activity-images", "20")
    assert answer.status == 0
    cost = snnc("cost", "digits", "-T", "4", "-a", "rates.json", "--json")
    assert cost.status == 0
    assert json.loads(Path("rates.json").read_text())["samples"] == 20


def test_a_trained_network_is_tried_over_another_number_of_steps(snnc, trained):
    """With the accuracy after every step and the activity of as many; it was trained at T = 4."""
    found = snnc("evaluate", str(trained), "-T", "9", "--steps", "--activity", "rates.json", "--json").json
    saved = load(trained, 9)
    score = evaluate(saved.module, digits().test, classes=10, steps=True)
    assert tuple(found["steps"]) == score.against_steps
    assert len(score.against_steps) == 9
    assert json.loads(Path("rates.json").read_text())["timesteps"] == 9
    assert snnc("activity", str(trained), "-T", "9").json == json.loads(Path("rates.json").read_text())
    Image.fromarray(digits().test.pixels[0, 0]).save("a.png")
    told = [
        snnc("predict", str(trained), "a.png", "--json", *steps).json
        for steps in ((), ("-T", "4"), ("-T", "9"))
    ]
    own, four, nine = told
    assert own == four != nine


def test_the_activity_is_measured_where_the_network_is_tried(snnc, trained, monkeypatch):
    asked = []
    monkeypatch.setattr("snnc.cli.learning.write_rates", lambda *_, **options: asked.append(options))
    assert snnc("evaluate", str(trained), "--activity", "rates.json", "--device", "cpu").status == 0
    assert asked[0]["device"] == "cpu"


def test_a_prediction_names_classes_and_how_sure_it_is(snnc, trained):
    split = digits().test
    for number in range(20):
        Image.fromarray(split.pixels[number, 0]).resize((16, 16)).save(f"{number}.png")
    files = [f"{number}.png" for number in range(20)]
    answer = snnc("predict", str(trained), *files, "--best", "3", "--json")
    assert answer.status == 0
    found = answer.json["images"]
    assert [one["image"] for one in found] == files
    right = sum(
        int(one["classes"][0]["class"]) == label for one, label in zip(found, split.labels, strict=False)
    )
    assert right >= 10
    for one in found:
        chances = [each["probability"] for each in one["classes"]]
        assert chances == sorted(chances, reverse=True)
        assert 0 < sum(chances) <= 1 + 1e-6
    alone = snnc("predict", str(trained), "3.png")
    best = found[3]["classes"][0]
    assert alone.out == f"3.png: {best['class']} {best['probability']:.1%}\n"


def test_an_artificial_network_has_neither_steps_nor_spikes(snnc):
    assert snnc("train", "digits", "--method", "ann", "--epochs", "1", "-o", "ann").status == 0
    refused = {("--steps",): "spiking", ("--activity", "rates.json"): "spikes", ("-T", "4"): "no time-steps"}
    for option, word in refused.items():
        answer = snnc("evaluate", "ann/network.safetensors", *option)
        assert (answer.status, answer.out) == (2, "")
        assert word in answer.err
    assert snnc("evaluate", "ann/network.safetensors").status == 0


@pytest.mark.parametrize("command", ["evaluate", "predict"])
def test_what_is_no_network_is_refused(snnc, trained, command: str):
    Path("a.png").write_bytes(b"")
    more = ["a.png"] if command == "predict" else []
    Path("net.safetensors").write_bytes(trained.read_bytes()[:-1])
    for name, status in (("net.safetensors", 2), ("a.png", 2), ("none.safetensors", 4)):
        answer = snnc(command, name, *more)
        assert (answer.status, answer.out) == (status, "")
        assert answer.err.startswith("snnc: ")
        assert "fault of snnc" not in answer.err


def test_what_is_no_image_is_refused(snnc, trained):
    Path("a.png").write_bytes(b"no image")
    answer = snnc("predict", str(trained), "a.png")
    assert answer.status == 2
    assert "a.png: it is no image of a known kind" in answer.err


def test_other_data_is_refused(snnc, trained):
    images = np.zeros((4, 1, 8, 8), np.uint8)
    labels = np.array([0, 1, 0, 1])
    np.savez("two.npz", train_images=images, train_labels=labels, test_images=images, test_labels=labels)
    answer = snnc("evaluate", str(trained), "--data", "two.npz")
    assert answer.status == 2
    assert "has learnt 0, 1, 2" in answer.err


def test_tensorboard_files_are_written(snnc, tree):
    pytest.importorskip("tensorboard")
    assert snnc("train", "digits", "--epochs", "1", "-T", "2", "--tensorboard").status == 0
    assert any("tfevents" in name for name in tree())


def test_stages_of_stdp_are_told_of(snnc, tree):
    few = ("--set", "stdp.images=100", "--set", "stdp.updates=2", "--epochs", "1", "-T", "5")
    answer = snnc("train", "digits_stdp", "--method", "stdp", *few)
    assert answer.status == 0
    lines = answer.err.splitlines()
    assert [line.split(":")[0] for line in lines if "entropy" in line] == ["Conv1", "Conv2"]
    assert "counts the spikes of 1,797 images" in lines
    assert any(line.startswith("epoch 1: loss ") for line in lines)
    assert {"runs/digits_stdp/report.html", "runs/digits_stdp/network.safetensors"} <= tree()
