"""The schedule: tiles of any size, blocks of time, recomputing and single steps compute the network."""

import pytest
import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks

from snnc.driver import load, loads
from snnc.nn import IF, LIF, DropoutOverTime, Narrow, SpikingNetwork, hold, over_time
from snnc.nn import network as schedule
from snnc.nn.gate import GatedMaxPool
from snnc.nn.tiles import Tile, bytes_of

SPECS = {
    "chain": "Input - Conv1(3,8,3x3/1) - Pool(2x2/2) - Conv2(8,8,3x3/1) - FC1(128,12) - FC2(12,5)",
    "backres": "Input - [Conv1(3,6,3x3/1)] repeated 3 times keep top - Pool(2x2/2) - FC1(96,10) - FC2(10,5)",
    "skips": "Input - Conv1(3,6,3x3/1) - Conv2(6,6,3x3/1) repeated 2 times - FC1(768,9) - FC2(9,5)\n"
    "Skip Input-to-Conv2 tile, Conv1-to-FC1 concat",
    "hybrid": "Input - Conv1(3,4,3x3/1)-ReLU - Conv2(4,8,3x3/1)-LIF - Conv3(8,8,3x3/1)-LIF - FC1(512,5)",
    "direct": "encode direct\nInput - Conv1(3,8,3x3/1) - Conv2(8,8,3x3/1) - FC1(512,5)",
}
STEPS, IMAGES = 12, 5


def built(name: str, dtype: torch.dtype = torch.float64) -> SpikingNetwork:
    """A network whose neurons fire, on whichever kernel runs here."""
    torch.manual_seed(0)
    body = SPECS[name]
    head = "" if body.startswith("encode") else ("encode direct\n" if name == "hybrid" else "")
    net = loads(f"network Net\ninput 3x8x8\n{head}{body}\n").snn(STEPS)
    assert isinstance(net, SpikingNetwork)
    return net.to(dtype).eval()


def images(dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.rand(IMAGES, 3, 8, 8, generator=torch.Generator().manual_seed(1)).to(dtype) * 2 - 1


def presented(net: SpikingNetwork) -> tuple[Tensor, list[Tensor]]:
    """Scores and gradients, from the same spikes of the encoder every time."""
    torch.manual_seed(2)
    net.zero_grad()
    scores = net(images(next(net.parameters()).dtype))
    scores.square().sum().backward()
    return scores.detach(), [weight.grad.clone() for weight in net.parameters() if weight.grad is not None]


def with_tile(monkeypatch: pytest.MonkeyPatch, steps: int, count: int) -> None:
    monkeypatch.setattr(Tile, "fitting", classmethod(lambda cls, *_: cls(steps, count)))


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("tile", [(12, 2), (12, 1), (5, 1), (1, 1), (7, 3)])
def test_tiles_of_any_size_compute_the_network(name, tile, monkeypatch):
    net = built(name)
    with_tile(monkeypatch, STEPS, IMAGES)
    scores, gradients = presented(net)
    with_tile(monkeypatch, *tile)
    tiled, others = presented(net)
    assert scores.std() > 1e-3
    assert (tiled - scores).abs().max() <= 1e-12
    assert sum(float(one.norm()) for one in gradients) > 1e-3
    for one, other in zip(gradients, others, strict=True):
        assert (one - other).abs().max() <= 1e-12


def fired(net: SpikingNetwork, run) -> dict[str, Tensor]:
    """The spikes of each neuron module in order, whatever the calls in which they came."""
    found: dict[str, list[Tensor]] = {}
    hooks = []
    for name, part in net.named_modules():
        if isinstance(part, LIF | IF):

            def note(_part, _given, spikes, name=name):
                found.setdefault(name, []).append(spikes)

            note.takes_tiles = True
            hooks.append(part.register_forward_hook(note))
    run()
    for hook in hooks:
        hook.remove()
    return {name: torch.cat(trains) for name, trains in found.items()}


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize("name", SPECS)
def test_step_by_step_the_spikes_are_those_of_the_whole(name, dtype):
    net, image = built(name, dtype), images(dtype)
    torch.manual_seed(3)
    whole = fired(net, lambda: net(image))
    torch.manual_seed(3)
    scores: list[Tensor] = []
    streamed = fired(net, lambda: scores.extend(net.step(image) for _ in range(STEPS)))
    torch.manual_seed(3)
    assert any(train.any() for train in whole.values())
    for part, train in whole.items():
        assert torch.equal(streamed[part], train)
    torch.testing.assert_close(scores[-1], net(image).detach(), atol=1e-3, rtol=1e-2)
    assert len({tuple(one.flatten().tolist()) for one in scores}) > 1
    assert net.timesteps == STEPS


def test_a_restart_begins_anew_and_forward_knows_nothing_of_a_stream():
    net, image = built("direct"), images()
    first = [net.step(image) for _ in range(3)]
    alone = net(image)
    net.step(image)
    assert torch.equal(net(image), alone)
    net.restart()
    assert all(torch.equal(net.step(image), one) for one in first)


def test_a_network_that_waits_for_a_mean_cannot_be_fed_step_by_step():
    body = "Conv1(3,4,3x3/1)-LIF - Conv2(4,4,3x3/1)-ReLU - Conv3(4,4,3x3/1)-LIF - FC1(256,5)"
    net = loads(f"network Net\ninput 3x8x8\nencode direct\nInput - {body}\n").snn(4).eval()
    assert net(torch.rand(1, 3, 8, 8)).shape == (1, 5)
    with pytest.raises(RuntimeError, match="cannot be fed step by step: neurons read a mean"):
        net.step(torch.rand(1, 3, 8, 8))
    assert net.timesteps == 4


def kept(net: SpikingNetwork, run) -> int:
    """The most bytes that autograd has kept at the end of a forward pass, weights and images apart."""
    own = {one.untyped_storage().data_ptr() for one in (*net.parameters(), *net.buffers())}
    found: dict[int, int] = {}

    def note(tensor):
        memory = tensor.untyped_storage()
        if memory.data_ptr() not in own:
            found[memory.data_ptr()] = memory.nbytes()
        return tensor

    with saved_tensors_hooks(note, lambda tensor: tensor):
        result = run()
    assert result.requires_grad
    return sum(found.values())


@pytest.mark.parametrize("memory", ["1KiB", "100KB", "400KB", "1GiB"])
@pytest.mark.parametrize("name", SPECS)
def test_a_bound_on_memory_changes_no_result(name, memory):
    net = built(name)
    scores, gradients = presented(net)
    net.memory = memory
    bounded, others = presented(net)
    assert (bounded - scores).abs().max() <= 1e-12
    for one, other in zip(gradients, others, strict=True):
        assert (one - other).abs().max() <= 1e-12


def test_a_bound_on_memory_is_kept():
    net, image = built("chain"), images()
    free = kept(net, lambda: net(image))
    for bound in (2 * free // 3, free // 2):
        net.memory = bound
        assert kept(net, lambda: net(image)) <= bound
    net.memory = 4 * free
    assert kept(net, lambda: net(image)) == free


def test_measuring_what_is_kept_draws_no_chance():
    net = loads(
        "network Net\ninput 3x8x8\nencode direct\nInput - Conv1(3,8,3x3/1) - Dropout(0.5) - FC1(512,5)\n"
    ).snn(6)
    image = torch.rand(4, 3, 8, 8)
    torch.manual_seed(0)
    plain = net.train()(image)
    net.memory = "1GiB"
    torch.manual_seed(0)
    assert torch.equal(net(image), plain)


@pytest.mark.parametrize("wrong", ["2 gigabytes", "", "-1GiB", 0, "1.2.3MB"])
def test_a_memory_that_is_none_is_refused(wrong):
    with pytest.raises(ValueError, match='a number of bytes or text such as "2GiB"'):
        load("vgg5").snn(1, memory=wrong)


def test_sizes_are_read():
    assert (bytes_of(7), bytes_of("2GiB"), bytes_of("1.5 MB"), bytes_of("3B")) == (7, 2 << 30, 1_500_000, 3)


@pytest.mark.parametrize(
    ("steps", "count", "maps"), [(25, 16, 96), (100, 16, 96), (400, 4, 96), (1, 64, 10), (7, 3, 0.5)]
)
def test_tiles_are_about_the_size_that_fits(steps, count, maps):
    tile = Tile.fitting(steps, count, maps)
    assert 1 <= tile.steps <= steps
    assert 1 <= tile.images <= count
    assert tile.steps * tile.images <= max(1, maps)
    assert tile.images == 1 or tile.steps == steps
    assert tile.count(steps, count) * tile.steps * tile.images >= steps * count


class Watched(SpikingNetwork):
    """Notes the shapes that its part is given."""

    widest = 8 * 64

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__(6)
        self.layers = nn.Sequential(*layers)
        self.seen: list[tuple[int, ...]] = []

    def forward(self, image: Tensor) -> Tensor:
        return self.in_tiles(self.spiking, hold(image, self.timesteps)).mean(0)

    def spiking(self, x: Tensor) -> Tensor:
        self.seen.append(tuple(x.shape[:2]))
        return self.layers(x)


@pytest.mark.parametrize(
    "layers",
    [(LIF(),), (DropoutOverTime(0.5), LIF()), (LIF(), Narrow(8, 4, "top", spiking=True))],
    ids=["neurons", "dropout", "narrow"],
)
def test_tiles_are_used(layers, monkeypatch):
    with_tile(monkeypatch, 4, 1)
    net = Watched(*layers)
    net(torch.rand(2, 8, 4, 4))
    assert net.seen == [(4, 1), (2, 1)] * 2


def test_what_must_see_everything_does(monkeypatch):
    with_tile(monkeypatch, 4, 1)

    class Norm(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm = nn.BatchNorm2d(8)

        def forward(self, x):
            return over_time(self.norm, x)

    class Pool(nn.Module):
        def __init__(self):
            super().__init__()
            self.pool = GatedMaxPool(2, 2, 6)

        def forward(self, x):
            return over_time(self.pool, x)

    hooked = LIF()
    hooked.register_forward_hook(lambda *_: None)
    for layer in (Norm(), Pool(), hooked):
        net = Watched(layer)
        net(torch.rand(2, 8, 4, 4))
        assert net.seen == [(6, 2)], layer
    net = Watched(Norm()).eval()
    net(torch.rand(2, 8, 4, 4))
    assert len(net.seen) == 4
    with pytest.raises(RuntimeError, match="counts over a whole presentation"):
        Watched(Pool()).step(torch.rand(2, 8, 4, 4))


def test_a_compiler_sees_one_tile(monkeypatch):
    monkeypatch.setattr(schedule, "_is_plain", lambda _: False)
    with_tile(monkeypatch, 1, 1)
    net = Watched(LIF())
    net(torch.rand(2, 8, 4, 4))
    assert net.seen == [(6, 2)]
