"""How often neurons fire while a network learns: per layer and unrolled step, without slowing it.

Hooks note the mean of the spikes at some steps only, and a layer that has fallen silent is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from snnc.train.network import spiking


@dataclass
class Rates:
    """Sums of rates and how many were noted, by the text of the `StateId`, in the order of the layers.

    ``last`` holds the rates of the last note alone.
    """

    sums: dict[str, float] = field(default_factory=dict)
    notes: int = 0
    last: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def noting(self, module: nn.Module) -> Iterator[None]:
        """Note the rates of what runs inside; one presentation of the network is one note."""
        fresh: dict[str, tuple[Tensor, int]] = {}
        hooks = [part.register_forward_hook(_note(fresh, name)) for name, part in spiking(module).items()]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()
        self.last = {name: float(total) / count for name, (total, count) in fresh.items()}
        for name, rate in self.last.items():
            self.sums[name] = self.sums.get(name, 0.0) + rate
        self.notes += bool(fresh)

    def means(self) -> dict[str, float]:
        """Return the spikes per neuron per step, by `StateId`."""
        return {name: total / max(1, self.notes) for name, total in self.sums.items()}


def _note(fresh: dict[str, tuple[Tensor, int]], name: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - torch's hook
    def hook(_part: nn.Module, _arguments: object, spikes: Tensor) -> None:
        total = spikes.detach().sum(dtype=torch.promote_types(spikes.dtype, torch.float32))
        before, count = fresh.get(name, (torch.zeros_like(total), 0))
        fresh[name] = before + total, count + spikes.numel()

    hook.takes_tiles = True  # type: ignore[attr-defined]  # it adds up, so a part of a presentation will do
    return hook


def silent(rates: Mapping[str, float], least: float) -> list[str]:
    """Return a message for each layer whose neurons fire less than ``least`` spikes per step."""
    return [
        f"{name} fires {rate:.2g} spikes per neuron per step: vanishing spike propagation (Sec. IV); "
        "try BackRes, a ReLU prefix, a larger gain"
        for name, rate in rates.items()
        if rate < least
    ]
