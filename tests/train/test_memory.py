"""The closed forms of activation memory against what PyTorch really holds, to the byte."""

from __future__ import annotations

import weakref

import pytest
import torch
from torch.autograd.graph import saved_tensors_hooks
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from snnc.analysis.memory import memory
from snnc.driver import load, loads

BODIES = {
    "normalised": "Input - Conv1(3,4,3x3/1) - BN - Dropout(0.2) - MaxPool(2x2/2)"
    " - [Conv2(4,4,3x3/1) - BN] repeated 2 times - FC1(64,10)",
    "hybrid": "Input - Conv1(3,4,3x3/1) - BN-ReLU - Dropout(0.2) - MaxPool(2x2/2) - Conv2(4,4,3x3/1)-LIF"
    " - Conv3(4,4,3x3/1)-LIF - GlobalPool - FC1(4,10)",
    "mean": "Input - [Conv1(3,6,3x3/1)] repeated 3 times keep mean - Pool(2x2/2) - FC1(96,10)",
    "top": "Input - [Conv1(3,6,3x3/1)] repeated 3 times keep top - Pool(2x2/2) - FC1(96,10)",
    "random": "Input - [Conv1(3,6,3x3/1)] repeated 3 times keep random - Pool(2x2/2) - FC1(96,10)",
    "pooled first": "Input - Pool(2x2/2) - Conv1(3,6,3x3/1) - FC1(96,10)",
}


@pytest.fixture(autouse=True)
def _plain_torch(monkeypatch):
    """The compiled convolution keeps a bit of a spike; the closed forms are those of torch's own."""
    monkeypatch.setattr("snnc.nn.spike_conv.SPARSE", [])


def storages(tensors):
    return {one.untyped_storage().data_ptr() for one in tensors}


def saved_bytes(module, image):
    """Every storage that autograd keeps, once, but for weights and buffers."""
    own, seen, kept = storages([*module.parameters(), *module.buffers()]), {}, []

    def pack(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            seen[storage.data_ptr()] = storage.nbytes()
            kept.append(tensor)
        return tensor

    with saved_tensors_hooks(pack, lambda tensor: tensor):
        output = module(image)
    assert output.requires_grad
    return sum(seen.values())


class Live(TorchDispatchMode):
    """The most bytes of storage that exist at once."""

    def __init__(self, own, image):
        super().__init__()
        storage = image.untyped_storage()
        self.own, self.alive, self.most = own, {storage._cdata: storage.nbytes()}, 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        for tensor in tree_leaves(result):
            if isinstance(tensor, torch.Tensor):
                self.note(tensor.untyped_storage())
        self.most = max(self.most, sum(self.alive.values()))
        return result

    def note(self, storage):
        if storage.data_ptr() in self.own or storage._cdata in self.alive:
            return
        self.alive[storage._cdata] = storage.nbytes()
        weakref.finalize(storage, self.alive.pop, storage._cdata, None)


def image_of(net, batch):
    shape = net.model.input
    return torch.rand(batch, shape.channels, shape.height, shape.width) * 2 - 1


@pytest.mark.parametrize("name", ["vgg5", "vgg3x4", "resnet2x2", "resnet3_convnn", "vgg3"])
@pytest.mark.parametrize(("batch", "steps"), [(1, 1), (2, 3)])
def test_saved_bytes_of_the_papers_networks(name, batch, steps):
    net = load(name)
    image = image_of(net, batch)
    spiking, artificial = memory(net.snn_twin.unrolled), memory(net.ann_twin.unrolled)
    assert saved_bytes(net.snn(steps).train(), image) == spiking.saved.at(steps, batch)
    assert saved_bytes(net.ann().train(), image) == artificial.saved.at(1, batch)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("encode", ["poisson", "direct"])
def test_saved_bytes_of_every_operation(body, encode):
    net = loads(f"network Net\ninput 3x8x8\nencode {encode}\n{body}\n")
    image = image_of(net, 2)
    assert saved_bytes(net.snn(3).train(), image) == memory(net.snn_twin.unrolled).saved.at(3, 2)
    assert saved_bytes(net.ann().train(), image) == memory(net.ann_twin.unrolled).saved.at(1, 2)


@pytest.mark.parametrize("name", ["vgg5", "vgg3x4", "resnet2x2", "resnet3", "vgg9"])
def test_what_exists_at_once_in_an_inference(name, monkeypatch):
    """All tiles are one here, and a copy of an input in another layout is not counted."""
    for file in ("network", "tiles"):
        monkeypatch.setattr(f"snnc.nn.{file}.channels_last", lambda train: train)
    net = load(name)
    image, module = image_of(net, 2), net.snn(3).eval()
    own = storages([*module.parameters(), *module.buffers()])
    with torch.no_grad(), Live(own, image) as live:
        module(image)
    assert live.most == memory(net.snn_twin.unrolled).live_at(3, 2)


def test_vgg5_against_the_known_figures():
    needs = memory(load("vgg5").snn_twin.unrolled)
    assert needs.saved.at(1) == 1_081_344
    assert str(needs.saved) == "B (2,048 + 1,079,296 T)"
    assert (needs.thresholds, needs.states) == (5, 2 * 65_536 + 2 * 16_384 + 512)


def test_sharing_weights_saves_no_activations():
    shared, separate = (memory(load(name).snn_twin.unrolled) for name in ("vgg3x2_agd", "vgg5"))
    assert shared.saved == separate.saved


def test_computing_layers_again_keeps_their_inputs_and_one_segment():
    """VGG5 by hand: what each layer reads, and the potentials and spikes of the largest one."""
    net = load("vgg5")
    steps, batch = 2, 1
    module, image = net.snn(steps).train(), image_of(net, batch)
    reads, extras = 0, []
    x = (torch.rand(steps, batch, *image.shape[1:]) < image.abs()).float()
    pools = {"Conv2": "Pool1", "Conv4": "Pool2"}
    for name in ("Conv1", "Conv2", "Conv3", "Conv4", "FC1", "FC2"):
        x = x.detach().requires_grad_()
        reads += x.numel() * 4
        segment = Segment(module, name, pools.get(name, ""))
        extras.append(saved_bytes(segment, x) - x.numel() * 4)
        x = segment(x)
        x = x.flatten(2) if name == "Conv4" else x.mean(0) if name == "FC1" else x
    needs = memory(net.snn_twin.unrolled)
    assert needs.layer_inputs.at(steps, batch) == reads
    assert max(one.at(steps, batch) for one in needs.segments) == max(extras)
    assert needs.checkpointed_at(steps, batch) == reads + max(extras)
    assert needs.checkpointed_at(steps, batch) < needs.saved.at(steps, batch)


class Segment(torch.nn.Module):
    """One layer with its neurons and the pool behind it."""

    def __init__(self, whole, name, pool):
        super().__init__()
        self.layer = getattr(whole, name)
        self.neurons = getattr(whole, f"{name}_lif", None)
        self.pool = getattr(whole, pool) if pool else None

    def forward(self, x):
        if self.neurons is None:
            return self.layer(x)
        steps = x.shape[:2]
        y = self.layer(x.flatten(0, 1))
        y = self.neurons(y.view(*steps, *y.shape[1:]))
        if self.pool is None:
            return y
        y = self.pool(y.flatten(0, 1))
        return y.view(*steps, *y.shape[1:])
