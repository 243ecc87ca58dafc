"""Programs to draw: small ones by their text, any shape of graph by its nodes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from snnc.driver import loads
from snnc.ir.graph import Graph, Node, Origin
from snnc.ir.ids import NodeId, StateId, WeightId
from snnc.ir.ops import Classify, Conv, Encode, Input, Integrate, Linear, Neuron, Spiking
from snnc.ir.program import Program, Target
from snnc.ir.shape import Map, Vector
from snnc.source import Source

Compiled = Callable[..., Program]

RICH = """
network Rich
input 3x16x16
timesteps 8
Input - Conv1(3,8,3x3/1) - BN - Dropout(0.2)
 - [Conv2(8,8,3x3/1) - [Conv3(8,8,3x3/1)] repeated 3 times - Conv4(8,8,3x3/1)] repeated 2 times
 - Pool(2x2/2) - FC1(512,10)
Skip Conv1-to-Conv4
"""

SKIPS = """
network Skips
input 3x16x16
Input - Conv1(3,6,3x3/1) - [Conv2(6,6,3x3/1)] repeated 2 times - Pool(2x2/2) - FC1(768,20) - FC2(20,10)
Skip Input-to-Conv2 tile, Conv1-to-FC1
"""

HYBRID = """
network Hybrid
input 3x16x16
Input - Conv1(3,8,3x3/1) - ReLU - Pool(2x2/2) - Conv2(8,8,3x3/1) - LIF(leak=0.9, threshold=2, reset=zero)
 - [Conv3(8,8,3x3/1) - IF] repeated 2 times - Pool(2x2/2) - FC1(128,16) - LIF - FC2(16,10)
classify stochmax
"""


@pytest.fixture
def specs() -> dict[str, str]:
    """The texts of small nets that together hold every mark there is."""
    return {"rich": RICH, "skips": SKIPS, "hybrid": HYBRID}


@pytest.fixture
def compiled() -> Compiled:
    """Compile a spec's text; by default the spiking twin, unrolled."""

    def program(text: str, target: Target = Target.SNN, *, folded: bool = False) -> Program:
        twin = loads(text).twin(target)
        return twin.folded if folded else twin.unrolled

    return program


@pytest.fixture
def chain() -> Callable[..., Program]:
    """Make a chain of convolutions by hand, with names that no spec could have."""

    def program(names: list[str], title: str = "chain") -> Program:
        origin = Origin(Source("here", "text").span())
        image = Map(4, 8, 8)
        nodes = [
            Node(NodeId("Input"), Input(image), origin=origin, shape=image),
            Node(NodeId("Input.encoded"), Encode("poisson"), (NodeId("Input"),), origin=origin, shape=image),
        ]
        for name in names:
            layer = Conv(WeightId(name), 4, 4, 3, 1, 1)
            fire = Neuron(StateId(name), Spiking(0.95, 1.0))
            nodes.append(Node(NodeId(name), layer, (nodes[-1].id,), origin=origin, shape=image))
            nodes.append(Node(NodeId(f"{name}.neuron"), fire, (nodes[-1].id,), origin=origin, shape=image))
        last = Linear(WeightId("last"), 256, 10)
        nodes.append(Node(NodeId("mean"), Integrate(), (nodes[-1].id,), origin=origin, shape=image))
        nodes.append(Node(NodeId("last"), last, (NodeId("mean"),), origin=origin, shape=Vector(10)))
        head = Classify("softmax", 256, 10)
        nodes.append(Node(NodeId("Classify"), head, (NodeId("last"),), origin=origin, shape=Vector(10)))
        return Program(title, Target.SNN, 25, Graph(nodes))

    return program
