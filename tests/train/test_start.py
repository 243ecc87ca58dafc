"""A run that begins with what a saved network has learnt, of its own kind or of another."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from snnc.diagnostics import CompileError
from snnc.ir.program import Target
from snnc.nn import IF, LIF
from snnc.source import Source
from snnc.train import artifact
from snnc.train.artifact import MismatchError
from snnc.train.network import Converted, Network, Options, network
from snnc.train.recipe import Recipe, read_recipe
from snnc.train.run import RunError, network_of

HEAD = "input 1x8x8\ntimesteps 4\nencode direct\n"
ONCE = f"{HEAD}Input - Conv1(1,4,3x3/1) - Conv2(4,4,3x3/1) - FC1(256,8) - FC2(8,3)\n"
TWICE = f"{HEAD}Input - Conv1(1,4,3x3/1) - [Conv2(4,4,3x3/1)] repeated 2 times - FC1(256,8) - FC2(8,3)\n"
WIDER = f"{HEAD}Input - Conv1(1,6,3x3/1) - Conv2(6,4,3x3/1) - FC1(256,8) - FC2(8,3)\n"
OTHER = f"{HEAD}Input - FC7(64,8) - FC8(8,3)\n"


class Bench:
    """Saves a network as if it had learnt, and tells what a recipe makes of it."""

    def __init__(self, place: Path, listener) -> None:
        self.place, self.heard = place, listener()
        self.file = place / "learnt.safetensors"

    def learnt(self, text: str = ONCE, target: Target = Target.SNN, **options: object) -> torch.nn.Module:
        net = network(Source("n.spec", text), None, Options(target, **options))  # type: ignore[arg-type]
        module = net.module(seed=7)
        with torch.no_grad():
            for name, buffer in module.named_buffers():
                if name.endswith("threshold"):
                    buffer.fill_(0.75)
        artifact.save(self.file, net, module)
        return module.eval()

    def begun(self, text: str = ONCE, method: str = "agd") -> Network:
        (self.place / "n.spec").write_text(text)
        recipe = Recipe(spec=str(self.place / "n.spec"), method=method, epochs=1)  # type: ignore[arg-type]
        start = recipe.start.model_copy(update={"network": str(self.file)})
        return network_of(recipe.model_copy(update={"start": start}), self.heard)


@pytest.fixture
def bench(tmp_path: Path, runs) -> Bench:
    return Bench(tmp_path, runs.warned)


def state(module: torch.nn.Module) -> dict[str, Tensor]:
    return dict(module.state_dict())


def test_all_that_was_learnt_comes_along(bench: Bench) -> None:
    learnt, begun = state(bench.learnt()), state(bench.begun().module(seed=1))
    assert learnt.keys() == begun.keys()
    assert all(torch.equal(learnt[name], begun[name]) for name in learnt)
    assert bench.heard.words == [f"begins with Conv1, Conv2, FC1, FC2 of {bench.file}"]
    assert bench.heard.messages == []


def test_a_run_begins_where_the_other_ended(bench: Bench) -> None:
    """And steps on from there, without a trace of it in the file that it began with."""
    learnt, before = bench.learnt(), bench.file.read_bytes()
    image = torch.rand(3, 1, 8, 8)
    target = bench.begun()
    module = target.module(seed=1)
    assert torch.equal(module.eval()(image), learnt(image))
    with torch.no_grad():
        for weight in module.parameters():
            weight.zero_()
    assert torch.equal(target.module(seed=2).eval()(image), learnt(image))
    assert bench.file.read_bytes() == before


@pytest.mark.parametrize(
    ("giver", "method", "level"), [(Target.ANN, "agd", 1.0), (Target.SNN, "ann", None)], ids=str
)
def test_the_twins_begin_with_each_other(
    bench: Bench, giver: Target, method: str, level: float | None
) -> None:
    learnt, begun = bench.learnt(target=giver), bench.begun(method=method).module()
    weights = dict(learnt.named_parameters())
    assert weights.keys() == dict(begun.named_parameters()).keys()
    assert all(torch.equal(weight, weights[name]) for name, weight in begun.named_parameters())
    levels = {float(part.threshold) for part in begun.modules() if isinstance(part, LIF)}
    assert levels == ({level} if level else set())
    assert bench.heard.messages == []


def test_layers_that_one_of_them_lacks_are_told(bench: Bench) -> None:
    bench.learnt()
    begun = bench.begun(ONCE.replace("FC1(", "FC3("))
    assert bench.heard.words == [f"begins with Conv1, Conv2, FC2 of {bench.file}"]
    assert bench.heard.messages == [
        f"drawn afresh, since {bench.file} has none: FC3",
        f"not used of {bench.file}: FC1",
    ]
    fresh = network(Source("n.spec", ONCE), None, Options(Target.SNN)).module(seed=5)
    assert torch.equal(begun.module(seed=5).FC3.weight, fresh.FC1.weight)


def test_a_block_begins_with_the_layer_that_it_repeats(bench: Bench) -> None:
    learnt, begun = bench.learnt(), bench.begun(TWICE).module()
    assert torch.equal(begun.Conv2.weight, learnt.Conv2.weight)
    assert bench.heard.messages == []


def test_what_does_not_fit_is_refused_with_its_shapes(bench: Bench) -> None:
    bench.learnt()
    with pytest.raises(MismatchError, match=r"Conv1.weight is float32 \[4, 1, 3, 3\], the spec says"):
        bench.begun(WIDER)
    with pytest.raises(MismatchError, match=r"has no layer of n; it has Conv1, Conv2, FC1, FC2"):
        bench.begun(OTHER)


def test_a_converted_network_keeps_its_neurons(bench: Bench) -> None:
    """Those of a threshold for each channel, without leak, from half a threshold."""
    learnt = bench.learnt(ONCE, converted=Converted(initial=0.5, per_channel=True), timesteps=4)
    begun = bench.begun().module().eval()
    neurons = [part for part in begun.modules() if isinstance(part, IF)]
    assert [part.threshold.shape for part in neurons] == [(4,), (4,), (8,)]
    assert {part.initial for part in neurons} == {0.5}
    image = torch.rand(3, 1, 8, 8)
    assert torch.equal(begun(image), learnt(image))
    scores = begun.train()(image)
    scores.square().sum().backward()
    assert all(bool(weight.grad.any()) for weight in begun.parameters())
    assert bench.begun(method="ann").module().Conv1.weight.equal(learnt.Conv1.weight)


def test_a_run_goes_on_from_its_own_weights(runs) -> None:
    """Broken off, it does not begin again; with another network under the old name it is another run."""
    first = runs.place / "first.safetensors"
    first.write_bytes((runs.place / "whole" / "network.safetensors").read_bytes())
    recipe = runs.recipe(start__network=f'"{first}"', seed="2")
    runs.train("from_whole", recipe)
    assert runs.result("from_whole") != runs.result("whole")
    name = "from_broken"
    runs.in_child(lambda: runs.train(name, recipe, listener=runs.killed(9)))
    listener = runs.warned()
    runs.train(name, recipe, resume=True, listener=listener)
    assert runs.result(name) == runs.result("from_whole")
    assert not any("begins with" in word for word in listener.words)
    first.write_bytes((runs.place / "from_whole" / "network.safetensors").read_bytes())
    with pytest.raises(RunError, match="another start"):
        runs.train(name, recipe, resume=True)


def test_stdp_begins_with_weights_of_its_own() -> None:
    text = 'spec = "digits"\nmethod = "stdp"\nepochs = 1\n[start]\nnetwork = "a.safetensors"\n'
    with pytest.raises(CompileError) as refused:
        read_recipe(Source("r.toml", text))
    assert "begins within stdp.start" in str(refused.value)
