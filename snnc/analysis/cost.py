"""The cost of a network's two twins: rows per (layer, application) and totals; Eqns (8)-(11).

Two unrolled, timed programs and a choice of profile, policy, T and activity become a `CostReport`.
Everything is an exact integer or fraction until somebody prints it. A figure that cannot be known, for
want of an activity or of an energy, is None, and so is every sum that it would have been part of.
Memory is another question: see `memory` and `traffic`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

from snnc.analysis.activity import UNKNOWN, Activity, ActivityError
from snnc.analysis.extras import extras
from snnc.analysis.layers import LayerRow, layer_rows
from snnc.analysis.memory import Memory, memory
from snnc.analysis.operations import Booking, book, book_artificial
from snnc.analysis.policy import POLICIES, Policy
from snnc.analysis.profile import Profile, profile_named
from snnc.analysis.rows import CostRow, rate_of, ratio, sum_known, times_known
from snnc.analysis.signals import Kind, Signal, signals, unit_after
from snnc.analysis.users import users_of
from snnc.ir.graph import Graph
from snnc.ir.ids import NodeId
from snnc.ir.ops import Spiking
from snnc.ir.program import Program


@dataclass(frozen=True)
class CostOptions:
    """What a report assumes. ``timesteps`` None takes the network's own.

    ``bits`` is the width of a value in memory, ``batch`` the number of samples that are there at once;
    ``items`` are those of `extras` that are counted.
    """

    timesteps: int | None = None
    profile: Profile = field(default_factory=lambda: profile_named("paper"))
    policy: Policy = POLICIES["paper"]
    activity: Activity = UNKNOWN
    bits: int = 32
    batch: int = 1
    items: frozenset[str] = frozenset()


@dataclass(frozen=True)
class CostReport:
    """Both twins' cost. Rows are in execution order and keyed by (layer, application).

    ``memory`` is the spiking twin's, ``artificial_memory`` the other's.
    """

    network: str
    timesteps: int
    profile: Profile
    policy: Policy
    activity: Activity
    rows: tuple[CostRow, ...]
    memory: Memory
    artificial_memory: Memory
    bits: int = 32
    batch: int = 1
    items: frozenset[str] = frozenset()

    def at(self, options: CostOptions) -> CostReport:
        """Return the same rows at another T, activity and profile; the policy stays."""
        timesteps, profile = options.timesteps or self.timesteps, options.profile
        rows = tuple(
            replace(row, timesteps=timesteps, profile=profile, rate=rate_of(row, options.activity))
            for row in self.rows
        )
        return replace(self, timesteps=timesteps, profile=profile, activity=options.activity, rows=rows)

    @cached_property
    def parameters(self) -> int:
        """Trainable weights, each shared one once: `sum(p.numel())` of the built network."""
        return sum(row.layer.parameters for row in self.rows)

    @cached_property
    def parameters_unshared(self) -> int:
        """What they would be if every application had weights of its own."""
        return sum(row.layer.unshared for row in self.rows)

    @cached_property
    def parameters_as_printed(self) -> int:
        """The same with the layers as the paper prints them."""
        printed = (row.layer for row in self.rows if row.layer.printed is not None)
        return self.parameters + sum(
            row.printed.parameters - row.parameters for row in printed if row.printed is not None
        )

    @cached_property
    def compression(self) -> Fraction | None:
        """Unshared over unique parameters; Sec. VII."""
        return ratio(Fraction(self.parameters_unshared), Fraction(self.parameters))

    @cached_property
    def macs(self) -> int:
        """MACs of one pass of the artificial twin; Eqn (8) summed."""
        return sum(row.layer.macs for row in self.rows)

    @cached_property
    def energy_ann(self) -> Fraction | None:
        """E_ANN in pJ; Eqn (10)."""
        return sum_known(row.artificial_energy for row in self.rows)

    @cached_property
    def energy_snn(self) -> Fraction | None:
        """E_SNN in pJ; Eqn (11)."""
        return sum_known(row.energy for row in self.rows)

    @cached_property
    def ee(self) -> Fraction | None:
        """EE = E_ANN / E_SNN, the paper's EE and EE_Full."""
        return ratio(self.energy_ann, self.energy_snn)

    @cached_property
    def ee_conv(self) -> Fraction | None:
        """EE_Conv: the same over the spiking convolutions alone; None where there are none."""
        chosen = spiking_convolutions(self)
        return ratio(
            sum_known(row.artificial_energy for row in chosen), sum_known(row.energy for row in chosen)
        )

    @cached_property
    def effective(self) -> Fraction | None:
        """Measured operations of all rows that spikes cause, beside Eqn (9)'s."""
        rows = [row.effective for row in self.rows if row.booking.per_spike]
        return sum_known(rows) if rows else None

    @cached_property
    def ee_effective(self) -> Fraction | None:
        """EE with the measured operations in place of Eqn (9)'s."""
        energies = (
            times_known(row.effective, self.profile.ac) if row.booking.per_spike else row.energy
            for row in self.rows
        )
        return ratio(self.energy_ann, sum_known(energies))

    @cached_property
    def mean_activity(self) -> Fraction | None:
        """The mean S_A that gives the same E_SNN: weighted by the operations of the rows."""
        spiking = [row for row in self.rows if row.booking.per_spike]
        volume = sum(row.booking.count for row in spiking) * self.timesteps
        return ratio(sum_known(row.operations for row in spiking), Fraction(volume))


def spiking_convolutions(report: CostReport) -> tuple[CostRow, ...]:
    """The rows of EE_Conv: convolutions whose neuron spikes."""
    return tuple(row for row in report.rows if row.spiking and row.layer.kind == "conv")


def cost(snn: Program, ann: Program, options: CostOptions | None = None) -> CostReport:
    """Return what both twins cost.

    Both programs are unrolled and shaped, the spiking one timed. Raises `ActivityError` when the
    activity speaks of layers that the network does not have, `ValueError` when the programs are not
    twins of one network (a compiler fault).
    """
    options = options or CostOptions()
    twins = {(row.layer, row.application): row for row in layer_rows(ann)}
    rows = layer_rows(snn)
    if {(row.layer, row.application) for row in rows} != twins.keys():
        raise ValueError(f"{snn.name} and {ann.name} are not twins: their layers differ")
    _refuse_strangers(options.activity, rows, snn.name)
    build = _row_builder(snn, options)
    built = {row.node: build(row, book_artificial(twins[row.layer, row.application])) for row in rows}
    return CostReport(
        network=snn.name,
        timesteps=options.timesteps or snn.timesteps,
        profile=options.profile,
        policy=options.policy,
        activity=options.activity,
        rows=tuple(_in_order(snn.graph, built, options)),
        memory=memory(snn),
        artificial_memory=memory(ann),
        bits=options.bits,
        batch=options.batch,
        items=options.items,
    )


def _in_order(graph: Graph, built: Mapping[NodeId, CostRow], options: CostOptions) -> Iterator[CostRow]:
    """Yield the rows of the layers, those of what else is counted between them."""
    further: dict[NodeId, list[CostRow]] = {}
    timesteps = next(iter(built.values())).timesteps if built else 1
    for one in extras(graph, options.items):
        row = CostRow(
            one.row, Signal(Kind.ANALOG), None, one.spiking, one.artificial, None, timesteps, options.profile
        )
        further.setdefault(one.after, []).append(row)
    for node in graph:
        if node.id in built:
            yield built[node.id]
        yield from further.get(node.id, ())


def _row_builder(snn: Program, options: CostOptions) -> Callable[[LayerRow, Booking], CostRow]:
    graph, found, users = snn.graph, signals(snn.graph), users_of(snn.graph)
    timesteps = options.timesteps or snn.timesteps

    def build(row: LayerRow, artificial: Booking) -> CostRow:
        node = graph[row.node]
        signal, unit = found[node.operands[-1]], unit_after(users, node)
        spiking = isinstance(unit, Spiking)
        booking = book(row, signal, spiking=spiking, output=unit is None, policy=options.policy)
        unrated = CostRow(row, signal, unit, booking, artificial, None, timesteps, options.profile)
        return replace(unrated, rate=rate_of(unrated, options.activity))

    return build


def _refuse_strangers(activity: Activity, rows: Iterable[LayerRow], network: str) -> None:
    known = {(row.layer, row.application) for row in rows}
    known |= {(layer, 0) for layer, _ in known}  # application 0 stands for all
    if strangers := sorted(activity.rates.keys() - known):
        names = (f"{layer}@{application}" if application > 1 else layer for layer, application in strangers)
        raise ActivityError(f"the activity is of another network: {network} has no {', '.join(names)}")
