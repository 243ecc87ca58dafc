"""One stage while it learns: batches of images in, weights and thresholds changed; Eqn (5), Sec. IV.

A presentation is cut into k pieces. After each piece every unrolled step of every layer that learns looks
at its own spikes and at the traces of its own input, and changes the weight that the steps share: k n
updates for a layer that is repeated n times, the later steps already with what the earlier ones learnt.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from snnc.nn.plasticity import nearest_traces, timing
from snnc.train.network import state_id
from snnc.train.recipe import Stdp
from snnc.train.stdp.compete import Competition
from snnc.train.stdp.stream import Streaming, streaming


@dataclass
class Site:
    """A place where a layer is applied: its neurons, and what is kept from piece to piece.

    ``traces`` are those of what the layer reads; ``awake`` [B, O, 1, 1] is 0 for the maps that sit this
    presentation out; ``counts`` [B, O, H, W] are the spikes so far.
    """

    layer: nn.Conv2d
    neurons: Streaming
    competition: Competition
    traces: Tensor | None = None
    awake: Tensor | None = None
    counts: Tensor = field(default_factory=lambda: torch.zeros(()))

    def forget(self) -> None:
        """Make ready for another presentation."""
        self.traces, self.awake, self.counts = None, None, torch.zeros(())


class Learner:
    """Teaches ``layers`` of a module that computes one piece of a presentation, by a rule.

    ``sites`` are where they are applied, by `StateId`. All that outlives a presentation is in the module
    and in the competitions' handicaps.
    """

    def __init__(self, module: nn.Module, layers: tuple[str, ...], rule: Stdp, offset: float) -> None:
        self.module, self.rule, self.offset = module, rule, offset
        remembering = streaming(module)
        self._neurons = list(remembering.values())
        self._read: dict[str, Tensor] = {}
        self.sites: dict[str, Site] = {}
        for layer in layers:
            module.get_submodule(layer).register_forward_pre_hook(self._note(layer))
        for place, neurons in remembering.items():
            layer = state_id(place).partition("@")[0]
            if layer in layers:
                self.sites[state_id(place)] = self._site(layer, neurons)

    @torch.no_grad()
    def present(self, images: Tensor, timesteps: int) -> Mapping[str, Site]:
        """Show a batch of images [B, C, H, W] for T steps; return the sites with what they have seen."""
        for neurons in self._neurons:
            neurons.state = None
        for site in self.sites.values():
            site.forget()
        for steps in pieces(timesteps, self.rule.updates):
            self.module.timesteps = steps  # type: ignore[assignment]  # a printed module's constant
            self.module(images)
        return self.sites

    def handicaps(self) -> Iterator[tuple[str, Tensor]]:
        """Yield what the competitions remember, by site."""
        return ((name, site.competition.handicap) for name, site in self.sites.items())

    def take_up(self, handicaps: Mapping[str, Tensor]) -> None:
        """Go on with what competitions remembered."""
        for name, handicap in handicaps.items():
            self.sites[name].competition.handicap.copy_(handicap)

    def weights(self) -> Iterator[tuple[str, Tensor]]:
        """Yield the weights that are being learnt, by layer."""
        layers = {id(site.layer): (name.partition("@")[0], site.layer) for name, site in self.sites.items()}
        return ((name, layer.weight.detach()) for name, layer in layers.values())

    def _site(self, layer: str, neurons: Streaming) -> Site:
        convolution = self.module.get_submodule(layer)
        if not isinstance(convolution, nn.Conv2d):
            raise TypeError(f"{layer} is no convolution")
        handicap = torch.zeros(convolution.out_channels, device=convolution.weight.device)
        site = Site(convolution, neurons, Competition(handicap, self.rule.conscience))
        neurons.register_forward_hook(self._answer(layer, site))
        return site

    def _note(self, layer: str) -> Callable[..., None]:
        def note(_part: nn.Module, arguments: tuple[Tensor, ...]) -> None:
            self._read[layer] = arguments[0]

        return note

    def _answer(self, layer: str, site: Site) -> Callable[..., None]:
        def answer(_part: nn.Module, arguments: tuple[Tensor, ...], spikes: Tensor) -> None:
            read = self._read[layer]
            read = read.view(*spikes.shape[:2], *read.shape[1:])
            self._learn(site, read, arguments[0], spikes)

        return answer

    def _learn(self, site: Site, read: Tensor, current: Tensor, spikes: Tensor) -> None:
        """Update a layer after a piece: trains ``read`` and ``spikes`` [t, B, ...] and what drove them."""
        rule, weight = self.rule, site.layer.weight
        traces = nearest_traces(read, math.exp(-1 / rule.tau), site.traces)
        fired = spikes.sum(0)
        site.traces, site.counts = traces[-1], site.counts.to(fired.device) + fired
        if rule.rate:
            learning = self._learning(site, current.mean(0) / site.neurons.threshold, fired)
            change = timing(traces, spikes * learning, site.layer).change(self.offset)
            weight.add_(change, alpha=rule.rate).clamp_(rule.low, rule.high)
        adapt(site.neurons.threshold, float(fired.mean()) / len(spikes), rule)

    def _learning(self, site: Site, drive: Tensor, fired: Tensor) -> Tensor:
        """Return where maps may learn: awake, and winners of the competition if there is one."""
        if site.awake is None:
            site.awake = (
                torch.rand(*fired.shape[:2], 1, 1, device=fired.device) >= self.rule.dropout
            ).float()
        able = (fired * site.awake) > 0
        return site.competition.winners(drive, able) if self.rule.compete else able.to(fired.dtype)


def pieces(timesteps: int, updates: int) -> list[int]:
    """Return the lengths of so many pieces of a presentation, in steps; none is empty."""
    count = min(timesteps, updates)
    return [timesteps * (piece + 1) // count - timesteps * piece // count for piece in range(count)]


def adapt(threshold: Tensor, rate: float, rule: Stdp) -> None:
    """Raise one threshold for all maps of a layer where they fire more than the target, else lower it.

    θ <- θ exp(speed · clip(rate / target - 1, -1, 1)), in place: homeostasis, uniform for the layer.
    """
    excess = max(-1.0, min(1.0, rate / rule.target - 1))
    threshold.mul_(math.exp(rule.adapt * excess))
