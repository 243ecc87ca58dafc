"""The rate of learning over a run."""

from __future__ import annotations

from itertools import pairwise

import pytest

from snnc.train.recipe import Schedule
from snnc.train.schedule import share


def test_schedules() -> None:
    def rates(**entries: object) -> list[float]:
        return [share(Schedule(**entries), step, 100) for step in range(100)]

    cycle = rates(name="one-cycle", warmup=0.3)
    assert cycle[0] == pytest.approx(0.04)
    assert cycle.index(max(cycle)) == 30
    assert max(cycle) == 1
    assert cycle[99] < 0.001
    assert all(a < b for a, b in pairwise(cycle[:31]))
    assert all(a > b for a, b in pairwise(cycle[30:]))
    assert rates(name="cosine", warmup=0.0)[0] == 1
    assert rates(name="cosine", warmup=0.0)[50] == pytest.approx(0.5)
    steps = rates(name="step", milestones=[0.5, 0.75], factor=0.1)
    assert [steps[n] for n in (0, 49, 50, 74, 75, 99)] == pytest.approx([1, 1, 0.1, 0.1, 0.01, 0.01])
    assert set(rates(name="constant")) == {1.0}
