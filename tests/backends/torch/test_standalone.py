"""A standalone module needs torch and nothing else, and computes the same."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from snnc.backends.torch.names import RUNTIME
from snnc.backends.torch.runtime import _file, excerpt
from snnc.driver import Net, loads
from snnc.ir.program import Target

TEXT = """
network Alone
input 3x8x8
neuron ReLU|LIF(refractory=1)
encode {}
timesteps 6
Input - Conv1(3,8,3x3/1) - BN - [Conv2(8,16,3x3/1) - Dropout(0.2)] repeated 3 times keep {}
 - Pool(2x2/2) - Conv3(16,8,3x3/1), ReLU|IF - FC1(128,9) - FC2(9,4)
Skip Input-to-Conv2 tile
classify stochmax
"""
RUN = """
import sys, torch
import {module} as printed
assert not any(name.startswith("snnc") for name in sys.modules)
torch.manual_seed(0)
net = printed.Alone().double().eval()
net.load_state_dict(torch.load("weights.pt", weights_only=True))
image = torch.load("image.pt", weights_only=True)
torch.manual_seed(1)
scores = net(image)
net.train()(image, torch.tensor([0, 3])).backward()
gradients = [weight.grad for weight in net.parameters()]
assert all(gradient is not None for gradient in gradients)
torch.save((scores.detach(), gradients), "result.pt")
"""


@pytest.mark.parametrize("coding", ["poisson", "direct"])
@pytest.mark.parametrize("target", Target)
def test_it_computes_the_same_by_itself(target: Target, coding: str, tmp_path: Path) -> None:
    net = loads(TEXT.format(coding, "top"))
    (tmp_path / "alone.py").write_text(net.source(target, standalone=True))
    live, image = prepared(net, target), image_of_zeros_and_more()
    torch.save(live.state_dict(), tmp_path / "weights.pt")
    torch.save(image, tmp_path / "image.pt")
    start = f"import sys; sys.path.insert(0, {str(tmp_path)!r})"
    code = start + RUN.format(module="alone")
    command = [sys.executable, "-I", "-W", "error", "-c", code]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=60)
    scores, gradients = torch.load(tmp_path / "result.pt", weights_only=True)
    torch.manual_seed(1)
    assert torch.equal(live(image), scores)
    assert scores.std() > 0
    live.train()(image, torch.tensor([0, 3])).backward()
    for weight, gradient in zip(live.parameters(), gradients, strict=True):
        torch.testing.assert_close(gradient, weight.grad, rtol=1e-9, atol=1e-15)


def prepared(net: Net, target: Target) -> torch.nn.Module:
    torch.manual_seed(2)
    return (net.ann() if target is Target.ANN else net.snn()).double().eval()


def image_of_zeros_and_more() -> torch.Tensor:
    return torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(4), dtype=torch.float64) * 2 - 1


@pytest.mark.parametrize("target", Target)
def test_nothing_of_snnc_is_imported_or_mentioned_as_a_place(target: Target) -> None:
    source = loads(TEXT.format("poisson", "random")).source(target, standalone=True)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            assert not node.module.startswith("snnc")
        elif isinstance(node, ast.Import):
            assert not any(alias.name.startswith("snnc") for alias in node.names)
    assert "snnc." not in source.replace("written by snnc 0.", "")
    assert "noqa" not in source


@pytest.mark.parametrize("name", sorted(RUNTIME))
def test_each_part_of_the_runtime_stands_by_itself(name: str) -> None:
    part = excerpt(frozenset({name}))
    defined = frozenset().union(*(one.names for one in part.definitions))
    assert name in defined
    used = frozenset().union(*(one.uses for one in part.definitions))
    assert {one.bound for one in part.imports} <= used


def test_only_what_is_needed_is_copied() -> None:
    names = {name for one in excerpt(frozenset({"hold"})).definitions for name in one.names}
    assert names == {"hold", "_refuse_steps"}


def test_a_name_that_the_runtime_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="does not define sandwich"):
        excerpt(frozenset({"sandwich"}))


def test_an_ann_brings_no_neurons_along() -> None:
    text = "network Plain\ninput 3x8x8\nInput - Conv1(3,8,3x3/1) - FC1(512,4)\n"
    source = loads(text).source(Target.ANN, standalone=True)
    functions = [node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    assert functions == ["kaiming", "_layers"]


def test_a_definition_takes_along_the_comment_above_it_but_no_remark_to_a_linter() -> None:
    source = (
        '"""Words."""\n\nimport math\n\n# Two lines\n# about it.\n@math.final\nclass A(B):  # noqa: N801\n'
        '    """See :class:`snnc.nn.neuron.Neuron`."""\n\n\nx, y = 1, 2\n\nprint(x)\n'
    )
    first, second, third = _file(source).definitions
    assert first.text == (
        '# Two lines\n# about it.\n@math.final\nclass A(B):\n    """See :class:`Neuron`."""'
    )
    assert (first.names, first.uses) == ({"A"}, {"math", "B"})
    assert second.names == {"x", "y"}
    assert third.names == frozenset()
