"""The learning rate as a function of the step: it has no state to save."""

from __future__ import annotations

import math
from typing import assert_never

from snnc.train.recipe import Schedule

FIRST = 0.04  # a warm-up starts at a 25th of the rate


def share(schedule: Schedule, step: int, steps: int) -> float:
    """Return the rate of step 0..steps-1 as a share of the optimiser's, in [0, 1]."""
    done = step / max(1, steps)
    match schedule.name:
        case "constant":
            return 1.0
        case "step":
            return schedule.factor ** sum(done >= milestone for milestone in schedule.milestones)
        case "one-cycle" | "cosine":
            if done < schedule.warmup:
                return FIRST + (1 - FIRST) * done / schedule.warmup
            return (1 + math.cos(math.pi * (done - schedule.warmup) / (1 - schedule.warmup))) / 2
        case _:
            assert_never(schedule.name)
