"""The loop over time of scan.py in Triton: one program for each block of neurons.

A row is one time step, ``[N]``; a block keeps its potentials in registers from the first row to
the last, so that each current is read once and each spike written once. The names in capitals
are constants of the compiled program. Only builtins of Triton are used here, never its library
of compiled functions, so that the interpreter can be switched on after Triton was imported.
"""

import triton
import triton.language as tl


@triton.jit
def forward(  # noqa: PLR0915 - a program is one function
    current,
    stride,
    spikes,
    potentials,
    steps,
    neurons,
    threshold,
    edge,
    edge_rest,
    EACH: tl.constexpr,
    CARRY: tl.constexpr,
    KEEP: tl.constexpr,
    LEAK: tl.constexpr,
    INITIAL: tl.constexpr,
    RESET: tl.constexpr,
    REFRACTORY: tl.constexpr,
    BLOCK: tl.constexpr,
):
    """Write the spikes of a block and, to KEEP, its potentials before each reset.

    V <- α V + I;  S = [V >= v];  then V after RESET. A neuron that rests keeps its V, and -inf is
    written for it. Rows of currents lie ``stride`` apart, the others are dense. To CARRY, V and the steps
    to rest are read from ``edge`` and ``edge_rest`` and left there.
    """
    place = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    inside = place < neurons
    v = tl.load(threshold + place * EACH, mask=inside, other=1)
    state = v * INITIAL
    rest = tl.full((BLOCK,), 0, tl.int32)
    if CARRY:
        state = tl.load(edge + place, mask=inside, other=0)
        rest = tl.load(edge_rest + place, mask=inside, other=0)
    for _ in range(steps):
        incoming = tl.load(current + place, mask=inside, other=0).to(v.dtype)
        potential = state * LEAK + incoming
        if REFRACTORY:
            potential = tl.where(rest > 0, float("-inf"), potential)
        fired = potential >= v
        tl.store(spikes + place, tl.where(fired, 1.0, 0.0).to(spikes.dtype.element_ty), mask=inside)
        if KEEP:
            tl.store(potentials + place, potential, mask=inside)
            potentials += neurons
        if RESET == "subtract":
            after = tl.where(fired, potential - v, potential)
        elif RESET == "zero":
            after = tl.where(fired, 0.0, potential)
        else:
            after = potential
        if REFRACTORY:
            state = tl.where(rest > 0, state, after)
            rest = tl.where(fired, REFRACTORY, tl.maximum(rest - 1, 0))
        else:
            state = after
        current += stride
        spikes += neurons
    if CARRY:
        tl.store(edge + place, state, mask=inside)
        tl.store(edge_rest + place, rest, mask=inside)


@triton.jit
def backward(
    gradient,
    stride,
    result,
    potentials,
    steps,
    neurons,
    threshold,
    edge,
    EACH: tl.constexpr,
    CARRY: tl.constexpr,
    LEAK: tl.constexpr,
    GAMMA: tl.constexpr,
    RESET: tl.constexpr,
    REFRACTORY: tl.constexpr,
    BLOCK: tl.constexpr,
):
    """Write the gradient for the currents of a block, from the last row, which is given, to the first.

    λ[t] = g[t] dS/dV[t] + κ[t] α λ[t+1], where κ is 0 at a spike that set V to zero and else 1, and
    dS/dV = γ max(0, 1 - |(V - v) / v|). Over a rest λ passes as it is and the current gets none. To CARRY,
    the gradient for V after the last row is read from ``edge``, and that for V before the first left there.
    """
    place = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    inside = place < neurons
    v = tl.load(threshold + place * EACH, mask=inside, other=1)
    carried = v * 0.0
    if CARRY:
        carried = tl.load(edge + place, mask=inside, other=0)
    for _ in range(steps):
        potential = tl.load(potentials + place, mask=inside, other=0)
        incoming = tl.load(gradient + place, mask=inside, other=0).to(v.dtype)
        if RESET == "zero":
            carried = tl.where(potential >= v, 0.0, carried)
        height = 1.0 - tl.abs((potential - v) / v)
        slope = tl.maximum(height, 0.0, propagate_nan=tl.PropagateNan.ALL) * GAMMA
        carried += slope * incoming
        if REFRACTORY:
            rests = potential == float("-inf")
            tl.store(result + place, tl.where(rests, 0.0, carried).to(result.dtype.element_ty), mask=inside)
            carried = tl.where(rests, carried, carried * LEAK)
        else:
            tl.store(result + place, carried.to(result.dtype.element_ty), mask=inside)
            carried *= LEAK
        gradient -= stride
        result -= neurons
        potentials -= neurons
    if CARRY:
        tl.store(edge + place, carried, mask=inside)
