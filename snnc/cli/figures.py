"""A network's figures: what a line, a list or a script says about it."""

from __future__ import annotations

from dataclasses import dataclass

from snnc.analysis.layers import LayerRow, layer_rows, map_or_vector
from snnc.driver import Net


@dataclass(frozen=True)
class Figures:
    """Trainable weights, each shared one once; multiplications of a time-step, each application's."""

    network: str
    timesteps: int
    input: list[int]
    rows: tuple[LayerRow, ...]

    @property
    def parameters(self) -> int:
        return sum(row.parameters for row in self.rows)

    @property
    def macs(self) -> int:
        return sum(row.macs for row in self.rows)

    def sentence(self) -> str:
        """Return the figures in a few words."""
        return f"{self.network}: {self.parameters:,} parameters, {self.macs:,} MACs"

    def as_json(self) -> dict[str, object]:
        """Return the figures as JSON can hold them."""
        return {
            "network": self.network,
            "timesteps": self.timesteps,
            "input": self.input,
            "parameters": self.parameters,
            "macs": self.macs,
        }

    def layers(self) -> list[dict[str, object]]:
        """Return the figures of every application of every layer."""
        return [_layer(row) for row in self.rows]


def figures(net: Net) -> Figures:
    """Return the figures of a network, which are those of both twins."""
    image = net.model.input
    size = [image.channels, image.height, image.width]
    return Figures(net.name, net.model.timesteps, size, layer_rows(net.snn_twin.unrolled))


def _layer(row: LayerRow) -> dict[str, object]:
    printed = row.printed
    paper = printed and {"text": printed.text, "parameters": printed.parameters, "reason": printed.reason}
    return {
        "layer": row.layer,
        "application": row.application,
        "kind": row.kind,
        "shape": map_or_vector(row.shape),
        "parameters": row.parameters,
        "macs": row.macs,
        "printed": paper,
    }
