"""The layers that a spiking network adds to those of torch, as thin modules over functions.

A module holds constants and never state: what a presentation accumulates is made inside
``forward`` and ends with it, or is held by whoever presents block by block, so there is nothing to
reset and nothing leaks between batches.
"""

from collections.abc import Callable
from typing import Any, final

import torch
from torch import Tensor, nn
from torch.nn import functional

from snnc.nn.carry import carried, scan_block
from snnc.nn.neuron import Neuron, Reset
from snnc.nn.scan import scan

CONSTANTS = ("leak", "reset", "refractory", "gamma", "delay", "initial")


class SpikingNeurons(nn.Module):
    """Neurons over time, ``[T, B, ...]`` -> spikes ``[T, B, ...]``; what LIF and IF share.

    ``threshold`` is a buffer, one number or one per channel, so that a saved network holds one
    threshold for each unrolled step of a BackRes block; it stays float32 or wider whatever dtype
    the module is moved to. The other constants are plain attributes; their meaning and range are
    those of :class:`snnc.nn.neuron.Neuron`, and ``ValueError`` tells which lies outside.

    ``drift`` is a current that arrives at every step, one per channel [C]; None for none. A network that
    was converted keeps there what unrolled steps that share a bias need each for itself.
    """

    threshold: Tensor
    drift: Tensor | None

    def __init__(self, neuron: Neuron) -> None:
        super().__init__()
        threshold = torch.as_tensor(neuron.threshold, dtype=torch.float32).clone()
        known = not threshold.is_meta  # a network may be made without memory, to count or to be filled
        if known and not bool(((threshold > 0) & threshold.isfinite()).all()):
            raise ValueError(f"threshold is above 0 and finite; got {neuron.threshold}")
        if threshold.dim() > 1:
            raise ValueError(f"threshold is one number or one per channel [C]; got {threshold.shape}")
        self.register_buffer("threshold", threshold)
        self.register_buffer("drift", None)
        self.leak, self.reset, self.refractory = neuron.leak, neuron.reset, neuron.refractory
        self.gamma, self.delay, self.initial = neuron.gamma, neuron.delay, neuron.initial

    def forward(self, current: Tensor) -> Tensor:
        """Return the spikes of a current ``[T, B, ...]``, or of a block of one; :func:`snnc.nn.scan.scan`."""
        if self.drift is not None:
            current = current + self.drift.view(-1, *[1] * (current.dim() - 3))
        constants = {name: getattr(self, name) for name in CONSTANTS}
        if (memory := carried()) is None:
            return scan(current, self.threshold, **constants)
        spikes, state = scan_block(current, Neuron(threshold=self.threshold, **constants), memory.take())
        memory.leave(*state)
        return spikes

    def _apply(self, fn: Callable[..., Any], recurse: bool = True) -> "SpikingNeurons":  # noqa: FBT001, FBT002
        """Move the module as torch does, but never round its threshold to half precision."""
        exact = self.threshold
        super()._apply(fn, recurse)
        if torch.finfo(self.threshold.dtype).bits < 32:
            self.threshold = exact.to(self.threshold.device)
        return self

    def extra_repr(self) -> str:
        """Show the constants; of the rarer ones those that are not the default."""
        levels = self.threshold
        level = f"[{levels.numel()} channels]" if levels.dim() else "?" if levels.is_meta else f"{levels:g}"
        shown = f"leak={self.leak}, threshold={level}, reset={self.reset!r}"
        usual = {"refractory": 0, "gamma": 0.3, "delay": False, "initial": 0.0}
        unusual = (name for name, value in usual.items() if getattr(self, name) != value)
        return ", ".join([shown, *(f"{name}={getattr(self, name)}" for name in unusual)])


@final
class LIF(SpikingNeurons):
    """Leaky integrate-and-fire neurons, V <- α V + I; Eqns (2)-(4).

    Shapes: currents ``[T, B, ...]`` -> spikes ``[T, B, ...]``. The arguments are the constants of
    :class:`snnc.nn.neuron.Neuron`, which says what they mean and raises ``ValueError``.
    """

    def __init__(
        self,
        leak: float = 0.95,
        threshold: float | Tensor = 1.0,
        reset: Reset = "subtract",
        refractory: int = 0,
        *,
        gamma: float = 0.3,
        delay: bool = False,
        initial: float = 0.0,
    ) -> None:
        super().__init__(Neuron(leak, threshold, reset, refractory, gamma, delay, initial))


@final
class IF(SpikingNeurons):
    """Integrate-and-fire neurons, V <- V + I: those of :class:`LIF` with α = 1; Sec. II.

    Shapes: currents ``[T, B, ...]`` -> spikes ``[T, B, ...]``.
    """

    def __init__(
        self,
        threshold: float | Tensor = 1.0,
        reset: Reset = "subtract",
        refractory: int = 0,
        *,
        gamma: float = 0.3,
        delay: bool = False,
        initial: float = 0.0,
    ) -> None:
        super().__init__(Neuron(1.0, threshold, reset, refractory, gamma, delay, initial))


@final
class DropoutOverTime(nn.Module):
    """Dropout whose mask is drawn once per presentation and serves all its steps.

    A neuron that is dropped stays dropped from the first step to the last; the others are scaled
    by 1 / (1 - p). In evaluation it passes everything.

    Shapes: ``[T, B, ...]`` -> the same. Raises ``ValueError`` unless p lies in [0, 1].
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"p is the probability of being dropped, in [0, 1]; got {p}")
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x`` with some neurons silent at every step."""
        if not self.training:
            return x
        memory = carried()
        before = memory.take() if memory else None
        mask = before[0] if before else functional.dropout(torch.ones_like(x[0]), self.p)
        if memory:
            memory.leave(mask)
        return x * mask

    def extra_repr(self) -> str:
        """Show the probability."""
        return f"p={self.p}"


def over_time(module: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Apply a layer that knows no time to every step at once.

    The steps join the batch, ``[T, B, ...]`` -> ``[T B, ...]`` -> layer -> ``[T, B, ...]``, so a
    batch norm takes its statistics over all of them.
    """
    y = module(x.flatten(0, 1))
    return y.view(*x.shape[:2], *y.shape[1:])
