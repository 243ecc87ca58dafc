"""Take a presentation in blocks of time: what a layer must remember goes from block to block.

A layer that has a memory asks :func:`carried` whether it sees a whole presentation or a block of one.
Whoever cuts a presentation into blocks holds the memory; a module never does.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from snnc.nn.neuron import Neuron, initial_state
from snnc.nn.scan import (
    Kernel,
    from_rows,
    kernel_for,
    memory_order,
    refuse_current,
    threshold_row,
    to_rows,
)

State = tuple[Tensor, ...]


@dataclass
class Carried:
    """What the layers of one presentation remember, in the order in which they are called.

    ``before`` is what the last block left, empty for the first; ``after`` is what this one leaves.
    ``closed`` says that the mean over time was taken, so that no neuron may follow.
    """

    before: Sequence[State] = ()
    after: list[State] = field(default_factory=list)
    closed: bool = False

    def take(self) -> State | None:
        """Return what the layer that is called now left in the last block; None in the first.

        Raises ``RuntimeError`` behind a mean over time.
        """
        if self.closed:
            raise RuntimeError(
                "this network cannot be fed step by step: neurons read a mean over all steps, "
                "which is not known before the last"
            )
        return self.before[len(self.after)] if self.before else None

    def leave(self, *state: Tensor) -> None:
        """Remember this for the same layer in the next block."""
        self.after.append(state)


_CARRIED: ContextVar[Carried | None] = ContextVar("carried", default=None)


def carried() -> Carried | None:
    """Return the memory of the presentation of which a block runs; None where it runs as a whole."""
    return _CARRIED.get()


@contextmanager
def carrying(memory: Carried) -> Iterator[None]:
    """Run a block of a presentation with this memory."""
    token = _CARRIED.set(memory)
    try:
        yield
    finally:
        _CARRIED.reset(token)


def scan_block(current: Tensor, neuron: Neuron, state: State | None = None) -> tuple[Tensor, State]:
    """Return what :func:`snnc.nn.scan.scan` does for a block of steps, and the state to go on from.

    The spikes are those of the presentation as a whole, bit for bit, and gradients go through the
    state. It is V after the last step, for neurons with a refractory period the steps still to rest,
    and for those that fire with a delay the spikes that are due; None stands for the beginning.

    Shapes: ``current`` and the spikes ``[t, B, ...]``; V, rests and spikes due ``[B, ...]``.
    """
    refuse_current(current)
    kernel = kernel_for(current)
    current = current if torch.is_grad_enabled() else current.detach()  # keep no potentials then
    potential, *others = state or _beginning(current, neuron)
    rest = others.pop(0) if neuron.refractory else torch.zeros_like(potential, dtype=torch.int32)
    fired, potential, rest = _ScanBlock.apply(current, potential, rest, neuron, kernel)
    after = (potential, rest) if neuron.refractory else (potential,)
    if not neuron.delay:
        return fired, after
    return torch.cat((others[0][None], fired[:-1])), (*after, fired[-1])


def _beginning(current: Tensor, neuron: Neuron) -> State:
    start = initial_state(current[0], neuron)
    due = (torch.zeros_like(current[0], requires_grad=False),) if neuron.delay else ()
    return start.potential, *(() if start.rest is None else (start.rest,)), *due


class _ScanBlock(torch.autograd.Function):
    """The loop of a kernel from a given state, as one differentiable operation."""

    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401
        current: Tensor,
        potential: Tensor,
        rest: Tensor,
        neuron: Neuron,
        kernel: Kernel,
    ) -> tuple[Tensor, Tensor, Tensor]:
        order = memory_order(current)
        threshold, rows = threshold_row(current, neuron, order), to_rows(current, order)
        state = (_row(potential, order).clone(), _row(rest, order).clone())
        keep = any(ctx.needs_input_grad[:2])
        spikes, potentials = kernel.forward(rows, threshold, neuron, keep=keep, state=state)
        ctx.save_for_backward(potentials, threshold)
        ctx.neuron, ctx.kernel, ctx.order = neuron, kernel, order
        ctx.set_materialize_grads(False)
        potential, rest = (from_rows(one, current.shape[1:], _behind(order)) for one in state)
        ctx.mark_non_differentiable(rest)
        ctx.shape, ctx.dtype = current.shape, current.dtype
        return from_rows(spikes, current.shape, order), potential, rest

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any,  # noqa: ANN401
        gradient: Tensor | None,
        later: Tensor | None,
        _rest: None,
    ) -> tuple[Tensor | None, ...]:
        potentials, threshold = ctx.saved_tensors
        shape, order = ctx.shape, ctx.order
        none = torch.zeros((), dtype=ctx.dtype, device=potentials.device).expand(shape)
        rows = to_rows(none if gradient is None else gradient, order)
        edge = (
            torch.zeros_like(potentials[0], dtype=threshold.dtype)
            if later is None
            else _row(later, order).clone()
        )
        result = ctx.kernel.backward(rows, potentials, threshold, ctx.neuron, carried=edge)
        start = from_rows(edge, shape[1:], _behind(order)) if ctx.needs_input_grad[1] else None
        return from_rows(result, shape, order), start, None, None, None


def _row(x: Tensor, order: tuple[int, ...]) -> Tensor:
    """Return the state ``[B, ...]`` of neurons as a row ``[N]``."""
    return to_rows(x[None], order)[0]


def _behind(order: tuple[int, ...]) -> tuple[int, ...]:
    """Return an order of axes without the one of time, which is the first."""
    return tuple(axis - 1 for axis in order[1:])
