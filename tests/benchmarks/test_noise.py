import pytest

from benchmarks.noise import NOISY_CORES, TICKS, Clock, busy_of, busy_seconds, foreign_cores, is_noisy


def run(seconds, cores):
    return {"seconds": seconds, "cpu_seconds": seconds, "foreign_cores": cores}


def test_idle_and_waiting_processors_are_not_busy():
    line = "cpu 10 20 30 1000000 2000000 40 50 60 70 80"
    assert busy_of(line) == (10 + 20 + 30 + 40 + 50 + 60) / TICKS


def test_what_this_process_takes_is_not_foreign():
    start, alone, beside = Clock(10.0, 5.0, 100.0), Clock(12.0, 9.0, 104.0), Clock(12.0, 9.0, 107.0)
    assert alone.since(start) == {"seconds": 2.0, "cpu_seconds": 4.0, "foreign_cores": 0.0}
    assert beside.since(start)["foreign_cores"] == 1.5


def test_ticks_that_are_counted_late_are_no_negative_load():
    assert Clock(1.0, 1.0, 0.5).since(Clock(0.0, 0.0, 0.0))["foreign_cores"] == 0


def test_where_nobody_tells_nothing_is_claimed():
    unknown = Clock(1.0, 1.0, None).since(Clock(0.0, 0.0, None))
    assert unknown["foreign_cores"] is None
    assert foreign_cores([unknown]) is None
    assert not is_noisy(None)


def test_a_long_run_counts_for_more():
    assert foreign_cores([run(9.0, 0.0), run(1.0, 1.0)]) == pytest.approx(0.1)
    assert foreign_cores([]) is None


def test_only_more_than_a_trifle_is_noise():
    assert not is_noisy(NOISY_CORES)
    assert is_noisy(NOISY_CORES + 0.01)


def test_this_machine_is_read():
    before = busy_seconds()
    if before is None:
        pytest.skip("this system does not tell")
    assert sum(i * i for i in range(300_000)) > 0
    after = busy_seconds()
    assert after is not None
    assert after >= before > 0
