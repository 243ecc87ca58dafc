"""The lines of ``forward``: one per layer, loops as loops, the shape of each value beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from snnc.analysis.timing import Time
from snnc.backends.torch.declare import dropout_attributes, narrow_attribute
from snnc.backends.torch.expression import expression
from snnc.backends.torch.layout import INDENT, statement
from snnc.backends.torch.loops import Place, loop, variable_names
from snnc.backends.torch.names import Variables, variable_hint
from snnc.backends.torch.remarks import group_remark, line_remark, shape_text
from snnc.backends.torch.scope import Scope
from snnc.backends.torch.sites import applications, own_module
from snnc.ir.graph import Graph, Node
from snnc.ir.ids import NodeId, WeightId
from snnc.ir.ops import Carry, Conv, Dropout, Input, Linear, Narrow, Repeat


@dataclass(frozen=True)
class Written:
    """The lines of one layer of ``forward``: its node, and the variable with the shape of its value."""

    node: Node
    lines: list[str]
    time: Time
    variable: str


def forward_lines(graph: Graph, indent: str) -> tuple[list[Written], list[str]]:
    """Return the lines of ``forward`` for a folded, timed graph: layer by layer, then what is left to say."""
    total = applications(graph)
    writer = _Writer(total, {name: Place() for name in total}, dropout_attributes(graph))
    scope = Scope.of(graph, indent)
    writer.write(scope)
    ends = [*writer.starts[1:], writer.tail]
    layers = [
        Written(node, writer.lines[start:end], scope.known[node.id], scope.variables.get(node.id, "x"))
        for node, start, end in zip(scope.plan.lines, writer.starts, ends, strict=True)
    ]
    return layers, writer.lines[writer.tail :]


@dataclass
class _Writer:
    """Writes lines in execution order.

    ``total`` is the length of each list of modules, ``places`` where its next one stands;
    ``opening`` are the narrowings that a loop does at its start. ``starts`` are the lines at which the
    layers of the network begin, ``tail`` where they end.
    """

    total: Mapping[str, int]
    places: dict[str, Place]
    dropouts: Mapping[tuple[str, bool], str]
    lines: list[str] = field(default_factory=list)
    variables: Variables = field(default_factory=Variables)
    opening: set[NodeId] = field(default_factory=set)
    starts: list[int] = field(default_factory=list)
    tail: int = 0

    def write(self, scope: Scope) -> None:
        """Write a scope: the network returns its value, a body leaves it in ``x``."""
        self._begin(scope)
        for node, following in zip(scope.plan.lines, (*scope.plan.lines[1:], None), strict=True):
            if not scope.body:
                self.starts.append(len(self.lines))
            if isinstance(node.op, Repeat):
                self._group(scope, node, node.op)
            elif _opens(node, following):
                self.opening.add(node.id)
                scope.variables[node.id] = scope.variable(node.operands[0])
            else:
                self._line(scope, node)
        self.tail = len(self.lines)
        self._end(scope)

    def _begin(self, scope: Scope) -> None:
        for node in scope.graph:
            if isinstance(node.op, Input):
                scope.variables[node.id] = "image"
            elif isinstance(node.op, Carry):
                self._keep(scope, node, "carried")

    def _end(self, scope: Scope) -> None:
        last = scope.plan.lines[-1] if scope.plan.lines else None
        value = scope.variables.get(scope.result, "x")
        if scope.body and value != "x":
            self._statement(scope, f"x = {value}")
        elif not scope.body and (last is None or isinstance(last.op, Repeat)):
            self._statement(scope, f"return {value}")

    def _keep(self, scope: Scope, node: Node, hint: str) -> None:
        """Give the value that is in ``x`` a name of its own if it needs one."""
        scope.variables[node.id] = "x"
        if node.id in scope.plan.named:
            scope.variables[node.id] = self.variables.new(hint)
            self._statement(scope, f"{scope.variables[node.id]} = x")

    def _statement(self, scope: Scope, code: str, comment: str = "") -> None:
        self.lines += statement(code, scope.indent, comment)

    def _line(self, scope: Scope, node: Node) -> None:
        code, comment = self._expression(scope, node), line_remark(scope, node)
        if node.id == scope.result and not scope.body:
            self._statement(scope, f"return {code}", comment)
            return
        named = node.id in scope.plan.named
        scope.variables[node.id] = self.variables.new(variable_hint(node)) if named else "x"
        self._statement(scope, f"{scope.variables[node.id]} = {code}", comment)

    def _expression(self, scope: Scope, node: Node) -> str:
        operands = tuple(self._operand(scope, scope.value(operand)) for operand in node.operands)
        if isinstance(node.op, Conv | Linear):
            scope.ran.add(node.op.weight)
        return expression(node, operands, train=scope.takes_train(node), own=self._own(scope, node))

    def _operand(self, scope: Scope, value: Node) -> str:
        inside = value.id in scope.plan.inlined
        return self._expression(scope, value) if inside else scope.variables[value.id]

    def _own(self, scope: Scope, node: Node) -> str:
        """Return how to get at the module that is this application's own, and go on to the next."""
        if isinstance(node.op, Dropout):
            return f"self.{self.dropouts[node.id.name, scope.takes_train(node)]}"
        name = own_module(node)
        if name is None or name in scope.direct:
            return scope.direct[name] if name else ""
        place = self.places[name]
        self.places[name] = place.after(1)
        return f"self.{name}" if self.total[name] == 1 else f"self.{name}[{place}]"

    def _group(self, scope: Scope, node: Node, repeat: Repeat) -> None:
        """Write a group: its input in ``x``, the loop, its value in ``x``."""
        if (given := scope.variable(node.operands[0])) != "x":
            self._statement(scope, f"x = {given}")
        weights = _weights(repeat)
        remark = group_remark(repeat, more=not scope.ran.isdisjoint(weights))
        if repeat.times == 1:
            self.lines.append(f"{scope.indent}# {remark}")
            self.write(scope.inner(node, repeat, None))
        else:
            self._loop(scope, node, repeat, remark)
        scope.ran.update(weights)
        self._keep(scope, node, variable_hint(node))

    def _loop(self, scope: Scope, node: Node, repeat: Repeat, remark: str) -> None:
        applied, before = applications(repeat.body), dict(self.places)
        opens = node.operands[0] in self.opening
        names = scope.loops or variable_names(repeat.body)
        asks = repeat.narrow is not None and not opens
        head = loop(repeat.times, names, applied, before, self.total, asks=asks)
        self._statement(scope, head.code, remark)
        inner = scope.inner(node, repeat, head)
        if repeat.narrow is not None:
            self._narrow(inner, node, head.is_later if asks else "")
        self.places |= {name: before[name].inside(head, uses) for name, uses in applied.items()}
        self.write(inner)
        self.places |= {name: before[name].after(uses * repeat.times) for name, uses in applied.items()}

    def _narrow(self, scope: Scope, group: Node, condition: str) -> None:
        code, indent = f"x = self.{narrow_attribute(group.id.name)}(x)", scope.indent
        if condition:
            self._statement(scope, f"if {condition}:")
            indent += INDENT
        carried = next(node for node in scope.graph if isinstance(node.op, Carry))
        self.lines += statement(code, indent, shape_text(carried.shape, scope.known[carried.id]))


def _opens(node: Node, following: Node | None) -> bool:
    """Whether a loop narrows its first input as it does those of the later steps."""
    if following is None or not isinstance(node.op, Narrow) or not isinstance(following.op, Repeat):
        return False
    return following.op.narrow == node.op and following.op.times > 1 and following.operands[0] == node.id


def _weights(repeat: Repeat) -> set[WeightId]:
    return {node.op.weight for node in repeat.body.walk() if isinstance(node.op, Conv | Linear)}
