"""What the spiking networks of this package share: the schedule of a presentation, and a step at a time."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from snnc.nn.carry import Carried, State, carried, carrying
from snnc.nn.heap import keep_memory
from snnc.nn.tiles import (
    CACHED_BYTES,
    WORKING,
    Kept,
    Part,
    Tile,
    bytes_of,
    channels_last,
    measured,
    run_tiles,
    several,
)


class SpikingNetwork(nn.Module):
    """A network over T ``timesteps`` that computes its spiking part tile by tile.

    ``memory`` bounds what training keeps of the spiking part for the backward pass, in bytes or as text
    ("2GiB"): beyond it, tiles are computed twice rather than kept. None sets no bound. Both may be
    changed at any time. ``widest`` is the number of values of the largest layer, per image and step.

    Raises ``ValueError`` for a memory that is none.
    """

    widest = 1

    def __init__(self, timesteps: int, memory: int | str | None = None) -> None:
        super().__init__()
        self.timesteps = timesteps
        self.memory = memory
        if memory is not None:
            bytes_of(memory)
        self._stream: list[State] = []
        self._kept: dict[tuple[Any, ...], Kept] = {}

    def in_tiles(self, part: Part, *trains: Tensor) -> Any:  # noqa: ANN401 - what the part returns
        """Return ``part`` of trains ``[T, B, ...]``; the spikes are those of all steps and images at once."""
        if (memory := carried()) is not None:
            results = [_mean_so_far(memory, result) for result in several(part(*trains))]
            memory.closed = True
        elif self._is_whole(trains):
            return part(*map(channels_last, trains)) if _is_plain(trains) else part(*trains)
        else:
            results = list(self._tiled(part, trains))
        return results[0] if len(results) == 1 else tuple(results)

    def step(self, frame: Tensor) -> Tensor:
        """Take one more frame ``[B, C, H, W]`` and return the scores ``[B, classes]`` of all steps so far.

        After T times the same image, the spikes are those of ``self(image)``, bit for bit. The batch keeps
        its size until :meth:`restart`. No gradients. Raises ``RuntimeError`` where neurons read a mean
        over all steps, which a stream does not have.
        """
        memory, steps = Carried(self._stream), self.timesteps
        self.timesteps = 1
        try:
            with torch.no_grad(), carrying(memory):
                scores: Tensor = self(frame)
        finally:
            self.timesteps = steps
        self._stream = memory.after
        return scores

    def restart(self) -> None:
        """Forget the frames of :meth:`step`: the next one is the first."""
        self._stream = []

    def _is_whole(self, trains: tuple[Tensor, ...]) -> bool:
        """Tell whether something must see all steps and images at once."""
        if not _is_plain(trains) or trains[0].device.type != "cpu":
            return True
        return any(_needs_all(module) for module in self.modules() if module is not self)

    def _tiled(self, part: Part, trains: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        keep_memory(bounded=self.memory is not None)
        steps, images = trains[0].shape[:2]
        width = self.widest * _item_size(trains[0])
        tile = Tile.fitting(steps, images, CACHED_BYTES / width)
        learns = torch.is_grad_enabled() and any(weight.requires_grad for weight in self.parameters())
        if self.memory is None:
            return run_tiles(part, trains, tile, tile.count(steps, images))
        budget = bytes_of(self.memory) - sum(map(_own_bytes, trains))
        tile = Tile.fitting(steps, images, min(CACHED_BYTES, budget / (2 * WORKING)) / width)
        if not learns:
            return run_tiles(part, trains, tile, tile.count(steps, images))
        kept = self._bytes_kept(part, trains, tile)
        if kept.tile > budget / 4:
            tile = Tile.fitting(steps, images, tile.steps * tile.images * budget / 4 / kept.tile)
            kept = self._bytes_kept(part, trains, tile)
        count = tile.count(steps, images)
        left = budget - WORKING * width * tile.steps * tile.images
        if count * kept.tile > left:
            edges = count * kept.edge if tile.steps < steps else 0
            return run_tiles(part, trains, tile, max(0, int((left - edges) // kept.tile) - 1))
        return run_tiles(part, trains, tile, count)

    def _bytes_kept(self, part: Part, trains: tuple[Tensor, ...], tile: Tile) -> Kept:
        """Return what the backward pass needs of one tile; measured once for each kind of tile."""
        like = [(train.shape[2:], train.dtype, train.requires_grad) for train in trains]
        key = (tile, *like, self.training, _item_size(trains[0]))
        if key not in self._kept:
            small = tuple(train[: tile.steps, : tile.images] for train in trains)
            with torch.random.fork_rng(devices=[]):
                self._kept[key] = measured(part, small, (*self.parameters(), *self.buffers(), *trains))
        return self._kept[key]


def _mean_so_far(memory: Carried, train: Tensor) -> Tensor:
    """Return the mean over all steps so far as a train of one step."""
    before = memory.take()
    total, steps = train.sum(0), torch.tensor(len(train))
    if before is not None:
        total, steps = before[0] + total, before[1] + steps
    memory.leave(total, steps)
    return (total / steps)[None]


def _is_plain(trains: Iterable[Tensor]) -> bool:
    """Tell whether these are tensors with memory, not stand-ins of a compiler, an exporter or a transform."""
    if torch.compiler.is_compiling() or torch.jit.is_tracing():  # type: ignore[attr-defined]
        return False
    return all(type(train) is Tensor and not train.is_meta for train in trains)


def _needs_all(module: nn.Module) -> bool:
    """Tell whether a module must see a presentation as a whole, or somebody who watches it wants to."""
    hooks = (*module._forward_hooks.values(), *module._forward_pre_hooks.values())  # noqa: SLF001
    if not all(getattr(hook, "takes_tiles", False) for hook in hooks):
        return True
    statistics = isinstance(module, nn.modules.batchnorm._BatchNorm) and module.training  # noqa: SLF001
    return statistics or getattr(module, "needs_all_steps", False)


def _item_size(train: Tensor) -> int:
    half = torch.is_autocast_enabled(train.device.type)
    return torch.get_autocast_dtype(train.device.type).itemsize if half else train.element_size()


def _own_bytes(train: Tensor) -> int:
    """Return the bytes of a train; one that is held has those of a step."""
    return train.numel() * train.element_size() // (len(train) if train.stride(0) == 0 else 1)
