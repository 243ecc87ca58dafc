"""Run neurons over all time steps at once: a current ``[T, B, ...]`` to spikes ``[T, B, ...]``.

The loop over time is one operation of autograd with its derivative written out, so a layer costs
one node and one saved tensor (its potentials) rather than several per step. What runs the loop is
a :class:`Kernel`; the one here is plain torch, on any device. Nothing outlives the call but what
its caller carries on, and nothing here can be differentiated twice.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from snnc.nn.neuron import Neuron, Reset, initial_state, lif_step
from snnc.nn.surrogate import surrogate_slope

CACHED_VALUES = 65_536  # neurons per thread and block: the state and its temporaries fit in L2


Rows = tuple[Tensor, Tensor]  # V [N] in the dtype of the state, and the steps to rest [N] of int32


class Kernel(Protocol):
    """One way to run the loop over time, on currents laid out as rows ``[T, N]``.

    The methods get the threshold in the dtype of the state, one number ``[]`` or one per neuron
    ``[N]``. Within a row the values are adjacent; the rows lie any distance apart, also none.
    """

    @property
    def name(self) -> str:
        """What to call it in a report."""

    def takes(self, current: Tensor) -> bool:
        """Tell whether this kernel can run a current of this device and dtype."""

    def forward(
        self, current: Tensor, threshold: Tensor, neuron: Neuron, *, keep: bool, state: Rows | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return the spikes and, where they are to be kept, the potentials before each reset.

        Where a neuron rests its potential is noted as -inf: no spike, no slope, and the mark by
        which :meth:`backward` knows. ``state`` is that before the first row and is overwritten by
        that after the last; without one V starts from ``initial`` v.
        """

    def backward(
        self,
        gradient: Tensor,
        potentials: Tensor,
        threshold: Tensor,
        neuron: Neuron,
        *,
        carried: Tensor | None = None,
    ) -> Tensor:
        """Return the gradient for the current, given that for the spikes, in the same dtype.

        ``carried`` [N] is the gradient for V after the last row and is overwritten by that for V
        before the first; without it the one is 0 and the other is not asked for.
        """


class TorchKernel:
    """Plain torch, block by block of neurons, so that the state of a block stays in the cache."""

    name = "torch"

    def takes(self, current: Tensor) -> bool:
        return True

    def forward(
        self, current: Tensor, threshold: Tensor, neuron: Neuron, *, keep: bool, state: Rows | None = None
    ) -> tuple[Tensor, Tensor]:
        """Run :func:`snnc.nn.neuron.lif_step` over the rows, in place."""
        spikes = torch.empty(current.shape, dtype=current.dtype, device=current.device)
        potentials = spikes.new_empty(current.shape if keep else (0, 0), dtype=threshold.dtype)
        state = state or _fresh_rows(current, threshold, neuron)
        for block in _blocks(current):
            v = threshold[block] if threshold.dim() else threshold
            rows = potentials[:, block] if keep else _one_row(spikes[:, block], threshold.dtype)
            start = (state[0][block], state[1][block])
            _forward_block(current[:, block], spikes[:, block], rows, start, v, neuron)
        return spikes, potentials

    def backward(
        self,
        gradient: Tensor,
        potentials: Tensor,
        threshold: Tensor,
        neuron: Neuron,
        *,
        carried: Tensor | None = None,
    ) -> Tensor:
        """Run the adjoint of the loop, from the last row to the first."""
        result = torch.empty(gradient.shape, dtype=gradient.dtype, device=gradient.device)
        carried = torch.zeros_like(potentials[0]) if carried is None else carried
        for block in _blocks(gradient):
            v = threshold[block] if threshold.dim() else threshold
            rows = (gradient[:, block], potentials[:, block], result[:, block])
            _backward_block(*rows, carried[block], v, neuron)
        return result


KERNELS: list[Kernel] = [TorchKernel()]  # the fastest first; a compiled one may be put in front


def kernel_for(current: Tensor) -> Kernel:
    """Return the fastest kernel that takes this current."""
    return next(kernel for kernel in KERNELS if kernel.takes(current))


def _blocks(rows: Tensor) -> Iterator[slice]:
    neurons = rows.shape[1]
    size = CACHED_VALUES * torch.get_num_threads() if rows.device.type == "cpu" else neurons
    return (slice(start, start + size) for start in range(0, neurons, size or 1))


def _one_row(like: Tensor, dtype: torch.dtype) -> Tensor:
    """Return rows that all are the same memory, for potentials that nobody will read again."""
    return like.new_empty((1, like.shape[1]), dtype=dtype).expand(like.shape)


def _fresh_rows(current: Tensor, threshold: Tensor, neuron: Neuron) -> Rows:
    """Return the state before the first step of a current ``[T, N]``: V = ``initial`` v, none rests."""
    state = torch.zeros(current.shape[1:], dtype=threshold.dtype, device=current.device)
    return state.add_(threshold * neuron.initial), torch.zeros_like(state, dtype=torch.int32)


def _forward_block(
    current: Tensor, spikes: Tensor, potentials: Tensor, start: Rows, v: Tensor, neuron: Neuron
) -> None:
    state, rest = start
    for incoming, potential, spike in zip(current, potentials, spikes, strict=True):
        torch.mul(state, neuron.leak, out=potential).add_(incoming)
        if neuron.refractory:
            potential.masked_fill_(rest > 0, -torch.inf)
        torch.ge(potential, v, out=spike)
        if neuron.refractory:
            state = torch.where(rest > 0, state, _after_reset(potential, spike, v, neuron.reset))
            rest = torch.where(spike > 0, neuron.refractory, rest.sub_(1).clamp_(min=0))
        else:
            state = _after_reset(potential, spike, v, neuron.reset)
    start[0].copy_(state)
    start[1].copy_(rest)


def _after_reset(potential: Tensor, spike: Tensor, v: Tensor, reset: Reset) -> Tensor:
    match reset:
        case "subtract":
            return torch.addcmul(potential, spike, v, value=-1)
        case "zero":
            return potential.masked_fill(spike > 0, 0)
        case "none":
            return potential


def _backward_block(
    gradient: Tensor, potentials: Tensor, result: Tensor, edge: Tensor, v: Tensor, neuron: Neuron
) -> None:
    """Carry λ = dL/dV backwards in time, from ``edge`` after the last row to ``edge`` before the first.

    λ[t] = g[t] dS/dV[t] + κ[t] α λ[t+1], where g is the gradient for the spikes and κ is 1, but
    0 where a spike set V to zero; dL/dI[t] = λ[t]. Over a rest λ passes as it is and I gets none.
    """
    carried = edge.clone()
    for t in reversed(range(potentials.shape[0])):
        potential = potentials[t]
        if neuron.reset == "zero":
            carried.masked_fill_(potential >= v, 0)
        carried.addcmul_(surrogate_slope(potential, v, neuron.gamma), gradient[t])
        result[t] = carried
        if neuron.refractory:
            rests = potential == -torch.inf
            result[t].masked_fill_(rests, 0)
            carried = torch.where(rests, carried, carried * neuron.leak)
        else:
            carried.mul_(neuron.leak)
    edge.copy_(carried)


def memory_order(current: Tensor) -> tuple[int, ...]:
    """Return the axes in the order in which they lie in memory: as numbered, or channels last."""
    maps = current[0]
    channels_last = maps.dim() == 4 and maps.is_contiguous(memory_format=torch.channels_last)
    if channels_last and not maps.is_contiguous():
        return (0, 1, 3, 4, 2)
    return tuple(range(current.dim()))


def to_rows(x: Tensor, order: tuple[int, ...]) -> Tensor:
    """Return ``[T, ...]`` as rows ``[T, N]``: a view where the memory allows one."""
    rows = x.permute(order).flatten(1)
    return rows if rows.shape[1] < 2 or rows.stride(1) == 1 else rows.contiguous()


def from_rows(rows: Tensor, shape: Sequence[int], order: tuple[int, ...]) -> Tensor:
    """Undo :func:`to_rows` for a tensor of this shape."""
    back = sorted(range(len(shape)), key=order.__getitem__)
    return rows.view([shape[axis] for axis in order]).permute(back)


def threshold_row(current: Tensor, neuron: Neuron, order: tuple[int, ...]) -> Tensor:
    """Return the threshold as a kernel takes it: one number, or one per neuron ``[N]``."""
    threshold = neuron.threshold_for(current[0])
    if threshold.dim() == 0:
        return threshold
    return to_rows(threshold.expand_as(current[0]).unsqueeze(0), order)[0]


class _Scan(torch.autograd.Function):
    """The loop of a kernel as one differentiable operation."""

    @staticmethod
    def forward(ctx: Any, current: Tensor, neuron: Neuron, kernel: Kernel) -> Tensor:  # noqa: ANN401
        order = memory_order(current)
        threshold = threshold_row(current, neuron, order)
        rows = to_rows(current, order)
        spikes, potentials = kernel.forward(rows, threshold, neuron, keep=ctx.needs_input_grad[0])
        ctx.save_for_backward(potentials, threshold)
        ctx.neuron, ctx.kernel, ctx.order = neuron, kernel, order
        return from_rows(spikes, current.shape, order)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:  # noqa: ANN401
        potentials, threshold = ctx.saved_tensors
        rows = to_rows(gradient, ctx.order)
        result = ctx.kernel.backward(rows, potentials, threshold, ctx.neuron)
        return from_rows(result, gradient.shape, ctx.order), None, None


def scan(  # noqa: PLR0913 - the constants of a neuron
    current: Tensor,
    threshold: float | Tensor = 1.0,
    *,
    leak: float = 0.95,
    reset: Reset = "subtract",
    refractory: int = 0,
    gamma: float = 0.3,
    delay: bool = False,
    initial: float = 0.0,
    kernel: Kernel | None = None,
) -> Tensor:
    """Return the spikes of leaky integrate-and-fire neurons over all time steps; Eqns (2)-(4).

    V <- α V + I;  S = [V >= v];  V <- V - v S, at every step, from V = ``initial`` v. The other
    constants are those of :class:`snnc.nn.neuron.Neuron`. The gradient is that of Eqn (4), and
    none goes through the reset. ``kernel`` runs the loop; by default :func:`kernel_for` chooses.

    Shapes: ``current`` and the spikes are ``[T, B, ...]`` of one floating dtype and one memory
    format; ``threshold`` is one number or one per channel ``[C]`` of a current ``[T, B, C, ...]``.
    The potentials are float32 or wider. Raises ``ValueError`` for anything else.
    """
    neuron = Neuron(leak, threshold, reset, refractory, gamma, delay, initial)
    refuse_current(current)
    if torch.compiler.is_compiling() or torch.jit.is_tracing():  # type: ignore[attr-defined]
        return scan_by_steps(current, neuron)
    kernel = kernel or kernel_for(current)
    if not kernel.takes(current):
        raise ValueError(f"the kernel {kernel.name} does not run {current.dtype} on {current.device}")
    current = current if torch.is_grad_enabled() else current.detach()  # keep no potentials then
    spikes: Tensor = _Scan.apply(current, neuron, kernel)
    return torch.cat((torch.zeros_like(spikes[:1]), spikes[:-1])) if delay else spikes


def scan_by_steps(current: Tensor, neuron: Neuron) -> Tensor:
    """Return what :func:`scan` returns, by a plain loop over time that autograd sees step by step.

    This is the definition, and what a compiler or exporter is given to trace; it costs several
    times the time and memory.
    """
    refuse_current(current)
    state, spikes = initial_state(current[0], neuron), []
    for incoming in current.unbind(0):
        spike, state = lif_step(incoming, state, neuron)
        spikes.append(spike)
    return torch.stack(spikes)


def refuse_current(current: Tensor) -> None:
    """Raise ``ValueError`` for what is no current over time."""
    if current.dim() < 2 or current.shape[0] == 0 or not current.is_floating_point():
        raise ValueError(
            f"a current is [T, B, ...] of a floating dtype with T >= 1; "
            f"got {list(current.shape)} of {current.dtype}"
        )
