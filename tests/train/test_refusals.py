"""Files and runs that do not fit, sealed or not, and steps that take too much: each has its own words."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from snnc.ir.program import Target
from snnc.source import Source
from snnc.source.data import data
from snnc.train import artifact, checkpoint, loop
from snnc.train.artifact import MismatchError
from snnc.train.feed import batches
from snnc.train.folder import Files
from snnc.train.images import DataError
from snnc.train.network import Options, network
from snnc.train.room import OutOfMemory
from snnc.train.run import RunError
from snnc.train.sealed import DamagedError, read_sealed, write_sealed

SPEC = "input 1x8x8\ntimesteps 4\nInput - FC1(64,8) - FC2(8,3)\n"
SPECS = sorted(file.name for file in data("specs").iterdir() if file.name.endswith(".spec"))


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    net = network(Source("n.spec", SPEC), None, Options(Target.SNN))
    artifact.save(tmp_path / "net.safetensors", net, net.module(), classes=("a", "b", "c"))
    return tmp_path / "net.safetensors"


def sealed_again(path: Path, **texts: str) -> None:
    tensors, before = read_sealed(path)
    write_sealed(path, tensors, {**before, **texts})


WRONG_OPTIONS = [
    *({"timesteps": steps} for steps in (0, -1, "3", 2.5, True, 10**13, [1])),
    *({name: value} for name in ("coding", "classify", "mode", "target") for value in ("other", 3)),
    {"mode": None},
    {"target": None},
    {"surplus": 1},
]


@pytest.mark.parametrize("wrong", WRONG_OPTIONS, ids=str)
def test_options_that_no_network_has_are_refused(saved: Path, wrong: dict[str, object]) -> None:
    options = json.loads(read_sealed(saved)[1]["options"])
    sealed_again(saved, options=json.dumps({**options, **wrong}))
    with pytest.raises(DamagedError, match="garbles an entry"):
        artifact.load(saved)


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ("options", "[]"),
        ("options", "{}"),
        ("uses", "[]"),
        ("uses", '{"a": 3}'),
        ("classes", '{"a": 1}'),
        ("classes", "[1, 2]"),
        ("recipe", "[]"),
        ("result", "3"),
    ],
)
def test_metadata_of_another_kind_are_refused(saved: Path, entry: str, value: str) -> None:
    sealed_again(saved, **{entry: value})
    with pytest.raises(DamagedError, match="garbles an entry"):
        artifact.load(saved)


def test_a_small_file_cannot_ask_for_a_huge_network(saved: Path) -> None:
    """Of 32 terabytes: its tensors are compared before any memory is taken."""
    sealed_again(saved, spec="input 1x8x8\nInput - FC1(64,9000000) - FC2(9000000,900000)\n")
    with pytest.raises(MismatchError, match=r"FC1.weight is float32 \[8, 64\], .* float32 \[9000000, 64\]"):
        artifact.load(saved)


@pytest.mark.parametrize("name", [name for name in SPECS if not name.startswith(("vgg16", "vgg11", "vgg13"))])
def test_an_outline_has_the_state_of_its_network_and_no_memory(name: str) -> None:
    found = network(*_shipped(name), Options(Target.SNN, 2))
    outline = found.outline()
    assert all(tensor.is_meta for tensor in (*outline.parameters(), *outline.buffers()))
    drawn = {key: (value.dtype, value.shape) for key, value in found.module().state_dict().items()}
    assert {key: (value.dtype, value.shape) for key, value in outline.state_dict().items()} == drawn


def _shipped(name: str) -> tuple[Source, Path]:
    from snnc.spec.files import open_spec

    return open_spec(name.removesuffix(".spec"))


def test_drawing_a_network_leaves_torchs_generators_alone() -> None:
    net = network(Source("n.spec", SPEC), None, Options(Target.SNN))
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    net.module(seed=9)
    assert torch.equal(torch.rand(2), expected)


GOOD_TEXTS = {"format": checkpoint.FORMAT, "position": "{}", "run": "{}"}
WRONG_CHECKPOINTS = {
    "a tensor of neither": ({"x": torch.zeros(1)}, {}),
    "no JSON": ({}, {"position": "{"}),
    "a list": ({}, {"position": "[]"}),
    "a text for a number": ({}, {"position": '{"step": "x"}'}),
    "a share for a step": ({}, {"position": '{"step": 1.5}'}),
    "a number for rates": ({}, {"position": '{"rate_sums": 3}'}),
    "a text for the best": ({}, {"position": '{"best": "x"}'}),
    "another entry": ({}, {"position": '{"stop": 1}'}),
    "another format": ({}, {"format": "snnc-network-1"}),
}


@pytest.mark.parametrize("kind", WRONG_CHECKPOINTS)
def test_sealed_files_that_are_no_checkpoints_are_refused(tmp_path: Path, kind: str) -> None:
    tensors, texts = WRONG_CHECKPOINTS[kind]
    path = tmp_path / "checkpoint-000000001.safetensors"
    write_sealed(path, tensors, {**GOOD_TEXTS, **texts})
    with pytest.raises(DamagedError, match=path.name):
        checkpoint.read(path)
    assert checkpoint.newest(tmp_path)[0] is None


@pytest.fixture
def copied(runs, tmp_path: Path) -> Callable[[str], Path]:
    """Copies the whole run, so that something in it can be exchanged."""

    def copy(name: str) -> Path:
        target = runs.place / f"{tmp_path.name} {name}"
        shutil.copytree(runs.place / "whole", target)
        return target

    return copy


def last(folder: Path) -> tuple[Path, checkpoint.Checkpoint]:
    path = max((folder / "checkpoints").iterdir())
    return path, checkpoint.read(path)


def test_a_checkpoint_of_another_run_is_refused(runs, copied) -> None:
    folder = copied("mixed")
    path, found = last(folder)
    other = json.loads(found.run)
    other["recipe"]["seed"] = 7
    checkpoint.save(
        path.parent,
        checkpoint.Checkpoint(found.position, found.weights, found.memory, json.dumps(other)),
    )
    with pytest.raises(RunError, match="another recipe: seed was 7 and is 1"):
        runs.train(folder.name, resume=True)


def wrong_weight(found: checkpoint.Checkpoint) -> checkpoint.Checkpoint:
    weights = {**found.weights, "FC1.weight": torch.zeros(3, 3)}
    return checkpoint.Checkpoint(found.position, weights, found.memory, found.run)


def wrong_memory(found: checkpoint.Checkpoint) -> checkpoint.Checkpoint:
    memory = {**found.memory, "FC1.weight/exp_avg": torch.zeros(3, 3)}
    return checkpoint.Checkpoint(found.position, found.weights, memory, found.run)


def strange_memory(found: checkpoint.Checkpoint) -> checkpoint.Checkpoint:
    memory = {**found.memory, "FC9.weight/exp_avg": torch.zeros(3, 3)}
    return checkpoint.Checkpoint(found.position, found.weights, memory, found.run)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (wrong_weight, r"FC1.weight is float32 \[3, 3\], the spec says float32 \[16, 64\]"),
        (wrong_memory, r"FC1.weight/exp_avg has \[3, 3\] numbers for a weight of \[16, 64\]"),
        (strange_memory, "FC9.weight"),
    ],
)
def test_a_checkpoint_of_other_tensors_names_them(runs, copied, change, words: str) -> None:
    folder = copied(change.__name__)
    path, found = last(folder)
    checkpoint.save(path.parent, change(found))
    with pytest.raises(MismatchError, match=words):
        runs.train(folder.name, resume=True)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"recipe": {}}', "\0"])
def test_a_description_that_is_none_is_refused(runs, copied, text: str) -> None:
    folder = copied("described")
    (folder / "run.json").write_text(text)
    with pytest.raises(RunError, match="is not what a run of this version has written"):
        runs.train(folder.name, resume=True)


def test_a_run_from_before_a_recipes_entry_was_known_goes_on(runs, copied) -> None:
    folder = copied("older")
    before = json.loads((folder / "run.json").read_text())
    del before["recipe"]["stop"]
    (folder / "run.json").write_text(json.dumps(before))
    runs.train(folder.name, resume=True)
    assert runs.result(folder.name) == runs.result("whole")


@pytest.mark.parametrize("workers", [0, 1])
def test_a_broken_image_is_told_without_a_workers_traceback(tmp_path: Path, workers: int) -> None:
    (tmp_path / "a.png").write_bytes(b"junk")
    files = Files((tmp_path / "a.png",), np.zeros(1, np.int64), (1, 8, 8))
    with pytest.raises(DataError, match=r"^a\.png: it is no image of a known kind$"):
        list(batches(files, [torch.arange(1)], workers))
    (tmp_path / "a.png").unlink()
    with pytest.raises(DataError, match=r"^a\.png: [^\n]*$"):
        list(batches(files, [torch.arange(1)], workers))


LACKS = [
    torch.OutOfMemoryError("CUDA out of memory."),
    RuntimeError("[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory"),
    MemoryError(),
]


@pytest.mark.parametrize("lack", LACKS, ids=lambda lack: type(lack).__name__)
@pytest.mark.parametrize("layer", ["Conv1", "Conv2_lif.1", "FC2", "the backward pass or the optimiser"])
def test_a_lack_of_memory_names_the_layer_and_keeps_the_checkpoint(
    runs, lack: Exception, layer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, real, calls = f"full {layer} {type(lack).__name__}", loop.loss_of, iter(range(100))

    def fail(*_: object) -> None:
        raise lack

    def loss_of(module: torch.nn.Module, *rest: torch.Tensor) -> torch.Tensor:
        if next(calls) < 8:  # two parts a step: in the fifth step
            return real(module, *rest)
        if layer in dict(module.named_modules()):
            monkeypatch.setattr(module.get_submodule(layer), "forward", fail)
        loss = real(module, *rest)
        loss.register_hook(fail)
        return loss

    monkeypatch.setattr(loop, "loss_of", loss_of)
    with pytest.raises(OutOfMemory, match=rf"^{layer}: step 5 takes more memory than there is") as caught:
        runs.train(name)
    assert (caught.value.layer, caught.value.step) == (layer, 5)
    monkeypatch.undo()
    assert last(runs.place / name)[1].position.step == 4
    if lack is LACKS[0]:
        runs.train(name, resume=True)
        assert runs.result(name) == runs.result("whole")


def test_other_faults_are_no_lack_of_memory(runs, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_: object) -> None:
        raise RuntimeError("shapes do not agree")

    monkeypatch.setattr(loop, "loss_of", wrong)
    with pytest.raises(RuntimeError, match="shapes"):
        runs.train("wrong")
