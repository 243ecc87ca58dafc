"""Program -> the source of a plain `nn.Module`, as a person would have written it.

Prints from a folded, timed graph: loops stay loops, what does not change over time is computed
once, and every line says its value's shape. The source depends on the program alone: no time stamp,
no path, no text of the spec but names. Printing needs no torch.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from snnc import __version__
from snnc.analysis.timing import Time
from snnc.backends.torch.constants import whole
from snnc.backends.torch.declare import declarations
from snnc.backends.torch.forward import forward_lines
from snnc.backends.torch.imports import NETWORK, Import, import_lines
from snnc.backends.torch.layout import INDENT, statement
from snnc.backends.torch.names import RUNTIME, class_name
from snnc.backends.torch.remarks import shape_text
from snnc.backends.torch.runtime import Excerpt, excerpt
from snnc.backends.torch.schedule import split, widest
from snnc.backends.torch.start import start_lines
from snnc.ir.facts import Fact
from snnc.ir.graph import Graph, Node
from snnc.ir.ops import Classify, Encode, Input
from snnc.ir.program import Program, Target

_METHOD = INDENT * 2


@dataclass(frozen=True)
class Torch:
    """The PyTorch back end; ``standalone`` puts the runtime into the module, so that it needs torch alone."""

    standalone: bool = False

    name: ClassVar[str] = "torch"
    needs: ClassVar[frozenset[Fact]] = frozenset(
        {Fact.SKIPS_RESOLVED, Fact.TWIN_CHOSEN, Fact.SHAPED, Fact.PEELED, Fact.TIMED}
    )
    suffix: ClassVar[str] = ".py"

    def __call__(self, program: Program) -> str:
        """Return the module's source."""
        return print_module(program, standalone=self.standalone)


def print_module(program: Program, *, standalone: bool = False) -> str:
    """Return the source of one twin of a network.

    Raises `ValueError` for a name or a constant that cannot be printed and for a graph that is not
    finished: faults of the compiler, since the front end lets neither through.
    """
    body = "\n".join(_class_body(program, standalone=standalone))
    base = "SpikingNetwork" if _encodes(program.graph) else "nn.Module"
    used = _names(f"class _({base}):\n{body}")
    runtime = excerpt(used & RUNTIME) if standalone else Excerpt((), tuple(_runtime_imports(used)))
    name = class_name(program.name, runtime.names)
    imports = import_lines([*runtime.imports, *(one for one in NETWORK if one.bound in used)])
    head = "\n".join([*_docstring(program, name, standalone=standalone), *imports])
    blocks = [*(one.text for one in runtime.definitions), f"class {name}({base}):\n{body}"]
    gap = "\n\n\n" if blocks[0].startswith(("class ", "def ", "@")) else "\n\n"
    return head + gap + "\n\n\n".join(blocks) + "\n"


def _names(source: str) -> frozenset[str]:
    """Return the names that a class uses; its layers are those of `nn`."""
    names = (node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name))
    return frozenset({"nn", *names})


def _runtime_imports(used: frozenset[str]) -> Iterator[Import]:
    return (Import(name, "snnc.nn", name) for name in used & RUNTIME)


def _docstring(program: Program, name: str, *, standalone: bool) -> Iterator[str]:
    twin = "artificial" if program.target is Target.ANN else "spiking"
    summary = f'"""The {twin} twin of {name}, written by snnc {__version__}.'
    if standalone:
        yield summary
        yield ""
        yield "It needs torch and nothing else: what it uses of snnc stands before the network, under the"
        yield "Apache License 2.0."
        yield '"""'
    else:
        yield f'{summary}"""'
    yield ""


def _class_body(program: Program, *, standalone: bool) -> Iterator[str]:
    graph = program.graph
    yield from _class_docstring(program)
    yield ""
    if _encodes(graph):
        remark = "the values of its largest layer, per image and step: how much of it stays in the cache"
        yield from statement(f"widest = {widest(graph):_}", INDENT, remark)
        yield ""
    yield from _constructor(program)
    for declaration in declarations(graph, lean=not standalone):
        yield from statement(declaration.code, _METHOD, declaration.comment)
    yield from start_lines(graph, _METHOD)
    yield ""
    lines, methods = split(*forward_lines(graph, _METHOD), _METHOD)
    yield f"{INDENT}def forward(self, image: Tensor{_target(program)}) -> Tensor:"
    yield from lines
    for method in methods:
        yield ""
        yield from method.printed(INDENT, _METHOD)


def _constructor(program: Program) -> Iterator[str]:
    if program.target is Target.ANN:
        yield f"{INDENT}def __init__(self) -> None:"
        yield f"{_METHOD}super().__init__()"
        return
    timesteps, bound = f"timesteps: int = {whole(program.timesteps)}", "memory: int | str | None = None"
    yield from statement(f"def __init__(self, {timesteps}, {bound}) -> None:", INDENT)
    if _encodes(program.graph):
        yield f"{_METHOD}super().__init__(timesteps, memory)"
        return
    yield f"{_METHOD}super().__init__()"
    idle = "nothing here spikes, so they change nothing"
    yield from statement("self.timesteps, self.memory = timesteps, memory", _METHOD, idle)


def _class_docstring(program: Program) -> Iterator[str]:
    image, scores = (
        shape_text(node.shape, Time.STATIC) for node in (_input(program.graph), program.graph.output)
    )
    bounds = " in [-1, 1]" if _is_rate_coded(program.graph) else ""
    twin = "Artificial" if program.target is Target.ANN else "Spiking"
    summary = f"{twin} twin. Image {image}{bounds} -> class scores {scores}."
    if not _is_stochmax(program):
        yield f'{INDENT}"""{summary}"""'
        return
    yield f'{INDENT}"""{summary}'
    yield ""
    yield f"{INDENT}With ``target``, the classes [B] to learn, it returns the loss to minimise instead."
    yield f'{INDENT}"""'


def _target(program: Program) -> str:
    return ", target: Tensor | None = None" if _is_stochmax(program) else ""


def _is_stochmax(program: Program) -> bool:
    return isinstance(program.graph.output.op, Classify) and program.graph.output.op.head == "stochmax"


def _encodes(graph: Graph) -> bool:
    return any(isinstance(node.op, Encode) for node in graph.walk())


def _is_rate_coded(graph: Graph) -> bool:
    return any(node.op == Encode("poisson") for node in graph)


def _input(graph: Graph) -> Node:
    return next(node for node in graph if isinstance(node.op, Input))
