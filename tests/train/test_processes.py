"""Several processes on one run: started by torchrun, killed together, taken up again together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from snnc.train.arrays import digits
from snnc.train.course import take_up
from snnc.train.loop import Loop
from snnc.train.metrics import Quiet
from snnc.train.run import RunError, network_of
from snnc.train.world import World

ROOT = Path(__file__).parents[2]
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
TRAIN = ["-m", "snnc", "train", "digits", "-T", "2", "--epochs", "5", "--device", "cpu"]


class Other(World):
    """One of two processes, of which the other has another number."""

    def __init__(self, number: int) -> None:
        super().__init__(0, 2)
        object.__setattr__(self, "number", number)

    def total(self, numbers: torch.Tensor) -> torch.Tensor:
        return numbers + torch.tensor([self.number, self.number**2])  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("mine", "other", "same"), [(4, 4, True), (0, 0, True), (0, 4, False), (4, 5, False)]
)
def test_processes_agree_on_equal_numbers_alone(mine: int, other: int, same: bool) -> None:
    assert Other(other).agree(mine) is same
    assert World().agree(mine)


def test_a_folder_that_is_not_shared_is_refused(
    runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def share_out(_self: World, module: torch.nn.Module) -> torch.nn.Module:
        return module

    monkeypatch.setattr(World, "share_out", share_out)
    recipe = runs.recipe()
    loop = Loop(recipe, network_of(recipe).module(), digits(), Other(8), Quiet())
    with pytest.raises(RunError, match="to resume they have to share it"):
        take_up(loop, tmp_path, None)


@pytest.fixture
def together(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    def start(*options: str) -> subprocess.Popen[str]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.Popen(
            [*TORCHRUN, *TRAIN, *options],
            cwd=tmp_path,
            env=environment,
            text=True,
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    return start


@pytest.mark.slow
def test_two_processes_that_were_killed_go_on_to_the_same_bits(together, tmp_path: Path) -> None:
    whole = together("-o", "whole")
    out, told = whole.communicate(timeout=300)
    assert whole.returncode == 0, told
    assert out.count("accuracy") == 1
    assert told.count("epoch 5: ") == 1
    broken = together("-o", "broken", "--set", "log.checkpoint=7")
    metrics = tmp_path / "broken" / "metrics.jsonl"
    while not metrics.exists() or '"epoch": 2' not in metrics.read_text():
        assert broken.poll() is None
        time.sleep(0.02)
    os.killpg(broken.pid, signal.SIGKILL)
    broken.communicate()
    assert not (tmp_path / "broken" / "network.safetensors").exists()
    again = together("-o", "broken", "--set", "log.checkpoint=7", "--resume")
    _, told = again.communicate(timeout=300)
    assert again.returncode == 0, told
    assert "goes on after step" in told
    assert metrics.read_bytes() == (tmp_path / "whole" / "metrics.jsonl").read_bytes()
    nets = (load_file(tmp_path / name / "network.safetensors") for name in ("broken", "whole"))
    for (name, mine), other in zip(*(sorted(net.items()) for net in nets), strict=True):
        assert torch.equal(mine, other[1]), name
