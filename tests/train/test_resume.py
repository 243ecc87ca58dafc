"""A run that was broken off anywhere and taken up again is the run that was not; to the bit."""

from __future__ import annotations

import errno
import json
import os
import random
import resource
import signal
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
import torch

from snnc.train import checkpoint, loop, sealed
from snnc.train.lock import LockedError, locked
from snnc.train.loop import Interrupted
from snnc.train.metrics import Quiet
from snnc.train.run import RunError
from snnc.train.sealed import DamagedError

STEPS = 18  # three epochs of six


def test_the_run_is_worth_breaking(runs) -> None:
    lines = [json.loads(line) for line in (runs.place / "whole" / "metrics.jsonl").read_text().splitlines()]
    epochs = [line for line in lines if "epoch" in line]
    assert [line["step"] for line in epochs] == [6, 12, 18]
    assert epochs[-1]["loss"] < epochs[0]["loss"]
    assert all(rate > 0 for rate in epochs[-1]["rates"].values())
    assert set(epochs[0]["rates"]) == {"Conv1", "Conv2@1", "Conv2@2", "FC1"}
    noted = [line["rates"] for line in lines if "epoch" not in line][:3]
    for name, mean in epochs[0]["rates"].items():
        assert sum(rates[name] for rates in noted) / 3 == pytest.approx(mean)
        assert len({rates[name] for rates in noted}) > 1
    assert len({line["rate"] for line in lines if "rate" in line}) == 9


def test_the_same_recipe_gives_the_same_run(runs) -> None:
    runs.train("again")
    assert runs.result("again") == runs.result("whole")


@pytest.mark.parametrize("step", [1, 3, 6, 9, 17, 18], ids=lambda step: f"after step {step}")
def test_a_killed_run_goes_on_as_if_nothing_had_happened(runs, step: int) -> None:
    name = f"killed{step}"
    assert runs.in_child(lambda: runs.train(name, listener=runs.killed(step))) == -signal.SIGKILL
    assert not (runs.place / name / "network.safetensors").exists()
    runs.train(name, resume=True)
    assert runs.result(name) == runs.result("whole")


def dying_at_call(function: Callable[..., object], number: int) -> Callable[..., object]:
    calls = count(1)

    def call(*arguments: object, **named: object) -> object:
        if next(calls) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **named)

    return call


@pytest.mark.parametrize("target", ["fsync", "replace", "unlink"])
@pytest.mark.parametrize("number", [1, 6])
def test_a_run_killed_inside_a_save_goes_on(runs, target: str, number: int) -> None:
    name = f"saving-{target}{number}"

    def work() -> None:
        owner = os if target == "fsync" else Path
        setattr(owner, target, dying_at_call(getattr(owner, target), number))
        runs.train(name)

    assert runs.in_child(work) == -signal.SIGKILL
    runs.train(name, resume=True)
    assert runs.result(name) == runs.result("whole")
    assert not list((runs.place / name).rglob(f"{sealed.TEMPORARY}*"))


def test_a_run_broken_often_goes_on_each_time(runs) -> None:
    for step in (2, 3, 5, 8, 13):
        work = runs.killed(step)
        assert (
            runs.in_child(lambda work=work: runs.train("often", resume=True, listener=work))
            == -signal.SIGKILL
        )
    runs.train("often", resume=True)
    assert runs.result("often") == runs.result("whole")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_a_run_killed_at_any_moment_goes_on(runs, seed: int) -> None:
    name, chance = f"random{seed}", random.Random(seed)
    start = time.monotonic()
    runs.in_child(lambda: runs.train(f"timed{seed}"))
    whole = time.monotonic() - start
    for _ in range(3):
        child = runs.start(lambda: runs.train(name, resume=True))
        time.sleep(chance.random() * whole)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    runs.train(name, resume=True)
    assert runs.result(name) == runs.result("whole")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_saves_between_two_steps(runs, number: signal.Signals) -> None:
    class Asks(Quiet):
        def stepped(self, step: int, loss: float) -> None:
            if step == 7:
                os.kill(os.getpid(), number)

    name = f"asked{number}"
    with pytest.raises(Interrupted, match="after step 7"):
        runs.train(name, listener=Asks())
    kept = sorted((runs.place / name / "checkpoints").iterdir())
    assert checkpoint.read(kept[-1]).position.step == 7
    assert signal.getsignal(number) in (signal.default_int_handler, signal.SIG_DFL)
    runs.train(name, resume=True)
    assert runs.result(name)["network"] == runs.result("whole")["network"]
    assert runs.result(name)["metrics"] == runs.result("whole")["metrics"]


def broken_at_nine(runs, name: str) -> Path:
    """Leave a run whose last checkpoint is of step 8, in the middle of the second epoch."""
    assert runs.in_child(lambda: runs.train(name, listener=runs.killed(9))) == -signal.SIGKILL
    path = max((runs.place / name / "checkpoints").iterdir())
    assert checkpoint.read(path).position.step == 8
    return path


def without_memory(runs, path: Path, patch: pytest.MonkeyPatch) -> None:
    found = checkpoint.read(path)
    checkpoint.save(path.parent, checkpoint.Checkpoint(found.position, found.weights, {}, found.run))


def other_chance(runs, path: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(loop, "seed_for", lambda *parts: hash(parts[0:1] + parts[2:]) % 2**31)


def other_order(runs, path: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(loop, "order", lambda *parts: torch.arange(parts[0]))


def other_schedule(runs, path: Path, patch: pytest.MonkeyPatch) -> None:
    share = loop.share
    patch.setattr(loop, "share", lambda schedule, step, steps: share(schedule, step - 8, steps))


def other_place(runs, path: Path, patch: pytest.MonkeyPatch) -> None:
    found = checkpoint.read(path)
    found.position.step = 7
    path.unlink()
    checkpoint.save(path.parent, found)


def other_statistics(runs, path: Path, patch: pytest.MonkeyPatch) -> None:
    found = checkpoint.read(path)
    weights = {k: torch.zeros_like(v) if "running_mean" in k else v for k, v in found.weights.items()}
    checkpoint.save(path.parent, checkpoint.Checkpoint(found.position, weights, found.memory, found.run))


@pytest.mark.parametrize(
    "damage", [without_memory, other_chance, other_order, other_schedule, other_place, other_statistics]
)
def test_nothing_that_is_kept_could_be_left_out(
    runs, damage: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = damage.__name__
    damage(runs, broken_at_nine(runs, name), monkeypatch)
    runs.train(name, resume=True)
    assert runs.result(name)["network"] != runs.result("whole")["network"]


def test_a_damaged_checkpoint_is_told_and_the_one_before_is_used(runs) -> None:
    path = broken_at_nine(runs, "damaged")
    content = bytearray(path.read_bytes())
    content[-5] ^= 4
    path.write_bytes(content)
    with pytest.raises(DamagedError):
        checkpoint.read(path)
    listener = runs.warned()
    runs.train("damaged", resume=True, listener=listener)
    assert any("SHA-256" in message for message in listener.messages)
    assert runs.result("damaged") == runs.result("whole")


def test_the_last_two_checkpoints_are_kept(runs) -> None:
    names = sorted(path.name for path in (runs.place / "whole" / "checkpoints").iterdir())
    assert names == ["checkpoint-000000016.safetensors", "checkpoint-000000018.safetensors"]


def test_a_full_disk_leaves_the_old_checkpoints(runs, monkeypatch: pytest.MonkeyPatch) -> None:
    fsync, calls = os.fsync, count(1)

    def full(handle: int) -> None:
        if next(calls) > 12:
            raise OSError(28, "No space left on device")
        fsync(handle)

    monkeypatch.setattr(sealed.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        runs.train("full")
    monkeypatch.undo()
    assert checkpoint.newest(runs.place / "full" / "checkpoints")[0] is not None
    runs.train("full", resume=True)
    assert runs.result("full") == runs.result("whole")


@pytest.mark.parametrize("offset", range(20))
def test_a_file_that_may_not_grow_costs_no_checkpoint(
    runs, whole_sizes: tuple[int, int], offset: int
) -> None:
    """A limit somewhere between nothing and the largest file; each way the run goes on from what is whole."""
    name, (largest, _) = f"limited{offset}", whole_sizes

    def work() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (offset * largest // 20, resource.RLIM_INFINITY))
        try:
            runs.train(name)
        except OSError as error:
            os._exit(27 if error.errno == errno.EFBIG else 1)

    assert runs.in_child(work) == 27
    assert not list((runs.place / name).rglob(f"{sealed.TEMPORARY}*"))
    runs.train(name, resume=True)
    assert runs.result(name) == runs.result("whole")


@pytest.fixture(scope="session")
def whole_sizes(runs) -> tuple[int, int]:
    """The largest and the smallest file of a run, in bytes."""
    sizes = [file.stat().st_size for file in (runs.place / "whole").rglob("*.*") if file.stat().st_size]
    return max(sizes), min(sizes)


def test_a_file_that_may_not_grow_is_told_in_a_line(runs) -> None:
    from snnc.cli.main import run

    def work() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
        os._exit(run(["train", "digits", "--epochs", "1", "-T", "2", "-o", str(runs.place / "limited")]))

    assert runs.in_child(work) == 4
    assert (runs.place / "limited" / "run.json").exists()
    assert not list((runs.place / "limited").rglob("*.safetensors"))


def test_a_folder_with_a_run_is_not_written_over(runs) -> None:
    before = runs.result("whole")
    with pytest.raises(RunError, match="--resume"):
        runs.train("whole")
    with pytest.raises(RunError, match="another recipe: seed was 1 and is 2"):
        runs.train("whole", runs.recipe(seed="2"), resume=True)
    assert runs.result("whole") == before


def test_a_finished_run_can_be_resumed_and_stays_the_same(runs) -> None:
    runs.train("done")
    runs.train("done", resume=True)
    assert runs.result("done") == runs.result("whole")


def test_another_version_is_told(runs) -> None:
    broken_at_nine(runs, "version")
    file = runs.place / "version" / "run.json"
    file.write_text(file.read_text().replace(f'"torch": "{torch.__version__}"', '"torch": "1.0"'))
    listener = runs.warned()
    runs.train("version", resume=True, listener=listener)
    assert any(message.startswith("torch was 1.0") for message in listener.messages)


def test_the_second_of_two_runs_in_a_folder_is_refused(runs) -> None:
    with locked(runs.place / "busy"), pytest.raises(LockedError, match=f"process {os.getpid()}"):
        runs.train("busy")
    runs.train("busy")
    assert runs.result("busy") == runs.result("whole")


def test_of_two_runs_that_start_together_one_is_refused(runs) -> None:
    children = [runs.start(lambda: runs.train("together")) for _ in range(2)]
    ends = sorted(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children)
    assert ends == [0, 1]
    assert runs.result("together") == runs.result("whole")


def test_the_lock_of_a_killed_run_is_no_lock(runs) -> None:
    folder = runs.place / "stale"

    def hold() -> None:
        with locked(folder):
            os.kill(os.getpid(), signal.SIGKILL)

    assert runs.in_child(hold) == -signal.SIGKILL
    assert (folder / ".lock").read_text().strip().isdigit()
    runs.train("stale")
    assert runs.result("stale") == runs.result("whole")
