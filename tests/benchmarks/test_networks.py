"""The networks are those of specs/, and what stands beside snnc computes the same."""

import pytest
import torch

import snnc
from benchmarks.contestants import loop
from benchmarks.contestants.base import Setting
from benchmarks.contestants.printed import spec
from benchmarks.contestants.roster import CONTESTANTS, Entry
from benchmarks.networks import NETWORKS, deeper, presented, weights
from benchmarks.verify import disagreement


@pytest.mark.parametrize("network", [*NETWORKS.values(), deeper(2)], ids=lambda network: network.name)
def test_a_network_has_the_weights_of_its_spec(network):
    ours = {f"{name}.weight": weight.shape for name, weight in weights(network).items()}
    printed = snnc.loads(spec(network)).snn(timesteps=1).named_parameters()
    assert ours == {name: weight.shape for name, weight in printed}


def test_the_printed_network_computes_what_the_loop_does():
    assert disagreement(CONTESTANTS["snnc"], NETWORKS["vgg5"]) == ""


class Other(loop.Loop):
    """A network whose spikes come a little too late."""

    def forward(self, x):
        return super().forward(x.roll(1, 0))


def test_another_network_is_found_out(monkeypatch):
    monkeypatch.setattr(loop, "build_other", lambda setting: Other(setting, loop.Neurons), raising=False)
    assert "its scores differ by" in disagreement(Entry("loop", "build_other"), NETWORKS["vgg5"])


def test_a_silent_network_proves_nothing(monkeypatch):
    quiet = {name: weight * 0.01 for name, weight in weights(NETWORKS["vgg5"]).items()}
    monkeypatch.setattr("benchmarks.verify.weights", lambda _: quiet)
    assert disagreement(CONTESTANTS["snnc"], NETWORKS["vgg5"]).startswith("the network is silent")


def test_what_is_presented_is_spikes_of_the_strength_of_an_image():
    spikes = presented(NETWORKS["vgg5"], 200, 2)
    assert set(spikes.unique().tolist()) == {-1.0, 0.0, 1.0}
    generator = torch.Generator().manual_seed(1)
    image = torch.rand(2, 3, 32, 32, generator=generator) * 2 - 1
    assert (spikes.mean(0) - image).abs().mean() < 0.05
    assert presented(NETWORKS["vgg9"], 200, 2).shape == (2, 3, 32, 32)


@pytest.mark.parametrize("name", ["floor", "floor, untiled"])
@pytest.mark.parametrize("network", ["vgg5", "vgg9"])
def test_the_floor_has_all_weighted_sums_and_their_gradients(name, network):
    network = NETWORKS[network]
    setting = Setting(network, weights(network), 2, 2)
    floor, x = CONTESTANTS[name].build()(setting), presented(network, 2, 2)
    floor.infer(x)
    floor.learn(x, torch.tensor([1, 2]))
    assert all(weight.grad is not None and weight.grad.norm() > 0 for weight in floor.parameters())


def test_the_tile_of_the_floor_changes_no_gradient():
    network = NETWORKS["vgg9"]
    setting = Setting(network, weights(network), 3, 2)
    x, gradients = presented(network, 3, 2), []
    for tiles in ((6,), (2,)):
        floor = CONTESTANTS["floor, untiled"].build()(setting)
        floor.tiles = tiles
        floor.chain = lambda part, floor=floor: _whole(floor, part)
        floor.learn(x, torch.tensor([1, 2]))
        gradients.append(floor.static[0].weight.grad)
    torch.testing.assert_close(*gradients, rtol=1e-3, atol=1e-3 * gradients[0].abs().max().item())


def _whole(floor, part):
    for layer in floor.spiking:
        part = layer(part)
    return floor.classifier(part).flatten()
