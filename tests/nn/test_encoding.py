import pytest
import torch

from snnc.nn import hold, poisson

RATES = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("sign", [1, -1])
def test_the_rate_is_the_magnitude_within_four_sigma(rate, sign):
    spikes = poisson(torch.full((1000,), sign * rate), 1000, seeded())
    sigma = (rate * (1 - rate) / spikes.numel()) ** 0.5
    assert set(spikes.unique().tolist()) <= {0.0, float(sign)}
    assert abs(spikes.mean().item() * sign - rate) <= 4 * sigma  # and exact at 0 and at 1


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_the_dtype_is_the_image_s_and_does_not_coarsen_the_rate(dtype):
    rate = 2.0**-9
    spikes = poisson(torch.full((1000,), rate, dtype=dtype), 1000, seeded())
    assert spikes.dtype == dtype
    assert abs(spikes.double().mean().item() - rate) <= 4 * (rate / 1e6) ** 0.5
    assert (poisson(torch.ones(1000, dtype=dtype), 100, seeded()) == 1).all()


def test_a_rate_of_zero_does_not_fire_even_at_the_lowest_draw(monkeypatch):
    monkeypatch.setattr(torch, "rand", lambda shape, **_: torch.zeros(shape))
    assert poisson(torch.tensor([0.0, 2**-24, -1.0]), 2).tolist() == [[0, 1, -1]] * 2


def test_every_pixel_and_step_has_its_own_draw():
    spikes = poisson(torch.full((400, 50), 0.5), 50, seeded()) - 0.5
    for shifted in (
        spikes[1:] * spikes[:-1],
        spikes[:, 1:] * spikes[:, :-1],
        spikes[..., 1:] * spikes[..., :-1],
    ):
        assert abs(shifted.mean()) <= 4 * 0.25 / shifted.numel() ** 0.5


def test_a_generator_makes_it_repeatable():
    image = torch.rand(2, 3, 8, 8) * 2 - 1
    assert torch.equal(poisson(image, 9, seeded(3)), poisson(image, 9, seeded(3)))
    assert not torch.equal(poisson(image, 9, seeded(3)), poisson(image, 9, seeded(4)))
    assert poisson(image, 9).shape == (9, 2, 3, 8, 8)


def test_a_spike_train_carries_no_gradient():
    assert not poisson(torch.rand(4, requires_grad=True), 3).requires_grad


@pytest.mark.parametrize("value", [1.0001, -1.5, 255.0, float("nan"), float("inf")])
def test_values_that_are_no_rate_are_refused_with_their_range(value):
    image = torch.tensor([0.25, value])
    with pytest.raises(ValueError, match=r"lies in \[-1, 1\]; got values from"):
        poisson(image, 3)


def test_an_image_of_integers_is_refused():
    with pytest.raises(ValueError, match="floating"):
        poisson(torch.ones(3, dtype=torch.uint8), 3)


def test_an_image_without_memory_has_a_shape():
    assert poisson(torch.zeros(2, 3, device="meta"), 4).shape == (4, 2, 3)


def test_a_network_with_poisson_input_can_be_exported():
    class Coded(torch.nn.Module):
        def forward(self, image):
            return poisson(image, 4)

    program = torch.export.export(Coded(), (torch.zeros(2, 3),)).module()
    assert program(torch.ones(2, 3)).tolist() == torch.ones(4, 2, 3).tolist()
    assert not program(torch.zeros(2, 3)).any()


def test_an_empty_batch_is_an_empty_train():
    assert poisson(torch.zeros(0, 3), 4).shape == (4, 0, 3)


@pytest.mark.parametrize("timesteps", [0, -1, 2.5])
def test_no_time_is_refused(timesteps):
    for encode in (poisson, hold):
        with pytest.raises(ValueError, match="timesteps"):
            encode(torch.zeros(2), timesteps)


def test_a_held_value_is_a_view_and_its_gradient_a_sum():
    x = torch.randn(2, 3, requires_grad=True)
    held = hold(x, 5)
    assert held.shape == (5, 2, 3)
    assert held.data_ptr() == x.data_ptr()
    assert all(torch.equal(step, x) for step in held)
    weight = torch.randn(5, 2, 3)
    (held * weight).sum().backward()
    torch.testing.assert_close(x.grad, weight.sum(0))
