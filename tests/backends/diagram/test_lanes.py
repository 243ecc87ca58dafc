"""Lanes: nothing that runs side by side touches, and short ways stay inside."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from snnc.backends.diagram.lanes import lanes

interval = st.tuples(st.integers(0, 200), st.integers(1, 100)).map(
    lambda one: (float(one[0]), float(sum(one)))
)


@given(st.lists(interval, max_size=30))
def test_no_two_intervals_of_a_lane_overlap(intervals):
    chosen = lanes(intervals)
    assert len(chosen) == len(intervals)
    for (one, lane), (other, another) in combinations(zip(intervals, chosen, strict=True), 2):
        if lane == another:
            assert one[1] < other[0] or other[1] < one[0]


def test_nested_intervals_nest():
    assert lanes([(0.0, 100.0), (10.0, 90.0), (20.0, 80.0)]) == [2, 1, 0]


def test_one_after_the_other_share_a_lane():
    assert lanes([(0.0, 10.0), (20.0, 30.0), (40.0, 50.0)]) == [0, 0, 0]
