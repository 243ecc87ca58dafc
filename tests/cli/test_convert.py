"""``snnc convert``: from a trained network to its spiking twin, its ledger, and what reads them."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

SPEC = """\
network Digits2
input 1x8x8
neuron ReLU|IF
Input - Conv1(1,8,3x3/1) - [Conv2(8,8,3x3/1)] repeated 2 times - Pool(2x2/2) - FC1(128,16) - FC2(16,10)
"""
NEURONLESS = "[Conv2(4,4,3x3/1, bias), ReLU|identity - Conv3(4,4,3x3/1)] repeated 2 times"
QUICK = ("--timesteps", "40", "--calibration-images", "32", "--images", "100", "--set", "trial.ledger=50")


@pytest.fixture(scope="module")
def ann(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from snnc.cli.main import run

    folder = tmp_path_factory.mktemp("ann")
    (folder / "d.spec").write_text(SPEC)
    arguments = ["train", str(folder / "d.spec"), "--method", "ann", "--epochs", "3", "--batch", "32"]
    assert run([*arguments, "--rate", "4e-3", "--out", str(folder / "run")]) == 0
    return folder / "run" / "network.safetensors"


@pytest.fixture(scope="module")
def snn(ann: Path) -> Path:
    from snnc.cli.main import run

    folder = ann.parent / "snn"
    reports = [f"--report={folder}.{form}" for form in ("md", "json", "html")]
    assert run(["convert", str(ann), *QUICK, "--out", str(folder), *reports]) == 0
    return folder / "network.safetensors"


def test_it_tells_of_every_threshold_and_leaves_a_network(snnc, ann, tree):
    answer = snnc("convert", str(ann), *QUICK, "--initial", "0.5")
    assert answer.status == 0
    found = re.findall(r"^(\S+): threshold ([\d.]+)$", answer.err, re.MULTILINE)
    assert [name for name, _ in found] == ["Conv1", "Conv2@1", "Conv2@2", "FC1"]
    for name, threshold in found:
        assert re.search(rf"^{name} +{threshold[:4]}", answer.out, re.MULTILINE)
    assert "on 100 test images" in answer.out
    assert "The thresholds of Conv2" in answer.out
    assert {"runs/digits2_snn/network.safetensors", "runs/digits2_snn/activity.json"} <= tree()


def test_the_result_is_a_network_like_any_other(snnc, snn, tree):
    score = snnc("evaluate", str(snn), "--json", "--steps")
    assert score.status == 0
    assert len(score.json["steps"]) == 40
    ledger = json.loads(Path(f"{snn.parent}.json").read_text())
    assert ledger["snn"] > 0.5
    assert abs(score.json["accuracy"] - ledger["snn"]) < 0.15  # on all images, not the first hundred
    assert snnc("predict", str(snn), "--help").status == 0
    picture = snnc("graph", str(snn), "-o", "-").out
    for row in ledger["rows"]:
        assert f"threshold {row['threshold']:.4g}" in picture
    Path("d.spec").write_text(SPEC)
    cost = snnc("cost", "d.spec", "-a", str(snn.parent / "activity.json"), "-T", "40")
    assert cost.status == 0, cost.err
    shown = float(re.search(r"EE\s+([\d.]+)x", cost.out)[1])
    assert shown == pytest.approx(ledger["ee"], rel=0.01)


def test_the_scores_are_the_artificial_networks_own(ann, snn):
    import torch

    from snnc.train.artifact import load
    from snnc.train.data import open_data
    from snnc.train.images import normalise

    first, second = load(ann), load(snn)
    assert second.spikes
    assert second.timesteps == 40
    pixels = open_data(None, (1, 8, 8)).test.images(torch.arange(20))
    with torch.inference_mode():
        wanted, found = first.module(normalise(pixels)), second.module(normalise(pixels))
    assert float((found - wanted).norm() / wanted.norm()) < 0.5


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            assert name not in {"src", "href", "onload", "onclick"}, (tag, name, value)


def test_the_ledger_comes_in_three_forms_that_agree(snn):
    ledger = json.loads(Path(f"{snn.parent}.json").read_text())
    assert ledger["schema"] == 1
    assert (ledger["images"], ledger["kept"], len(ledger["curve"])) == (100, 50, 40)
    text, page = (Path(f"{snn.parent}.{form}").read_text() for form in ("md", "html"))
    for row in ledger["rows"]:
        assert 0 <= row["dead"] <= 1
        assert row["correlation"] > 0.8
        for shown in (text, page):
            assert row["name"] in shown
            assert f"{row['threshold']:.4g}" in shown
    tags = Page(page).tags
    assert tags.count("svg") == 4
    assert "script" not in tags
    assert "default-src 'none'" in page
    assert ledger["rising"].keys() == {"Conv2"}


def test_a_second_conversion_in_the_folder_is_refused(snnc, ann, snn):
    again = ("convert", str(ann), "--out", str(snn.parent))
    refused = snnc(*again, *QUICK)
    assert (refused.status, refused.out) == (2, "")
    assert "--resume" in refused.err
    assert snnc(*again, *QUICK, "--resume").status == 0
    other = snnc(*again, *QUICK, "--resume", "--seed", "5")
    assert other.status == 2
    assert "another network, by other settings or data" in other.err


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--timesteps", "0"], "--set timesteps"),
        (["--timesteps", "2000000"], "--set timesteps"),
        (["--percent", "0"], "--set calibration.percent"),
        (["--percent", "101"], "--set calibration.percent"),
        (["--initial", "1"], "--set initial"),
        (["--factor", "-1"], "--set calibration.factor"),
        (["--set", "calibration.imges=3"], "did you mean images?"),
        (["--set", "trial"], "no KEY=VALUE"),
        (["--data", "none.npz"], "none.npz"),
        (["--recipe", "none.toml"], "none.toml"),
        (["--report", "ledger.pdf"], "none of .md, .json and .html"),
    ],
)
def test_what_is_wrong_is_told_in_one_place(snnc, ann, tree, arguments: list[str], part: str):
    answer = snnc("convert", str(ann), *arguments)
    assert answer.status == (4 if "none." in part else 2) or part.startswith("none of")
    assert answer.status in (2, 4)
    assert part in answer.err
    assert "fault of snnc" not in answer.err
    assert not any("safetensors" in name for name in tree())


def test_a_file_that_is_no_artificial_network_is_refused(snnc, snn, write_spec):
    spiking = snnc("convert", str(snn), *QUICK)
    assert (spiking.status, "a spiking network already" in spiking.err) == (2, True)
    spec = write_spec("a", SPEC)
    assert "no whole .safetensors" in snnc("convert", str(spec), *QUICK).err
    missing = snnc("convert", "missing.safetensors", *QUICK)
    assert missing.status == 4


def test_data_of_another_size_or_other_classes_is_refused(snnc, ann):
    import numpy as np

    labels, pixels = np.arange(4), np.zeros((4, 1, 8, 8), np.uint8)
    np.savez("c.npz", train_images=pixels, train_labels=labels, test_images=pixels, test_labels=labels)
    assert "has learnt" in snnc("convert", str(ann), *QUICK, "-d", "c.npz").err
    wide = np.zeros((4, 3, 8, 8), np.uint8)
    np.savez("w.npz", train_images=wide, train_labels=labels, test_images=wide, test_labels=labels)
    answer = snnc("convert", str(ann), *QUICK, "-d", "w.npz")
    assert (answer.status, "the network takes 1x8x8" in answer.err) == (2, True)


@pytest.mark.parametrize(
    ("body", "code", "status"),
    [
        ("Conv1(1,4,3x3/1) - MaxPool(2x2/2) - FC1(64,10)", "conversion-max-pool", 2),
        ("Conv1(1,4,3x3/1), ReLU|IF(reset=zero) - FC1(256,10)", "conversion-reset", 0),
        ("Conv1(1,4,3x3/1), ReLU|IF(refractory=2) - FC1(256,10)", "conversion-reset", 0),
        ("Conv1(1,4,3x3/1), ReLU|LIF - FC1(256,10)", "conversion-leak", 0),
        (
            "Conv1(1,4,3x3/1) - Conv2(4,4,3x3/1), ReLU - Conv3(4,4,3x3/1) - FC1(256,10)",
            "conversion-interleaved",
            2,
        ),
        (f"Conv1(1,4,3x3/1) - {NEURONLESS} - FC1(256,10)", "conversion-bias", 2),
        ("Conv1(1,4,3x3/1), ReLU - FC1(256,10)", "nothing to convert", 2),
    ],
)
def test_what_a_spec_says_against_it_has_its_place(snnc, body: str, code: str, status: int):
    from snnc.ir.program import Target
    from snnc.source import Source
    from snnc.train.artifact import save
    from snnc.train.network import Options, network

    text = f"input 1x8x8\nneuron ReLU|IF\nencode poisson\nInput - {body}\n"
    found = network(Source("net.spec", text), None, Options(Target.ANN))
    save(Path("n.safetensors"), found, found.module(), classes=tuple("0123456789"))
    answer = snnc("convert", "n.safetensors", *QUICK)
    assert answer.status == status, answer.err
    assert code in answer.err
    assert "net.spec:4:" in answer.err or code == "nothing to convert"


def test_ctrl_c_stops_it_and_resume_goes_on(snnc, shell, ann):
    command = shell.command("convert", str(ann), "--timesteps", "4000", "--out", "long")
    with subprocess.Popen(command, env=shell.environment(), stderr=subprocess.PIPE, text=True) as process:
        while "Conv1: threshold" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
    assert process.returncode == 130
    assert "--resume goes on" in said
    assert Path("long/conversion.safetensors").exists()
    assert not Path("long/network.safetensors").exists()
    assert snnc("convert", str(ann), *QUICK, "--out", "long", "--resume").status == 2
