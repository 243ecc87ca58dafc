"""Contestants as processes: they take turns, may be absent, may fail, and are taken up again."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks import race as racing
from benchmarks.cells import Cell
from benchmarks.racer import GivenUpError

CELL = Cell("vgg5", 1, 1)


class Fake:
    """A racer that needs no process."""

    order: list[str] = []  # noqa: RUF012 - what the test reads

    def __init__(self, name, cell, limit, *, verify):
        self.name, self.runs = name, 0
        if name == "missing":
            self.error = "not installed"

    def ready(self):
        if self.name == "missing":
            raise GivenUpError("not installed")
        return "1.0"

    def run(self):
        self.runs += 1
        Fake.order.append(self.name)
        if self.name == "weak" and self.runs == 2:
            raise GivenUpError("killed by signal 9, out of memory?")
        return {"seconds": float(self.runs), "peak_bytes": 1, "foreign_cores": 0.0}

    def stop(self):
        pass


@pytest.fixture
def faked(monkeypatch):
    monkeypatch.setattr(racing, "Racer", Fake)
    Fake.order.clear()


def test_contestants_take_turns_and_warm_up_first(faked):
    results = racing.race(CELL, ("a", "b"), 2, lambda _: None)
    assert sorted(Fake.order[:2]) == sorted(Fake.order[2:4]) == sorted(Fake.order[4:]) == ["a", "b"]
    assert Fake.order[2:4] != Fake.order[4:]
    assert [run["seconds"] for run in results["a"]["runs"]] == [2.0, 3.0]


def test_who_is_absent_or_fails_is_listed_and_the_others_go_on(faked):
    told = []
    results = racing.race(CELL, ("a", "missing", "weak"), 2, told.append)
    assert results["missing"] == {"absent": "not installed"}
    assert results["weak"] == {"absent": "killed by signal 9, out of memory?"}
    assert len(results["a"]["runs"]) == 2
    assert any("missing does not take part: not installed" in line for line in told)


def run(tmp_path, *words):
    store = str(tmp_path / "store.jsonl")
    common = ["--network", "vgg5", "--timesteps", "1", "--batch", "1", "--threads", "1", "--repeats", "1"]
    return command.main([*common, "--mode", "inference", "--precision", "float32", "--store", store, *words])


def test_a_run_is_taken_up_where_it_stopped(faked, tmp_path, capsys):
    assert run(tmp_path, "--contestant", "snnc", "floor") == 0
    first = len(Fake.order)
    assert first == 4
    assert run(tmp_path, "--contestant", "snnc", "floor", "--json") == 0
    assert len(Fake.order) == first
    out, err = capsys.readouterr()
    assert "vgg5 T=1 batch 1 inference float32: already measured" in err
    document = json.loads(out[out.index('{"schema"') :])
    assert [record["cell"]["network"] for record in document["records"]] == ["vgg5"]


def test_without_a_card_it_says_so(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert run(tmp_path, "--device", "cuda") == 2
    assert capsys.readouterr().err == "error: there is no CUDA device\n"


def test_a_real_process_measures_and_an_absent_library_is_told(tmp_path):
    results = racing.race(CELL, ("loop by hand",), 1, lambda _: None)
    (measured,) = results["loop by hand"]["runs"]
    assert measured["seconds"] > 0
    assert measured["cpu_seconds"] > 0
    assert measured["peak_bytes"] >= 0


def test_a_process_without_a_library_says_which():
    job = json.dumps({"contestant": "norse", "cell": {"network": "vgg5", "timesteps": 1}, "verify": True})
    source = (
        "import sys; sys.modules['norse'] = None; sys.argv[1:] = [sys.stdin.readline()]\n"
        "from benchmarks.worker import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", source],
        input=f"{job}\n",
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert json.loads(done.stdout)["absent"].startswith("not installed (")
