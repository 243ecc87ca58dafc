from __future__ import annotations

from functools import cache

import pytest

from snnc.analysis.activity import assumed
from snnc.analysis.cost import CostOptions, CostReport, cost
from snnc.driver import Net, load, loads

HYBRID = """
network Small
input 3x8x8
encode poisson
timesteps 4
Input - Conv1(3,4,3x3/1) - Pool(2x2/2) - [Conv2(4,4,3x3/1)] repeated 2 times - FC1(64,8), ReLU - FC2(8,10)
"""


@cache
def _net(name: str) -> Net:
    return loads(HYBRID) if name == "small" else load(name)


@pytest.fixture
def report():
    """Build a report of a spec that ships, or of a small hybrid with a repeated layer."""

    def build(name: str, activity: object = None, **options: object) -> CostReport:
        net = _net(name)
        if "rates" in options:
            options["activity"] = options.pop("rates")
        if activity is not None:
            options["activity"] = assumed(activity)
        return cost(net.snn_twin.unrolled, net.ann_twin.unrolled, CostOptions(**options))

    return build


@pytest.fixture
def small() -> Net:
    """The small hybrid, compiled."""
    return _net("small")
