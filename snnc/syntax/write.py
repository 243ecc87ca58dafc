"""Write single nodes of the tree as text: one spelling for each, the paper's where it has one."""

from __future__ import annotations

from snnc.syntax.tree import (
    Activation,
    BackRes,
    BatchNorm,
    Constant,
    Conv,
    Dropout,
    Int,
    Layer,
    Linear,
    Name,
    Pool,
    Printed,
    Real,
    Shape,
    Skip,
    Unit,
    Use,
    Window,
)

KINDS = {"relu": "ReLU", "if": "IF", "lif": "LIF", "identity": "identity"}


def layer(node: Layer) -> str:
    """Return ``Conv1(3,64,3x3/1)``, ``Pool(2x2/2)``, ``ReLU|LIF``."""
    match node:
        case Conv():
            return conv(node)
        case Linear():
            return f"{node.name.value}({node.inputs.value},{node.outputs.value}{',bias' * node.bias})"
        case Pool():
            return pool(node)
        case BatchNorm():
            return "BN"
        case Dropout():
            return f"Dropout({number(node.probability)})"
        case Activation():
            return activation(node)


def conv(node: Conv) -> str:
    """Return ``Conv1(3,64,3x3/1,pad=0,bias)``."""
    options = [
        f",{name}={value.value}"
        for name, value in (("pad", node.padding), ("groups", node.groups), ("dilation", node.dilation))
        if value is not None
    ]
    sizes = f"{node.inputs.value},{node.outputs.value},{window(node.window)}"
    return f"{node.name.value}({sizes}{''.join(options)}{',bias' * node.bias})"


def pool(node: Pool) -> str:
    """Return ``Pool(2x2/2)``, ``MaxPool(3x3/2)`` or ``GlobalPool``."""
    if node.window is None:
        return "GlobalPool"
    return f"{'MaxPool' if node.mode.value == 'max' else 'Pool'}({window(node.window)})"


def window(node: Window) -> str:
    """Return ``3x3/1``."""
    return f"{node.height.value}x{node.width.value}/{node.stride.value}"


def activation(node: Activation) -> str:
    """Return ``ReLU|LIF(leak=0.9)``."""
    return "|".join(unit(one) for one in (node.ann, node.snn) if one is not None)


def unit(node: Unit) -> str:
    """Return ``LIF(leak=0.9, threshold=1)``."""
    constants = ", ".join(map(constant, node.constants))
    return KINDS[node.kind.value] + (f"({constants})" if constants else "")


def constant(node: Constant) -> str:
    """Return ``leak=0.9``."""
    value = node.value.value if isinstance(node.value, Name) else number(node.value)
    return f"{node.name.value}={value}"


def number(node: Int | Real) -> str:
    """Return a number as short as it can be read back."""
    return repr(node.value)


def shape(node: Shape) -> str:
    """Return ``3x32x32``."""
    return f"{node.channels.value}x{node.height.value}x{node.width.value}"


def repeated(times: Int, keep: Name | None) -> str:
    """Return ``repeated 2 times keep mean``."""
    return f"repeated {times.value} times" + (f" keep {keep.value}" if keep else "")


def backres(node: BackRes) -> str:
    """Return ``[Conv2 - Conv3] repeated 2 times``."""
    names = " - ".join(name.value for name in node.names)
    return f"[{names}] {repeated(node.times, node.keep)}"


def skip(node: Skip) -> str:
    """Return ``Input-to-Conv2 tile``."""
    return f"{node.origin.value}-to-{node.target.value}" + (f" {node.mode.value}" if node.mode else "")


def printed(node: Printed) -> str:
    """Return ``FC1(2048,512) "Table III"``."""
    return layer(node.layer) + (f' "{node.reason.value}"' if node.reason else "")


def use(node: Use) -> str:
    """Return ``"convnn_72.spec" as ConvNN``."""
    return f'"{node.path.value}" as {node.name.value}'
