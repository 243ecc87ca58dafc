"""What the trains of some images come to over time: sums, added up where they are."""

from __future__ import annotations

from functools import cached_property

from torch import Tensor

from snnc.convert.circuit import Circuit, is_spiking
from snnc.convert.stage import Block
from snnc.ir.ids import NodeId
from snnc.ir.ops import BatchNorm, Conv, Encode, Linear


class Seen:
    """The sums over time ``counts`` of the trains of the first ``kept`` images of a batch.

    A train that has negative values is summed twice, as it is and by its magnitude.
    """

    def __init__(self, circuit: Circuit, kept: int, images: Tensor) -> None:
        self.circuit, self.kept, self.images = circuit, kept, images
        self.counts: dict[NodeId, Tensor] = {}
        self._magnitudes: dict[NodeId, Tensor] = {}

    def watch(self, block: Block) -> None:
        """Add a block's trains."""
        within = max(0, min(block.images.stop, self.kept) - block.images.start)
        if not within:
            return
        place = slice(block.images.start, block.images.start + within)
        for name, train in block.trains.items():
            self._add(self.counts, name, train[:, :within].sum(0), place)
            if name in self.signed:
                self._add(self._magnitudes, name, train[:, :within].abs().sum(0), place)

    def magnitude(self, name: NodeId) -> Tensor:
        """Return a train's magnitudes summed over time ``[kept, ...]``."""
        return self._magnitudes.get(name, self.counts[name])

    @cached_property
    def signed(self) -> frozenset[NodeId]:
        """The trains that may be negative: the image's own, and weighted sums that no neuron follows."""
        found: set[NodeId] = set()
        for node in self.circuit.graph:
            begins = isinstance(node.op, Encode | Conv | Linear | BatchNorm)
            if begins or (not is_spiking(node) and found & set(node.operands)):
                found.add(node.id)
        return frozenset(found)

    def _add(self, sums: dict[NodeId, Tensor], name: NodeId, found: Tensor, place: slice) -> None:
        if name not in sums:
            sums[name] = found.new_zeros(self.kept, *found.shape[1:])
        sums[name][place] += found
