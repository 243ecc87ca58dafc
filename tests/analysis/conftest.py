"""Unrolled, timed programs built by hand: the analysis is tested without the passes before it."""

from __future__ import annotations

from collections import Counter

import pytest

from snnc.analysis.shapes import shape_of
from snnc.ir.graph import Graph, Node, Origin
from snnc.ir.ids import NodeId, StateId, WeightId
from snnc.ir.ops import (
    BatchNorm,
    Classify,
    Conv,
    Encode,
    Flatten,
    Input,
    Integrate,
    Linear,
    Neuron,
    Pool,
    Relu,
    Spiking,
)
from snnc.ir.program import Program, Target
from snnc.ir.shape import Map
from snnc.source import Source, Span

ORIGIN = Origin(Span(Source("hand.spec", ""), 0, 0))


class Chain:
    """A chain of layers in the conventions of the unrolled, timed graph.

    Words: ``Conv1(3,64,3/1)`` and ``FC1(4096,10)`` with ``b`` for a bias and ``n`` for batch
    normalisation; ``P2/2`` and ``M2/2`` for pools; ``R``, ``L`` and ``I`` behind a layer for its neuron.
    """

    def __init__(self, words: str, image: tuple[int, int, int], target: Target, encode: str) -> None:
        self.nodes: list[Node] = []
        self.shapes: dict[NodeId, object] = {}
        self.words, self.target = words.split(), target
        names = Counter(word.split("(")[0] for word in self.words if "(" in word)
        self.repeated = {name for name, count in names.items() if count > 1}
        self.applied: Counter[str] = Counter()
        self.train = False
        self.last = self.add(NodeId("Input"), Input(Map(*image)))
        if target is Target.SNN and encode == "poisson":
            self.encode("poisson")
        for word in self.words:
            self.word(word)

    def add(self, name: NodeId, op: object, *operands: NodeId) -> NodeId:
        shape = shape_of(op, tuple(self.shapes[one] for one in operands))
        self.nodes.append(Node(name, op, operands, origin=ORIGIN, shape=shape))
        self.shapes[name] = shape
        self.last = name
        return name

    def then(self, name: NodeId, op: object) -> None:
        self.add(name, op, self.last)

    def encode(self, coding: str) -> None:
        self.then(NodeId(f"Encode{len(self.nodes)}"), Encode(coding))
        self.train = True

    def integrate(self) -> None:
        self.then(NodeId(f"Integrate{len(self.nodes)}"), Integrate())
        self.train = False

    def word(self, word: str) -> None:
        if word[0] in "PM" and "(" not in word:
            size, stride = map(int, word[1:].split("/"))
            mode = "average" if word[0] == "P" else "max"
            self.then(NodeId(f"Pool{len(self.nodes)}"), Pool(mode, size, stride))
        elif word.startswith("stochmax"):
            features = self.nodes[-2].id
            classes = self.shapes[self.last].size
            self.add(
                NodeId("Classify"),
                Classify("stochmax", self.shapes[features].size, classes),
                self.last,
                features,
            )
        else:
            self.layer(word)

    def layer(self, word: str) -> None:
        name, rest = word.split("(")
        numbers, flags = rest.split(")")
        self.applied[name] += 1
        application = self.applied[name] if name in self.repeated else 0
        spiking = self.target is Target.SNN and flags[-1:] in ("L", "I")
        if not spiking and self.train:
            self.integrate()
        if name.startswith("FC") and isinstance(self.shapes[self.last], Map):
            self.then(NodeId(f"{name}.flatten"), Flatten())
        self.then(NodeId(name, application), _weighted(name, numbers, bias="b" in flags))
        if "n" in flags:
            channels = self.shapes[self.last].channels
            self.then(NodeId(f"{name}.bn", application), BatchNorm(WeightId(f"{name}.bn"), channels))
        if spiking and not self.train:
            self.encode("hold")
        if flags[-1:] in ("L", "I", "R"):
            leak = 1.0 if flags[-1] == "I" else 0.95
            unit = Spiking(leak, 1.0) if spiking else Relu()
            self.then(NodeId(f"{name}.neuron", application), Neuron(StateId(name, application), unit))


def _weighted(name: str, numbers: str, *, bias: bool) -> Conv | Linear:
    if name.startswith("FC"):
        inputs, outputs = map(int, numbers.split(","))
        return Linear(WeightId(name), inputs, outputs, bias)
    inputs, outputs, window = numbers.split(",")
    kernel, stride, *padding = (int(number) for number in window.replace("p", "/").split("/"))
    pad = padding[0] if padding else kernel // 2
    return Conv(WeightId(name), int(inputs), int(outputs), kernel, stride, pad, bias=bias)


def build(
    words: str,
    image: tuple[int, int, int] = (3, 32, 32),
    *,
    target: Target = Target.SNN,
    timesteps: int = 25,
    encode: str = "poisson",
    name: str = "Net",
) -> Program:
    """Return one twin of a chain, unrolled and timed."""
    return Program(name, target, timesteps, Graph(Chain(words, image, target, encode).nodes))


@pytest.fixture(name="build")
def build_fixture():
    return build


@pytest.fixture
def twins():
    """Build both twins of a chain: the spiking one, then the artificial one."""

    def both(words: str, image: tuple[int, int, int] = (3, 32, 32), **options) -> tuple[Program, Program]:
        snn = build(words, image, **options)
        ann = build(words, image, **{**options, "target": Target.ANN})
        return snn, ann

    return both


VGG5 = (
    "Conv1(3,64,3/1)L Conv2(64,64,3/1)L P2/2 Conv3(64,64,3/1)L Conv4(64,64,3/1)L P2/2 "
    "FC1(4096,512)L FC2(512,10)"
)
VGG3X2 = VGG5.replace("Conv4", "Conv3")
VGG9 = (
    "Conv1(3,64,3/1)R Conv2(64,64,3/1)R P2/2 Conv3(64,128,3/1)L Conv4(128,128,3/1)L P2/2 "
    "Conv5(128,256,3/1)L Conv6(256,256,3/1)L Conv7(256,256,3/1)L P2/2 FC1(4096,1024)L FC2(1024,10) stochmax"
)
VGG13 = (
    "Conv1(3,64,3/1)R Conv2(64,64,3/1)R P2/2 Conv3(64,128,3/1)R Conv4(128,128,3/1)R P2/2 "
    "Conv5(128,256,3/1)R Conv6(256,256,3/1)R P2/2 Conv7(256,512,3/1)L Conv8(512,512,3/1)L P2/2 "
    "Conv9(512,512,3/1)R Conv10(512,512,3/1)R P2/2 FC1(25088,4096)R FC2(4096,4096)R FC3(4096,1000)"
)


@pytest.fixture
def words() -> dict[str, str]:
    """The chains of some of the paper's networks: Tables IX, XV and XVII."""
    return {"vgg5": VGG5, "vgg3x2": VGG3X2, "vgg9": VGG9, "vgg13": VGG13}
