"""Names and constants are asked again where they become code."""

from __future__ import annotations

import ast
from dataclasses import replace

import pytest
import torch
from renamed import renamed

from snnc.backends.torch.build import build
from snnc.backends.torch.constants import real, whole, word
from snnc.backends.torch.names import RESERVED, RUNTIME, TORCH, Variables, layer_attribute, part_attribute
from snnc.backends.torch.printer import print_module
from snnc.driver import loads
from snnc.ir.graph import Node
from snnc.ir.ids import WeightId
from snnc.ir.ops import Conv, Neuron, Spiking
from snnc.ir.program import Target

TEXT = """
network Tame
input 2x4x4
Input - Conv1(2,2,3x3/1) - BN - Dropout(0.1) - [Conv2(2,2,3x3/1)] repeated 2 times - FC1(32,2)
"""

NO_IDENTIFIERS = (
    "",
    " ",
    "a b",
    "1",
    "x; import os",
    "Conv1; import os",
    "x\nimport os",
    "Conv1\n",
    'x"""',
    "x'",
    "__class__",
    "_x",
    "lambda",
    "None",
    "Ünïcode1",
    "ﬁ1",  # NFKC makes it fi1
    "Conv\u0661",
    "Conv1#",
    "Conv-1",
    "a.Conv1",
    "\u202eConv1",
    "Conv\0001",
    "self.x=1",
)
NO_LAYERS = ("Conv", "Conv1_lif", "bfloat16", "forward", "train", "children", "T", "timesteps", "x1", "nn1")

PROGRAMS = {target: loads(TEXT).twin(target).folded for target in Target}


@pytest.mark.parametrize("target", Target)
@pytest.mark.parametrize("name", NO_IDENTIFIERS)
def test_a_network_named_by_no_identifier_is_refused(target: Target, name: str) -> None:
    with pytest.raises(ValueError, match="no name that can be printed"):
        print_module(replace(PROGRAMS[target], name=name))


@pytest.mark.parametrize("layer", ["Conv1", "Conv2", "FC1"])
@pytest.mark.parametrize("target", Target)
@pytest.mark.parametrize("name", NO_IDENTIFIERS + NO_LAYERS)
def test_what_is_no_layers_name_is_refused(target: Target, name: str, layer: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        print_module(renamed(PROGRAMS[target], layer, name))


@pytest.mark.parametrize("target", Target)
@pytest.mark.parametrize("name", ["CONV1", "fc7", "import_Conv1", "Conv1_Conv1", "x_Conv0009"])
def test_another_name_changes_names_alone(target: Target, name: str) -> None:
    """The syntax tree is that of the tame one once the names are put back."""
    tame, other = (print_module(one) for one in (PROGRAMS[target], renamed(PROGRAMS[target], "Conv1", name)))
    assert other != tame
    assert ast.dump(ast.parse(other.replace(name, "Conv1"))) == ast.dump(ast.parse(tame))


@pytest.mark.parametrize("name", sorted(RUNTIME | TORCH | {"range", "super", "int"}))
def test_a_network_named_like_what_its_module_uses_gets_an_underscore(name: str) -> None:
    source = print_module(replace(PROGRAMS[Target.SNN], name=name))
    assert f"class {name}_(SpikingNetwork):" in source
    assert build(source, name)(torch.zeros(1, 2, 4, 4)).shape == (1, 2)


@pytest.mark.parametrize("name", ["SpikingNeurons", "scan", "Neuron", "fire", "KERNELS", "Any", "math"])
def test_a_standalone_network_does_not_hide_the_runtime(name: str) -> None:
    source = print_module(replace(PROGRAMS[Target.SNN], name=name), standalone=True)
    defined = [node.name for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    assert defined[-1] == f"{name}_"
    assert len(set(defined)) == len(defined)
    assert build(source, f"{name}_")(torch.zeros(1, 2, 4, 4)).shape == (1, 2)


@pytest.mark.parametrize("value", [1.5, "1", True, None, "0); import os"])
def test_a_size_is_a_whole_number(value: object) -> None:
    with pytest.raises(ValueError, match="whole number"):
        whole(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), "1.0", True, None])
def test_a_constant_is_finite(value: object) -> None:
    with pytest.raises(ValueError, match="finite"):
        real(value)


@pytest.mark.parametrize("value", [0.1, 1e-300, 5e-324, 1 / 3, 7])
def test_a_constant_reads_back_as_itself(value: float) -> None:
    assert float(real(value)) == value


def test_an_option_is_one_of_the_words() -> None:
    assert word("zero") == '"zero"'
    with pytest.raises(ValueError, match="option"):
        word('zero", x=print("')


@pytest.mark.parametrize("threshold", [float("nan"), float("inf"), "1"])
def test_a_program_with_such_a_constant_is_refused(threshold: object) -> None:
    def rule(node: Node, _operands: tuple[Node, ...]) -> tuple[Node, ...]:
        if isinstance(node.op, Neuron):
            return (replace(node, op=replace(node.op, unit=Spiking(0.9, threshold))),)
        return (node,)

    program = PROGRAMS[Target.SNN]
    with pytest.raises(ValueError, match="finite"):
        print_module(replace(program, graph=program.graph.rewrite(rule)))


def test_one_attribute_cannot_be_two_layers() -> None:
    def rule(node: Node, _operands: tuple[Node, ...]) -> tuple[Node, ...]:
        if isinstance(node.op, Conv):
            return (replace(node, op=replace(node.op, weight=WeightId("Conv1"))),)
        return (node,)

    program = loads("input 2x4x4\nInput - Conv1(2,2,3x3/1) - Conv2(2,4,3x3/1) - FC1(64,2)\n").ann_twin.folded
    with pytest.raises(ValueError, match="Conv1 would be both"):
        print_module(replace(program, graph=program.graph.rewrite(rule)))


def test_variables_never_hide_what_is_imported() -> None:
    variables = Variables()
    names = [variables.new(hint) for hint in ("torch", "conv1", "conv1", "x", "conv1_2", "hold", "step")]
    assert len(set(names) | RESERVED) == len(names) + len(RESERVED)


def test_a_part_is_named_after_its_layer() -> None:
    assert part_attribute("Block_FC12.bn") == f"{layer_attribute('Block_FC12')}_bn" == "Block_FC12_bn"
