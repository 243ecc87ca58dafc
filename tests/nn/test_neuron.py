"""The neuron against a loop in numpy that shares nothing with it, and against snntorch."""

import itertools

import numpy as np
import pytest
import torch

from snnc.nn import Neuron, initial_state, lif_step, scan, scan_by_steps

RULES = list(itertools.product(("subtract", "zero", "none"), (0, 1, 3), (False, True)))


def simulate(current, leak, threshold, reset, refractory, delay, initial=0.0):
    potential = np.full(current.shape[1:], initial * threshold)
    last, spikes = np.full(current.shape[1:], -1_000_000), np.zeros(current.shape, bool)
    for t, incoming in enumerate(current):
        if not delay:
            potential = np.where(t - last > refractory, leak * potential + incoming, potential)
        spikes[t] = (potential >= threshold) & (t - last > refractory)
        last[spikes[t]] = t
        after = {"subtract": potential - threshold, "zero": 0 * potential, "none": potential}[reset]
        potential = np.where(spikes[t], after, potential)
        if delay:
            potential = np.where(t - last >= refractory, leak * potential + incoming, potential)
    return spikes, potential


def currents(seed=0, shape=(1000, 256)):
    return np.random.default_rng(seed).normal(0.05, 0.4, shape)


@pytest.mark.parametrize("leak", [0.95, 1.0])
@pytest.mark.parametrize(("reset", "refractory", "delay"), RULES)
def test_no_spike_differs_from_the_numpy_loop(leak, reset, refractory, delay):
    current = currents()
    expected, last = simulate(current, leak, 1.3, reset, refractory, delay, initial=0.5)
    neuron = Neuron(leak, 1.3, reset, refractory, delay=delay, initial=0.5)
    state, stepped = initial_state(torch.from_numpy(current[0]), neuron), []
    for incoming in torch.from_numpy(current):
        spike, state = lif_step(incoming, state, neuron)
        stepped.append(spike)
    whole = scan(
        torch.from_numpy(current),
        1.3,
        leak=leak,
        reset=reset,
        refractory=refractory,
        delay=delay,
        initial=0.5,
    )
    assert expected.mean() >= 0.01
    assert (torch.stack(stepped).numpy() != expected).sum() == 0
    assert (whole.numpy() != expected).sum() == 0
    assert np.abs(state.potential.numpy() - last).max() <= 1e-12


def test_the_rules_are_told_apart():
    trains = [simulate(currents(), 0.95, 1.3, *rule)[0] for rule in RULES]
    differing = [(a != b).sum() for a, b in itertools.combinations(trains, 2)]
    assert min(differing) > 1000


def test_a_delayed_neuron_fires_the_same_spikes_one_step_later():
    current = torch.from_numpy(currents())
    for reset, refractory in itertools.product(("subtract", "zero", "none"), (0, 2)):
        rule = {"reset": reset, "refractory": refractory}
        now, late = (scan_by_steps(current, Neuron(delay=delay, **rule)) for delay in (False, True))
        assert now.mean() > 0.01
        assert torch.equal(late[1:], now[:-1])
        assert not late[0].any()


def test_a_resting_neuron_is_not_affected_by_its_input():
    current = torch.tensor([[1.5], [9.0], [-9.0], [0.0], [0.6]], dtype=torch.float64)
    neuron = Neuron(1.0, 1.0, refractory=2)
    state, trace = initial_state(current[0], neuron), []
    for incoming in current:
        spike, state = lif_step(incoming, state, neuron)
        trace.append((spike.item(), state.potential.item()))
    assert trace == [(1, 0.5), (0, 0.5), (0, 0.5), (0, 0.5), (1, pytest.approx(0.1))]


def test_a_leak_of_zero_has_no_memory_and_of_one_forgets_nothing():
    current = torch.full((4, 1), 0.4)
    assert not scan(current, leak=0.0).any()
    assert scan(current, leak=1.0).flatten().tolist() == [0, 0, 1, 0]


def test_snntorch_agrees():
    snntorch = pytest.importorskip("snntorch")
    leak = 0.9375  # snntorch keeps it in float32, where this is exact
    current = torch.from_numpy(currents(3)).clamp(max=0.9)  # beyond 2 v it subtracts twice
    oracle = snntorch.Leaky(leak, threshold=1.0, reset_mechanism="subtract", reset_delay=False).double()
    potential, spikes = torch.zeros_like(current[0]), []
    for incoming in current:
        spike, potential = oracle(incoming, potential)
        spikes.append(spike)
    ours = scan(current, leak=leak)
    assert ours.mean() > 0.01
    assert (torch.stack(spikes) != ours).sum() == 0


@pytest.mark.parametrize(
    ("constant", "value"),
    [
        ("leak", 1.5),
        ("leak", -0.1),
        ("leak", float("nan")),
        ("threshold", 0.0),
        ("threshold", -1.0),
        ("threshold", float("inf")),
        ("threshold", float("nan")),
        ("reset", "hard"),
        ("refractory", -1),
        ("refractory", 1.5),
        ("gamma", 0.0),
        ("gamma", float("nan")),
        ("initial", 1.0),
        ("initial", float("nan")),
        ("initial", float("-inf")),
    ],
)
def test_constants_out_of_range_are_refused_by_name(constant, value):
    with pytest.raises(ValueError, match=rf"{constant} is .*; got|{constant} is .* got"):
        Neuron(**{constant: value})
    with pytest.raises(ValueError, match=constant):
        scan(torch.zeros(2, 2), **{constant: value})
