"""What can be known of a graph. Passes declare facts; `analysis.checks` holds a graph to them."""

from __future__ import annotations

from enum import StrEnum


class Fact(StrEnum):
    """A property that a pass can need, give or break."""

    SKIPS_RESOLVED = "skips-resolved"
    """Every join says how it joins, and its operands fit."""
    TWIN_CHOSEN = "twin-chosen"
    """Every neuron is the one that the target asks for."""
    SHAPED = "shaped"
    """Every node's shape is known and follows from its operands'."""
    PEELED = "peeled"
    """Every group gets and gives values of the same time."""
    TIMED = "timed"
    """Static values and trains meet only at an Encode or an Integrate."""
    UNROLLED = "unrolled"
    """No groups are left; each application is a node of its own."""
