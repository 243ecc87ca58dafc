"""Stochmax against the formulas written out naively in numpy, and against finite differences."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from snnc.nn import Stochmax

EPSILON = 1e-20


def setting(mode, dtype=torch.float64, scale=1.0):
    torch.manual_seed(0)
    module = Stochmax(7, 5, mode).to(dtype)
    scores, features = torch.randn(6, 5, dtype=dtype) * scale, torch.randn(6, 7, dtype=dtype) * scale
    return module, scores, features, torch.tensor([0, 1, 2, 3, 4, 2])


def seeded():
    return torch.Generator().manual_seed(11)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def objective(mode, o, a, b, target, stopped=None):
    """The objective as it is printed: probabilities, not logits; ``stopped`` is a without gradient."""
    y = np.eye(o.shape[1], dtype=bool)[target]
    u = torch.rand(o.shape, generator=seeded(), dtype=torch.float64).numpy()
    p, q = sigmoid(a), sigmoid((a if stopped is None else stopped) + b)
    z = sigmoid((np.log(q / (1 - q)) + np.log(u / (1 - u))) / 0.1)
    z[y] = 1 - EPSILON
    weight = (z + EPSILON) * np.exp(o)
    loss = -np.log(weight[y] / weight.sum(1))
    if mode == "simple":
        return (loss - np.log(p[y])).mean()
    r = sigmoid(b)
    divergence = np.where(y, -np.log(p), q * np.log(q / p) + (1 - q) * np.log((1 - q) / (1 - p)))
    surprise = np.where(y, -np.log(r), -np.log(1 - r))
    entropy = p * np.log(p) + (1 - p) * np.log(1 - p)
    return (loss + (divergence + surprise + entropy).sum(1)).mean()


class Given(torch.nn.Module):
    """A head whose logits are given, whatever the features."""

    def __init__(self, logits):
        super().__init__()
        self.logits = logits

    def forward(self, features):
        return self.logits


def logits(module, features):
    a = module.prior(features)
    return a, torch.zeros_like(a) if module.posterior is None else module.posterior(features)


@pytest.mark.parametrize("mode", ["full", "simple"])
def test_the_objective_is_the_printed_one(mode):
    module, scores, features, target = setting(mode)
    a, b = (x.detach().numpy() for x in logits(module, features))
    loss = module(scores, features, target, generator=seeded())
    assert loss.shape == ()
    assert loss.item() == pytest.approx(objective(mode, scores.numpy(), a, b, target), rel=1e-12)


@pytest.mark.parametrize("mode", ["full", "simple"])
def test_gradients_are_finite_differences_of_the_printed_objective(mode):
    module, scores, features, target = setting(mode)
    a, b = (x.detach().requires_grad_() for x in logits(module, features))
    module.prior, module.posterior = Given(a), Given(b) if mode == "full" else None
    scores.requires_grad_()
    module(scores, features, target, generator=seeded()).backward()
    values = [x.detach().numpy() for x in (scores, a, b)]
    stopped = values[1].copy() if mode == "full" else None
    for index, given in enumerate((scores, a, b)[: 3 if mode == "full" else 2]):
        numeric = np.zeros_like(values[index])
        for place in np.ndindex(numeric.shape):
            for sign in (1, -1):
                moved = [value.copy() for value in values]
                moved[index][place] += sign * 1e-6
                numeric[place] += sign * objective(mode, *moved, target, stopped) / 2e-6
        assert np.linalg.norm(numeric) > 0.1
        assert np.abs(given.grad.numpy() - numeric).max() < 1e-7


@pytest.mark.parametrize("mode", ["full", "simple"])
def test_every_weight_is_reached(mode):
    module, scores, features, target = setting(mode)
    scores, features = scores.requires_grad_(), features.requires_grad_()
    module(scores, features, target).backward()
    assert len(list(module.parameters())) == (2 if mode == "full" else 1)
    for tensor in (*module.parameters(), scores, features):
        assert tensor.grad.norm() > 1e-3
    assert all(layer.bias is None for layer in (module.prior, module.posterior) if layer is not None)


def test_two_heads_of_ten_classes_are_what_table_xiv_counts():
    assert sum(weight.numel() for weight in Stochmax(1024, 10).parameters()) == 20_480


def with_prior(module, value):
    """Make every class certain (to be kept, or dropped), whatever the features."""
    module.prior = Given(torch.full((6, 5), value, dtype=torch.float64))
    return module


def test_where_every_class_is_kept_it_is_softmax():
    module, scores, features, target = setting("simple")
    certain = with_prior(module, 60.0)
    torch.testing.assert_close(certain(scores, features), scores)
    expected = functional.cross_entropy(scores, target)
    torch.testing.assert_close(certain(scores, features, target, generator=seeded()), expected)


def test_where_every_other_class_is_dropped_the_target_is_certain():
    module, scores, features, target = setting("simple")
    loss = with_prior(module, -60.0)(scores, features, target, generator=seeded())
    assert loss.item() == pytest.approx(60.0)  # all of it from -log rho_t


@pytest.mark.parametrize("mode", ["full", "simple"])
def test_inference_weighs_each_score_by_its_probability(mode):
    module, scores, features, _ = setting(mode)
    p = module.prior(features).sigmoid()
    expected = (p + EPSILON) * scores.exp()
    torch.testing.assert_close(module(scores, features).exp(), expected)
    assert torch.equal(module(scores, features), module(scores, features))


@pytest.mark.parametrize("mode", ["full", "simple"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("scale", [1.0, 30.0, 1e3])
def test_extreme_logits_stay_finite(mode, dtype, scale):
    module, scores, features, target = setting(mode, dtype, scale)
    scores, features = scores.requires_grad_(), features.requires_grad_()
    loss = module(scores, features, target, generator=seeded())
    loss.backward()
    assert loss.dtype == torch.float32
    assert loss.isfinite()
    for tensor in (*module.parameters(), scores, features):
        assert tensor.grad.isfinite().all()
    assert module(scores, features).isfinite().all()


def test_float32_agrees_with_float64():
    values = []
    for dtype in (torch.float32, torch.float64):
        module, scores, features, target = setting("full", torch.float64)
        chance = torch.rand(scores.shape, generator=seeded(), dtype=torch.float32).to(dtype)
        module, scores, features = module.to(dtype), scores.to(dtype), features.to(dtype)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(torch, "rand", lambda *_, chance=chance, **__: chance)
            values.append(module(scores, features, target).item())
    assert values[0] == pytest.approx(values[1], rel=1e-5)


def test_the_mask_differs_from_draw_to_draw():
    module, scores, features, target = setting("full")
    assert module(scores, features, target) != module(scores, features, target)


@pytest.mark.parametrize("arguments", [{"mode": "half"}, {"temperature": 0.0}, {"temperature": float("nan")}])
def test_what_cannot_be_built_is_refused(arguments):
    with pytest.raises(ValueError, match="got"):
        Stochmax(4, 3, **arguments)
