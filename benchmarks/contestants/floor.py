"""The floor: the convolutions, pools and linear layers alone, with no neuron between them.

Steps and batch are one batch of maps, channels last. Where no neuron looks back in time, a few
maps can go through the whole chain before the next do, so that they stay in the cache. The tile
is the best of some; a network with neurons is not faster than that.
"""

import time
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from benchmarks.contestants.base import Chain, Contestant, Setting

TILES = (16, 50, 100, 200)  # maps


class Floor(Chain):
    """The chain without neurons; what it returns is no class score, but costs as much."""

    def __init__(self, setting: Setting, tiles: tuple[int, ...]) -> None:
        super().__init__(setting, nn.Identity)
        self.tiles = tiles
        nn.Module.to(self, memory_format=torch.channels_last)  # type: ignore[call-overload]

    def infer(self, x: Tensor) -> Tensor:
        """Return one row for each tile."""
        self.choose(self.infer, x)
        with torch.no_grad():
            return torch.stack([self.chain(part) for part in self.parts(self.maps(x))])

    def learn(self, x: Tensor, target: Tensor) -> None:
        """Run each tile forwards and backwards, and the static part backwards from all of them."""
        self.choose(self.learn, x, target)
        self.zero_grad(set_to_none=True)
        maps = self.maps(x)
        leaf = maps.detach().requires_grad_(maps.requires_grad)
        for part in self.parts(leaf):
            self.chain(part).square().sum().backward()
        if leaf.grad is not None:
            maps.backward(leaf.grad)

    def choose(self, run: Callable[..., object], *inputs: Tensor) -> None:
        """Keep the fastest of several tiles, each tried twice."""
        if len(self.tiles) == 1:
            return
        tried = {}
        for tile in self.tiles * 2:
            self.tiles, start = (tile,), time.perf_counter()
            run(*inputs)
            tried[tile] = time.perf_counter() - start
        self.tiles = (min(tried, key=lambda tile: tried[tile]),)

    def maps(self, x: Tensor) -> Tensor:
        """Return the maps of all steps, or those of the static part, which serve at each step."""
        maps: Tensor = self.static(x) if len(self.static) else x.flatten(0, 1)
        return maps.contiguous(memory_format=torch.channels_last)

    def parts(self, maps: Tensor) -> Iterator[Tensor]:
        if not len(self.static):
            yield from maps.split(self.tiles[0])
            return
        total = self.timesteps * len(maps)
        for start in range(0, total, self.tiles[0]):
            yield maps[[i % len(maps) for i in range(start, min(start + self.tiles[0], total))]]

    def chain(self, part: Tensor) -> Tensor:
        for layer in self.spiking:
            part = layer(part)
        row: Tensor = self.classifier(part.mean(0, keepdim=True))[0]
        return row


def build(setting: Setting) -> Contestant:
    return Floor(setting, TILES)


def build_untiled(setting: Setting) -> Contestant:
    return Floor(setting, (setting.timesteps * setting.batch,))
