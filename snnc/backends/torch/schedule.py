"""Split ``forward`` at the trains: what changes over time becomes a method that is run tile by tile.

The layers keep the lines that they have. Which variables go into the method and come out of it is read
off these lines.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from snnc.analysis.timing import Time
from snnc.backends.torch.constants import call
from snnc.backends.torch.forward import Written
from snnc.backends.torch.layout import WIDTH, statement
from snnc.backends.torch.remarks import shape_text
from snnc.backends.torch.sites import sites
from snnc.ir.graph import Graph, Node
from snnc.ir.ops import Encode, Integrate, Repeat

LOCAL = frozenset({"image", "target"})


@dataclass(frozen=True)
class Method:
    """A method of the network: its name, the variables it takes, its lines, and what is still to return."""

    name: str
    takes: tuple[str, ...]
    gives: tuple[str, ...]
    lines: list[str]

    def printed(self, indent: str, inner: str) -> Iterator[str]:
        """Yield the method's source."""
        parameters = ", ".join(["self", *(f"{name}: Tensor" for name in self.takes)])
        result = "Tensor" if len(self.gives) < 2 else f"tuple[{', '.join(['Tensor'] * len(self.gives))}]"
        yield from statement(f"def {self.name}({parameters}) -> {result}:", indent)
        yield from self.lines
        if self.gives:
            yield f"{inner}return {', '.join(self.gives)}"


def split(layers: list[Written], tail: list[str], indent: str) -> tuple[list[str], list[Method]]:
    """Return the lines of ``forward`` and the methods that it calls, in order."""
    parts = [(spikes, list(part)) for spikes, part in groupby(layers, key=_is_tiled)]
    names = iter(_names(sum(spikes for spikes, _ in parts)))
    lines: list[str] = []
    methods: list[Method] = []
    times: dict[str, Time] = dict.fromkeys(LOCAL, Time.STATIC)
    for number, (spikes, part) in enumerate(parts):
        code = _code(part)
        if spikes:
            later = _wanted([line for _, rest in parts[number + 1 :] for line in _code(rest)] + tail)
            takes = tuple(name for name in _wanted(code) if name in times)
            gives = tuple(name for name in _assigned(code) if name in later)
            methods.append(_method(next(names), takes, gives, code, indent))
            lines += _called(methods[-1].name, takes, gives, times, part[-1].node, indent)
        else:
            lines += code
        times |= {layer.variable: layer.time for layer in part}
    return lines + tail, methods


def widest(graph: Graph) -> int:
    """Return the number of values of the largest train, per image and step."""
    return max(site.node.shape.size for site in sites(graph) if site.train and site.node.shape is not None)


def _is_tiled(layer: Written) -> bool:
    """Whether a layer can be run on some of the steps: it makes a train, and nothing in it sees all T."""
    if layer.time is Time.STATIC or isinstance(layer.node.op, Encode):
        return False
    return not (isinstance(layer.node.op, Repeat) and any(map(_sees_all, layer.node.op.body.walk())))


def _sees_all(node: Node) -> bool:
    return isinstance(node.op, Encode | Integrate)


def _names(count: int) -> list[str]:
    return ["spiking"] if count == 1 else [f"spiking{number}" for number in range(1, count + 1)]


def _method(
    name: str, takes: tuple[str, ...], gives: tuple[str, ...], code: list[str], indent: str
) -> Method:
    """Return a method that ends with a return: of what its last statement assigns, or of variables."""
    last = _statements(code)[-1]
    if isinstance(last, ast.Assign) and gives == (ast.unparse(last.targets[0]),):
        at = last.lineno - 1
        line = code[at].replace(f"{indent}{gives[0]} = ", f"{indent}return ", 1)
        above, below = code[:at], code[at + 1 :]
        fits = len(line) <= WIDTH or below or "  # " not in line
        returned = [line] if fits else [f"{indent}# {line.partition('  # ')[2]}", line.partition("  # ")[0]]
        return Method(name, takes, (), [*above, *returned, *below])
    return Method(name, takes, gives, code)


def _called(
    name: str,
    takes: tuple[str, ...],
    gives: tuple[str, ...],
    times: dict[str, Time],
    last: Node,
    indent: str,
) -> list[str]:
    """Return the line of ``forward`` that runs a method; a network may end with it."""
    trains = (one if times[one] is Time.TRAIN else call("hold", one, "self.timesteps") for one in takes)
    code = call("self.in_tiles", f"self.{name}", *trains)
    whole = f"{', '.join(gives)} = {code}" if gives else f"return {code}"
    return statement(whole, indent, shape_text(last.shape, Time.TRAIN))


def _code(layers: Iterable[Written]) -> list[str]:
    return [line for layer in layers for line in layer.lines]


def _statements(lines: list[str]) -> list[ast.stmt]:
    return ast.parse(textwrap.dedent("\n".join(lines))).body


def _wanted(lines: list[str]) -> list[str]:
    """Return the variables that lines read before they assign them, in order of their first use."""
    known: set[str] = set()
    found: dict[str, None] = {}
    for one in _statements(lines):
        names = [node for node in ast.walk(one) if isinstance(node, ast.Name)]
        read = sorted(
            (n for n in names if isinstance(n.ctx, ast.Load)), key=lambda n: (n.lineno, n.col_offset)
        )
        inside = {one.target.id} if isinstance(one, ast.For) and isinstance(one.target, ast.Name) else set()
        found |= dict.fromkeys(node.id for node in read if node.id not in known | inside)
        known |= {node.id for node in names if isinstance(node.ctx, ast.Store)}
    return list(found)


def _assigned(lines: list[str]) -> list[str]:
    """Return the variables that lines assign, in order."""
    names = (node for one in _statements(lines) for node in ast.walk(one) if isinstance(node, ast.Name))
    return list(dict.fromkeys(node.id for node in names if isinstance(node.ctx, ast.Store)))
