"""Cut a presentation into tiles that stay in the processor's cache, and into what memory allows.

A tile is some images over some steps. Images are independent of one another, so they are cut first; only
where one image over all steps is too much are steps cut, too, with neurons carried from block to block.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

import torch
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.checkpoint import checkpoint

from snnc.nn.carry import Carried, State, carrying

Part = Callable[..., Tensor | tuple[Tensor, ...]]
CACHED_BYTES = 24 << 20  # of the widest layer; more spills the cache, much less wastes calls: measured
WORKING = 4  # tensors of the widest layer that a tile has beside what it keeps
UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


@dataclass(frozen=True)
class Tile:
    """The shape of the tiles: ``steps`` of the T time-steps of ``images`` of the batch."""

    steps: int
    images: int

    @classmethod
    def fitting(cls, steps: int, images: int, maps: float) -> "Tile":
        """Return the tile of a presentation that has at most about so many maps, one per image and step.

        All are of about the same size, so the last is no rest.
        """
        if steps <= maps:
            return cls(steps, ceil(images / ceil(images / (maps // steps))))
        return cls(ceil(steps / ceil(steps / max(1, maps))), 1)

    def count(self, steps: int, images: int) -> int:
        """Return how many tiles a presentation has."""
        return ceil(steps / self.steps) * ceil(images / self.images)


def bytes_of(memory: int | str) -> int:
    """Return a number of bytes, given as one or as text: "2GiB", "500MB". Raises ``ValueError``."""
    if isinstance(memory, int):
        size = float(memory)
    else:
        found = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([KMG]i?B|B)\s*", memory)
        size = float(found[1]) * UNITS[found[2]] if found else 0
    if size < 1:
        raise ValueError(f'memory is a number of bytes or text such as "2GiB" or "500MB"; got {memory!r}')
    return int(size)


def run_tiles(part: Part, trains: tuple[Tensor, ...], tile: Tile, stay: int) -> tuple[Tensor, ...]:
    """Return what a part of a network makes of its trains ``[T, B, ...]``, computed tile by tile.

    What the last ``stay`` tiles keep for the backward pass stays in memory; the others are computed once
    more on the way back.
    """
    steps, images = trains[0].shape[:2]
    again = tile.count(steps, images) - stay
    columns = []
    for column in zip(*(train.split(tile.images, 1) for train in trains), strict=True):
        blocks, states = [], list[State]()
        for block in zip(*(train.split(tile.steps) for train in column), strict=True):
            run = _recomputed if again > 0 else _block
            results, states = run(part, block, states, whole=tile.steps >= steps)
            blocks.append(results)
            again -= 1
        columns.append(_joined(blocks, 0))
    return _joined(columns, 1)


def _joined(parts: list[tuple[Tensor, ...]], axis: int) -> tuple[Tensor, ...]:
    if len(parts) == 1:
        return parts[0]
    return tuple(torch.cat(same, axis) for same in zip(*parts, strict=True))


def _block(
    part: Part, trains: tuple[Tensor, ...], states: list[State], *, whole: bool
) -> tuple[tuple[Tensor, ...], list[State]]:
    """Run a part on a tile; one with all steps carries nothing."""
    trains = tuple(channels_last(train) for train in trains)
    if whole:
        return several(part(*trains)), []
    memory = Carried(states)
    with carrying(memory):
        results = several(part(*trains))
    return results, memory.after


def _recomputed(
    part: Part, trains: tuple[Tensor, ...], states: list[State], *, whole: bool
) -> tuple[tuple[Tensor, ...], list[State]]:
    """Do as :func:`_block`, but keep the inputs alone and run it once more for the gradients."""
    count, lengths = len(trains), list[int]()

    def run(*given: Tensor) -> tuple[Tensor, ...]:
        before = _regrouped(given[count:], [len(state) for state in states])
        results, after = _block(part, given[:count], before, whole=whole)
        lengths[:] = [len(results), *map(len, after)]
        return (*results, *(tensor for state in after for tensor in state))

    flat = checkpoint(run, *trains, *(tensor for state in states for tensor in state), use_reentrant=False)
    results, *after = _regrouped(flat, lengths)
    return results, after


def _regrouped(flat: tuple[Tensor, ...], lengths: list[int]) -> list[State]:
    ends = [sum(lengths[: i + 1]) for i in range(len(lengths))]
    return [flat[end - length : end] for end, length in zip(ends, lengths, strict=True)]


def several(results: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Return the results of a part, of which there may be one."""
    return results if isinstance(results, tuple) else (results,)


def channels_last(train: Tensor) -> Tensor:
    """Return maps over time ``[T, B, C, H, W]`` with channels last in memory; a held value stays held."""
    if train.dim() != 5 or train.device.type != "cpu":
        return train
    held = train.stride(0) == 0
    maps = (train[:1] if held else train).permute(0, 1, 3, 4, 2).contiguous().permute(0, 1, 4, 2, 3)
    return maps.expand_as(train) if held else maps


@dataclass(frozen=True)
class Kept:
    """Bytes that wait for the backward pass: those of a ``tile``, and of the ``edge`` between two of them."""

    tile: int
    edge: int


def measured(part: Part, trains: tuple[Tensor, ...], apart: tuple[Tensor, ...]) -> Kept:
    """Return what autograd keeps of one tile, but for the memory of the tensors set apart."""
    found: dict[int, int] = {}
    known = {tensor.untyped_storage().data_ptr() for tensor in apart}

    def note(tensor: Tensor) -> Tensor:
        memory = tensor.untyped_storage()
        if memory.data_ptr() not in known:
            found[memory.data_ptr()] = memory.nbytes()
        return tensor

    with saved_tensors_hooks(note, lambda tensor: tensor):
        results, states = _block(part, trains, [], whole=False)
    del results  # until here nothing was freed, so that no memory was counted for two tensors
    return Kept(max(1, sum(found.values())), sum(one.nbytes for state in states for one in state))
