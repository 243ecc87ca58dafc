"""Classify with classes dropped at random, so that training dwells on the confusing ones; Sec. V.

The paper's Eqn (7) leaves the gradient through the mask, the regulariser and the test time open;
the rules here are those of DropMax, on which it builds. Everything is computed from logits in
float32 or wider, so no probability is ever rounded to 0 or 1 before its logarithm.
"""

import math
from typing import Literal, final

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid, one_hot

KEEP_FLOOR = 1e-20  # ε of Eqn (7)

Mode = Literal["full", "simple"]


@final
class Stochmax(nn.Module):
    """A classifier's objective in which class k survives with probability rho_k; Eqn (7).

    p(y|x,z) = (z_t + ε) exp(o_t) / Σ_k (z_k + ε) exp(o_k), with z_k ~ Ber(rho_k) relaxed to the
    concrete distribution of temperature τ and the target never dropped.

    ``full`` has two heads: ``prior`` gives p = σ(a), the probability without knowing the label,
    ``posterior`` gives r = σ(b), and the mask is drawn from q = σ(stop(a) + b). Its objective adds
    KL(q‖p), the cross-entropy of r against the label and the negative entropy of p.
    ``simple`` has ``prior`` alone: the mask is drawn from rho = p, and -log rho_t is added.

    Shapes: ``scores`` o ``[B, classes]``, ``features`` h ``[B, features]``, ``target`` ``[B]`` of
    integers. Raises ``ValueError`` for another mode or a temperature that is not above 0.
    """

    def __init__(self, features: int, classes: int, mode: Mode = "full", *, temperature: float = 0.1) -> None:
        super().__init__()
        if mode not in ("full", "simple"):
            raise ValueError(f"mode is 'full' or 'simple'; got {mode!r}")
        if not 0 < temperature < math.inf:
            raise ValueError(f"temperature is above 0 and finite; got {temperature}")
        self.mode, self.temperature = mode, temperature
        self.prior = nn.Linear(features, classes, bias=False)
        self.posterior = nn.Linear(features, classes, bias=False) if mode == "full" else None

    def forward(
        self,
        scores: Tensor,
        features: Tensor,
        target: Tensor | None = None,
        *,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Return the training objective of a batch, or without ``target`` the scores to compare.

        The objective is a scalar, the mean over the batch. The scores ``[B, classes]`` are
        o + log(p + ε), deterministic. ``generator`` makes the draw of the mask repeatable.
        """
        prior = _wide(self.prior(features))
        if target is None:
            return _wide(scores) + _log_keep(prior)
        label = one_hot(target, scores.shape[-1]).bool()
        chance = torch.rand(prior.shape, generator=generator, dtype=prior.dtype, device=prior.device)
        if self.posterior is None:
            loss = self._cross_entropy(scores, prior, label, chance)
            return (loss - logsigmoid(prior[label])).mean()
        shift = _wide(self.posterior(features))
        mask = prior.detach() + shift
        loss = self._cross_entropy(scores, mask, label, chance)
        terms = _divergence(mask, prior, label) + _surprise(shift, label) - _entropy(prior)
        return (loss + terms.sum(-1)).mean()

    def _cross_entropy(self, scores: Tensor, mask: Tensor, label: Tensor, chance: Tensor) -> Tensor:
        """Return -log p(y|x,z) per sample, the mask drawn with the given chances; Eqn (7)."""
        tiny = torch.finfo(chance.dtype).eps
        noise = chance.clamp(tiny, 1 - tiny).logit()
        log_keep = _log_keep((mask + noise) / self.temperature).masked_fill(label, 0)
        scores = _wide(scores)
        return (scores + log_keep).logsumexp(-1) - scores[label]


def _wide(x: Tensor) -> Tensor:
    return x.to(torch.promote_types(x.dtype, torch.float32))


def _log_keep(logit: Tensor) -> Tensor:
    """Return log(σ(logit) + ε)."""
    return torch.logaddexp(logsigmoid(logit), logit.new_full((), math.log(KEEP_FLOOR)))


def _divergence(q: Tensor, p: Tensor, label: Tensor) -> Tensor:
    """Return KL(q‖p) per class, both given as logits; for the label, where q = 1, -log p."""
    kept = q.sigmoid() * (logsigmoid(q) - logsigmoid(p))
    dropped = (-q).sigmoid() * (logsigmoid(-q) - logsigmoid(-p))
    return torch.where(label, -logsigmoid(p), kept + dropped)


def _surprise(r: Tensor, label: Tensor) -> Tensor:
    """Return the cross-entropy of r with the label per class, r given as a logit."""
    return -logsigmoid(torch.where(label, r, -r))


def _entropy(p: Tensor) -> Tensor:
    """Return the entropy of keeping each class, in nats, p given as a logit."""
    return -(p.sigmoid() * logsigmoid(p) + (-p).sigmoid() * logsigmoid(-p))
