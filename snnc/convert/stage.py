"""A whole batch on its way through time: coded as one, worked off in tiles that stay in the cache.

The spikes of an image follow from the seed and the number of its batch, however it is cut here. On the CPU
they are those that the printed module would draw for this batch; on a GPU they are others, drawn there.
Nothing in the loop over time waits for the GPU.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from snnc.convert.circuit import Circuit
from snnc.convert.presentation import Presentation
from snnc.ir.ids import NodeId
from snnc.ir.ops import Encode
from snnc.nn.encoding import draw, refuse_rates

TILE = 1 << 21  # values of a train at a time: some maps of the largest layer, 8 MiB
TILE_ON_GPU = 1 << 27  # half a GiB: enough work for every launch
TRAINS = 16  # of a tile that are in memory at once, by far
LONGEST = 16  # steps of a block

Given = Callable[[NodeId, int, slice], Tensor]


@dataclass(frozen=True)
class Block:
    """Some steps of some images: the trains that were asked for, ``[steps, images, ...]``."""

    start: int
    steps: int
    images: slice
    trains: Mapping[NodeId, Tensor]
    part: Presentation


class Stage:
    """One batch of images ``[B, C, H, W]``, presented from the first step on."""

    def __init__(
        self,
        circuit: Circuit,
        images: Tensor,
        targets: Iterable[NodeId],
        *,
        chance: int,
        known: frozenset[NodeId] = frozenset(),
    ) -> None:
        self.circuit, self.images, self.known = circuit, images, known
        self.generator = torch.Generator(images.device).manual_seed(chance)
        plan = circuit.plan(targets, known)
        self.coded = next((n for n in plan if n.op == Encode("poisson")), None)
        self.wanted = frozenset(targets)
        outside = known if self.coded is None else known | {self.coded.id}
        if self.coded is not None:
            refuse_rates(images)
        self.block_steps, size = tile(circuit.largest(), len(images), images.device)
        self.slices = [slice(at, at + size) for at in range(0, len(images), size)]
        inner = self.wanted - outside
        self.parts = [Presentation(circuit, images[one], inner, outside) for one in self.slices]

    def blocks(self, steps: int, given: Given | None = None) -> Iterator[Block]:
        """Present the images for some steps and yield what was asked for, tile by tile."""
        for start in range(0, steps, self.block_steps):
            count = min(self.block_steps, steps - start)
            coded = None if self.coded is None else draw(self.images, count, self.generator)
            for part, images in zip(self.parts, self.slices, strict=True):
                trains: dict[NodeId, Tensor] = {}
                if given is not None:
                    trains = {name: given(name, count, images) for name in sorted(self.known)}
                if coded is not None and self.coded is not None:
                    trains[self.coded.id] = coded[:, images]
                found = part.block(count, trains)
                more = {name: trains[name] for name in self.wanted & trains.keys()}
                yield Block(start, count, images, found | more, part)

    def behind(self) -> dict[NodeId, Tensor]:
        """Return the values that are computed once, from the means over the steps so far."""
        found = [part.behind() for part in self.parts]
        return {name: torch.cat([one[name] for one in found]) for name in found[0]}


def tile(largest: int, images: int, device: torch.device) -> tuple[int, int]:
    """Return how many steps and how many images are worked off at a time."""
    room = _room(device)
    count = max(1, min(images, room // (LONGEST * largest)))
    return max(1, min(LONGEST, room // (count * largest))), count


def _room(device: torch.device) -> int:
    """Return the values of a train that a device works off best; half the memory is left to others."""
    if device.type != "cuda":
        return TILE
    memory = torch.cuda.get_device_properties(device).total_memory
    return max(TILE, min(TILE_ON_GPU, memory // 2 // (4 * TRAINS)))
