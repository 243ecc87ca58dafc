"""Saved networks and sealed files: whole, verified, and refused by name where they do not fit."""

from __future__ import annotations

import json
import os
import pickle
import random
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import torch
from safetensors.torch import load_file, save_file

import snnc.train.sealed as sealed_module
from snnc.ir.program import Target
from snnc.source import Source
from snnc.spec.files import open_spec
from snnc.train import artifact
from snnc.train.artifact import MismatchError
from snnc.train.network import Network, Options, network
from snnc.train.sealed import DamagedError, read_sealed, sweep, write_sealed

BACKRES = """
input 2x8x8
timesteps 4
Input - Conv1(2,4,3x3/1) - [Conv2(4,4,3x3/1) - BN] repeated 3 times - Pool(2x2/2) - FC1(64,8) - FC2(8,3)
"""


def compiled(text: str = BACKRES, target: Target = Target.SNN, **options: object) -> Network:
    return network(Source("net.spec", text), None, Options(target, **options))  # type: ignore[arg-type]


def saved(path: Path, net: Network, seed: int = 3) -> torch.nn.Module:
    module = net.module(seed)
    artifact.save(
        path, net, module, classes=("a", "b", "c"), recipe='{"epochs": 3}', result={"accuracy": 0.5}
    )
    return module.eval()


@pytest.mark.parametrize("target", Target)
@pytest.mark.parametrize(
    "options", [{}, {"classify": "stochmax"}, {"classify": "stochmax", "mode": "simple"}]
)
def test_a_network_comes_back_as_it_was(tmp_path: Path, target: Target, options: dict[str, str]) -> None:
    net = compiled(target=target, coding="direct", timesteps=3, **options)
    module = saved(tmp_path / "net.safetensors", net)
    found = artifact.load(tmp_path / "net.safetensors")
    image = torch.rand(2, 2, 8, 8)
    assert torch.equal(found.module(image), module(image))
    assert (found.classes, found.recipe, found.result) == (("a", "b", "c"), {"epochs": 3}, {"accuracy": 0.5})
    assert found.timesteps == (3 if target is Target.SNN else 1)
    assert not found.module.training


def test_a_spiking_network_runs_over_another_number_of_steps(tmp_path: Path) -> None:
    module = saved(tmp_path / "net.safetensors", compiled(timesteps=3))
    longer = compiled(timesteps=7).module().eval()
    longer.load_state_dict(module.state_dict())
    found = artifact.load(tmp_path / "net.safetensors", 7)
    assert found.timesteps == 7
    image = torch.rand(2, 2, 8, 8)
    scores = []
    for one in (found.module, longer):
        torch.manual_seed(1)
        scores.append(one(image))
    assert torch.equal(*scores)


def test_every_unrolled_step_has_its_threshold_under_its_state(tmp_path: Path) -> None:
    net = compiled()
    module = net.module()
    for step, neurons in enumerate(module.Conv2_lif):
        neurons.threshold.fill_(step + 1.5)
    artifact.save(tmp_path / "net.safetensors", net, module)
    tensors = load_file(tmp_path / "net.safetensors")
    assert [float(tensors[f"Conv2@{n}.threshold"]) for n in (1, 2, 3)] == [1.5, 2.5, 3.5]
    assert {"Conv1.weight", "Conv2.weight", "Conv1.threshold", "FC1.threshold"} <= set(tensors)
    found = artifact.load(tmp_path / "net.safetensors")
    assert [float(part.threshold) for part in found.module.Conv2_lif] == [1.5, 2.5, 3.5]


def test_used_specs_are_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "tail.spec").write_text("input 4x8x8\nInput - FC1(256,8) - FC2(8,3)\n")
    (tmp_path / "whole.spec").write_text(
        'input 2x8x8\nInput - Conv1(2,4,3x3/1)\nuse "parts/tail.spec" as Tail\n'
    )
    net = network(*open_spec(tmp_path / "whole.spec"), Options(Target.ANN))
    module = saved(tmp_path / "net.safetensors", net)
    (tmp_path / "parts" / "tail.spec").unlink()
    found = artifact.load(tmp_path / "net.safetensors")
    weights = found.module.state_dict()
    assert all(torch.equal(weights[name], one) for name, one in module.state_dict().items())
    image = torch.rand(1, 2, 8, 8)
    torch.testing.assert_close(found.module(image), module(image))  # a sum depends on where memory lies


FLIPS, CUTS = 5000, 1000


@pytest.fixture(scope="module")
def whole() -> bytes:
    """A saved network's file."""
    with TemporaryDirectory() as folder:
        saved(Path(folder) / "net.safetensors", compiled())
        return (Path(folder) / "net.safetensors").read_bytes()


def test_any_flipped_bit_is_noticed(tmp_path: Path, whole: bytes) -> None:
    path, chance = tmp_path / "net.safetensors", random.Random(1)
    header = 8 + int.from_bytes(whole[:8], "little")
    bits = [*range(64), *(8 * chance.randrange(header) + chance.randrange(8) for _ in range(FLIPS // 2))]
    bits += [chance.randrange(8 * len(whole)) for _ in range(FLIPS - len(bits))]
    path.write_bytes(whole)
    with path.open("r+b", buffering=0) as file:
        for bit in bits:
            place, broken = bit // 8, whole[bit // 8] ^ 1 << bit % 8
            os.pwrite(file.fileno(), bytes([broken]), place)
            with pytest.raises(DamagedError):
                read_sealed(path)
            os.pwrite(file.fileno(), whole[place : place + 1], place)
    artifact.load(path)


def test_any_cut_is_noticed(tmp_path: Path, whole: bytes) -> None:
    path, chance = tmp_path / "net.safetensors", random.Random(2)
    lengths = [*range(20), len(whole) - 1, *(chance.randrange(len(whole)) for _ in range(CUTS - 21))]
    path.write_bytes(whole)
    for length in sorted(lengths, reverse=True):
        os.truncate(path, length)
        with pytest.raises(DamagedError):
            read_sealed(path)
    path.write_bytes(whole + b"x")
    with pytest.raises(DamagedError):
        artifact.load(path)


class Payload:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return pytest.fail, ("a pickle was opened",)


def test_a_pickle_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    path.write_bytes(pickle.dumps(Payload()))
    with pytest.raises(DamagedError):
        artifact.load(path)
    torch.save({"weight": torch.zeros(2)}, path)
    with pytest.raises(DamagedError):
        artifact.load(path)


def changed(path: Path, **changes: object) -> None:
    """Seal a file again with other tensors (or none), as somebody could who means no good."""
    tensors, texts = read_sealed(path)
    for name, value in changes.items():
        place = name.replace("__", ".").replace("_at_", "@")
        if isinstance(value, str):
            texts[place] = value
        elif value is None:
            del tensors[place]
        else:
            tensors[place] = value  # type: ignore[assignment]
    write_sealed(path, tensors, texts)


MISFITS = {
    "shape": (
        {"Conv1__weight": torch.zeros(4, 3, 3, 3)},
        r"Conv1.weight is float32 \[4, 3, 3, 3\], the spec says float32 \[4, 2, 3, 3\]",
    ),
    "type": (
        {"FC1__weight": torch.zeros(8, 64, dtype=torch.float64)},
        r"FC1.weight is float64 \[8, 64\], the spec says float32",
    ),
    "missing": ({"FC2__weight": None}, r"FC2.weight \[3, 8\] is missing"),
    "threshold": ({"Conv2_at_2__threshold": None}, r"Conv2@2.threshold \[\] is missing"),
    "surplus": ({"Conv7__weight": torch.zeros(2)}, r"Conv7.weight \[2\] is not in it"),
    "other spec": (
        {"spec": BACKRES.replace("FC1(64,8) - FC2(8,3)", "FC1(64,9) - FC2(9,3)")},
        r"FC1.weight .* FC2.weight",
    ),
    "other steps": (
        {"spec": BACKRES.replace("repeated 3", "repeated 2")},
        r"Conv2@3.threshold \[\] is not in it",
    ),
}


@pytest.mark.parametrize("kind", MISFITS)
def test_tensors_that_do_not_fit_are_named(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "net.safetensors"
    saved(path, compiled())
    changes, message = MISFITS[kind]
    changed(path, **changes)
    with pytest.raises(MismatchError, match=message):
        artifact.load(path)


@pytest.mark.parametrize("entry", ["options", "uses", "classes", "recipe", "result"])
def test_garbled_metadata_is_refused(tmp_path: Path, entry: str) -> None:
    path = tmp_path / "net.safetensors"
    saved(path, compiled())
    changed(path, **{entry: "{"})
    with pytest.raises(DamagedError, match="metadata"):
        artifact.load(path)


def test_two_tensors_swapped_by_hand_are_noticed(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    net = compiled(BACKRES.replace("FC1(64,8) - FC2(8,3)", "FC1(64,8) - FC2(8,8) - FC3(8,8)"))
    saved(path, net)
    tensors, texts = read_sealed(path)
    digest = json.loads(path.read_bytes()[8 : 8 + int.from_bytes(path.read_bytes()[:8], "little")])[
        "__metadata__"
    ]["sha256"]
    tensors["FC2.weight"], tensors["FC3.weight"] = tensors["FC3.weight"], tensors["FC2.weight"]
    save_file(tensors, path, {**texts, "sha256": digest})
    with pytest.raises(DamagedError, match="SHA-256"):
        artifact.load(path)


def test_the_same_network_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        saved(tmp_path / name, compiled())
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_sealed(path, {"x": torch.ones(3)}, {"a": "b"})

    def full(_handle: int) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr(sealed_module.os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        write_sealed(path, {"x": torch.zeros(3)}, {})
    monkeypatch.undo()
    tensors, texts = read_sealed(path)
    assert (tensors["x"].tolist(), texts) == ([1, 1, 1], {"a": "b"})
    assert list(tmp_path.iterdir()) == [path]


def test_what_killed_writers_left_is_swept(tmp_path: Path) -> None:
    (tmp_path / ".writing-abc").write_bytes(b"half")
    (tmp_path / "kept").write_bytes(b"whole")
    sweep(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["kept"]


def test_a_gain_scales_the_layers_before_spikes_alone() -> None:
    text = "input 2x8x8\nInput - Conv1(2,4,3x3/1) - ReLU - Conv2(4,4,3x3/1) - LIF - FC1(256,3)\n"
    net = compiled(text)
    usual, wide = net.module(seed=1), net.module(seed=1, gain=3.0)
    assert torch.equal(usual.Conv1.weight, wide.Conv1.weight)
    assert torch.allclose(usual.Conv2.weight * 1.5, wide.Conv2.weight)
    assert not torch.equal(usual.Conv2.weight, net.module(seed=2).Conv2.weight)
