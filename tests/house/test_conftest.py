"""What `tests/conftest.py` promises every test."""

from __future__ import annotations

from hypothesis import settings


def test_torch_runs_on_one_thread():
    import torch

    assert torch.get_num_threads() == 1


def test_property_tests_are_alike_every_time():
    assert settings.get_profile("quick").derandomize
    assert not settings.get_profile("thorough").derandomize
