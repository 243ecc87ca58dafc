import pytest
import torch

from snnc.nn import Narrow, tile_channels


def maps(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("spiking", [False, True])
@pytest.mark.parametrize("keep", ["mean", "top", "random"])
@pytest.mark.parametrize("rest", [(5, 5), ()])
def test_the_channels_become_fewer_and_nothing_else_changes(keep, spiking, rest):
    shape = (4, 2, 8, *rest) if spiking else (2, 8, *rest)
    y = Narrow(8, 4, keep, spiking=spiking)(maps(*shape))
    assert y.shape == tuple(4 if size == 8 else size for size in shape)


def test_mean_averages_adjacent_groups():
    x = maps(2, 6, 3, 3)
    y = Narrow(6, 2, "mean")(x)
    expected = torch.stack((x[:, :3].mean(1), x[:, 3:].mean(1)), 1)
    torch.testing.assert_close(y, expected)
    train = maps(4, 2, 6, 3, 3)
    each = torch.stack([Narrow(6, 2, "mean")(step) for step in train])
    torch.testing.assert_close(Narrow(6, 2, "mean", spiking=True)(train), each)


def test_top_keeps_the_strongest_maps_of_each_sample_in_their_order():
    x = torch.zeros(2, 4, 2, 2)
    x[0, 3], x[0, 1], x[0, 0, 0, 0] = 1.0, 0.5, 1.5  # means 1, 0.5, 0.375
    x[1, 0], x[1, 2] = 0.1, 0.2
    y = Narrow(4, 2, "top")(x)
    assert torch.equal(y[0], x[0, [1, 3]])
    assert torch.equal(y[1], x[1, [0, 2]])


def test_top_of_a_train_counts_up_to_and_including_the_step():
    counts = [[1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1], [0, 0, 1]]
    train = torch.tensor(counts, dtype=torch.float32).view(6, 1, 3, 1, 1)
    y = Narrow(3, 1, "top", spiking=True)(train).flatten()
    # 0 leads, then ties with 1 and wins as the lower, then 1 leads until 2 has passed it
    assert y.tolist() == [1, 0, 1, 0, 0, 1]


def test_top_of_a_train_does_not_look_ahead():
    train = (maps(9, 3, 8, 4, 4) < 0.3).double()
    narrow = Narrow(8, 3, "top", spiking=True)
    whole = narrow(train)
    assert whole.any()
    for t in range(1, 9):
        assert torch.equal(narrow(train[:t]), whole[:t])


def test_top_counts_beyond_what_half_precision_holds():
    train = torch.zeros(5000, 1, 2, 1, 1, dtype=torch.bfloat16)
    train[:4000, 0, 0], train[:, 0, 1] = 1, 1
    y = Narrow(2, 1, "top", spiking=True)(train)
    assert torch.equal(y[4000:, :, 0], train[4000:, :, 1])


def test_a_choice_of_channels_is_the_same_in_any_batch():
    x = (maps(4, 6, 8, 4, 4) < 0.3).double()
    narrow = Narrow(8, 3, "top", spiking=True)
    order = torch.tensor([3, 5, 0, 1, 4, 2])
    assert torch.equal(narrow(x)[:, order], narrow(x[:, order]))


@pytest.mark.parametrize("keep", ["mean", "top", "random"])
def test_the_gradient_goes_to_what_was_kept(keep):
    x = maps(2, 4, 3, 3).requires_grad_()
    y = Narrow(4, 2, keep)(x)
    weight = maps(*y.shape, seed=1)
    (y * weight).sum().backward()
    assert x.grad.sum() == pytest.approx(weight.sum().item())


def test_random_is_drawn_once_and_saved():
    torch.manual_seed(0)
    first, second = Narrow(64, 32, "random"), Narrow(64, 32, "random")
    x = maps(2, 64, 2, 2)
    assert torch.equal(first(x), first(x))
    assert not torch.equal(first(x), second(x))
    assert torch.equal(first(x), x[:, first.kept])
    assert first.kept.unique().numel() == 32
    second.load_state_dict(first.state_dict())
    assert torch.equal(first(x), second(x))
    assert set(first.state_dict()) == {"kept"}
    assert not Narrow(4, 2, "mean").state_dict()


@pytest.mark.parametrize("arguments", [(4, 5, "top"), (4, 0, "top"), (6, 4, "mean"), (4, 2, "sum")])
def test_a_narrowing_that_cannot_be_is_refused(arguments):
    with pytest.raises(ValueError, match=r"channels; got|divide|keep is"):
        Narrow(*arguments)


def test_an_input_of_other_channels_is_refused():
    for x, spiking in ((maps(2, 5, 3, 3), False), (maps(2, 4, 5, 3, 3), True), (maps(2), False)):
        with pytest.raises(ValueError, match="takes 4 channels"):
            Narrow(4, 2, "top", spiking=spiking)(x)


def test_tiling_repeats_the_channels_in_order():
    x = maps(2, 5, 3, 4, 4)
    y = tile_channels(x, 36)
    assert y.shape == (2, 5, 36, 4, 4)
    assert all(torch.equal(y[:, :, i], x[:, :, i % 3]) for i in range(36))
    assert torch.equal(tile_channels(x, 3), x)
    assert torch.equal(tile_channels(x[0], 36), y[0])


def test_a_ragged_tiling_cuts_the_last_repetition():
    x = maps(2, 3, 4, 4)
    assert torch.equal(tile_channels(x, 7), x[:, [0, 1, 2, 0, 1, 2, 0]])


@pytest.mark.parametrize("x", [maps(2, 5, 4, 4), maps(2, 3)])
def test_what_cannot_be_tiled_is_refused(x):
    with pytest.raises(ValueError, match="tile to 4"):
        tile_channels(x, 4)
