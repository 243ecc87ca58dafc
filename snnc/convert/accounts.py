"""The sums of a trial to its ledger: rates, correlations, errors, activity and energy."""

from __future__ import annotations

from fractions import Fraction
from math import sqrt

from torch import Tensor

from snnc.analysis.activity import Activity, Origin, Rate
from snnc.analysis.cost import CostOptions, cost
from snnc.convert.balance import Balancing
from snnc.convert.ledger import Ledger, Row
from snnc.convert.settings import Conversion
from snnc.convert.trial import Trial
from snnc.ir.graph import Node
from snnc.ir.ids import StateId


def ledger_of(trial: Trial, balancing: Balancing, settings: Conversion) -> Ledger:
    """Return the ledger of a trial that is over."""
    sums, count = trial.sums, float(trial.sums["asked"])
    kept = int(sums["kept"]) if "kept" in sums else 0
    right, alike, error = sums["curve"]
    size = float(sums["size"]) or 1.0
    snn, ann, won = (float(one) / count for one in sums["right"])
    return Ledger(
        network=trial.twins.network.net.name,
        timesteps=trial.twins.network.timesteps,
        images=int(count),
        kept=kept,
        ann=ann,
        snn=snn,
        top5=float(sums["five"]) / count,
        lost=ann - snn + won,
        won=won,
        coded=float(sums["right/Input"]) / kept if "right/Input" in sums else None,
        ann_kept=float(sums["ann/kept"]) / kept if kept else None,
        curve=tuple((steps, float(one) / count) for steps, one in zip(trial.curve, right, strict=True)),
        alike=tuple((alike / count).tolist()),
        errors=tuple((error / size).sqrt().tolist()),
        rows=tuple(_row(trial, balancing, state, node) for state, node in _neurons(trial, kept)),
        activity=_read(trial),
        ee=_energy(trial),
        simulated=balancing.progress.simulated,
        unshared=_one_by_one(balancing),
        settings=settings.model_dump(),
    )


def _neurons(trial: Trial, kept: int) -> list[tuple[StateId, Node]]:
    found = trial.twins.spiking.spiking.items()
    return [(state, node) for state, node in found if state in trial.twins.counterparts] if kept else []


def _row(trial: Trial, balancing: Balancing, state: StateId, node: Node) -> Row:
    kept, sums = int(trial.sums["kept"]), trial.sums
    moments = [float(one) for one in sums[f"moments/{state}"]]
    number, x, y, xx, yy, xy, over, spikes = moments
    fired, active = sums[f"each/{state}"]
    levels = trial.twins.spiking.neurons(state).threshold
    return Row(
        layer=state.name,
        step=state.application,
        threshold=trial.spread.thresholds[state],
        lowest=float(levels.min()),
        highest=float(levels.max()),
        tied=len(balancing.scales.tied(node)) > 1,
        scale=trial.spread.at(node.id) or 1.0,
        rate=spikes / number / trial.twins.network.timesteps,
        activation=x / number,
        estimate=y / number,
        correlation=_correlation(number, x, y, xx, yy, xy),
        error=sqrt(max(0.0, xx - 2 * xy + yy) / xx) if xx else None,
        saturated=over / number,
        dead=_share(fired == 0),
        silenced=_share((fired == 0) & (active > 0)),
        accuracy=float(sums[f"right/{state}"]) / kept,
    )


def _share(which: Tensor) -> float:
    return float(which.double().mean())


def _correlation(number: float, x: float, y: float, xx: float, yy: float, xy: float) -> float | None:
    """Return Pearson's coefficient; None where one side does not vary."""
    spread = (xx - x * x / number) * (yy - y * y / number)
    return (xy - x * y / number) / sqrt(spread) if spread > 0 else None


def _read(trial: Trial) -> dict[str, float]:
    """Return S_A of what each layer reads: the mean of the absolute value per step."""
    found = ((layer, trial.sums.get(f"read/{layer}")) for layer in trial.read)
    return {str(layer): float(sums[0] / sums[1]) for layer, sums in found if sums is not None}


def activity_of(trial: Trial, data: str = "") -> Activity | None:
    """Return the rates of what layers read, as `snnc cost` takes them; None where no ledger was kept."""
    if "kept" not in trial.sums:
        return None
    rates: dict[tuple[str, int], Rate] = {}
    for layer in trial.read:
        spikes, values = trial.sums[f"read/{layer}"]
        share = Fraction(int(spikes * 2**20), int(values) * 2**20)  # an average pool gives binary fractions
        rates[layer.name, max(layer.application, 1)] = Rate(share, Origin.MEASURED)
    net = trial.twins.network
    return Activity(
        rates=rates,
        network=net.net.name,
        timesteps=net.timesteps,
        samples=int(trial.sums["kept"]),
        data=data,
    )


def _energy(trial: Trial) -> float | None:
    """Return EE = E_ANN / E_SNN as the paper counts it, at the activity that was measured."""
    activity = activity_of(trial)
    if activity is None:
        return None
    net = trial.twins.network
    options = CostOptions(timesteps=net.timesteps, activity=activity)
    found = cost(net.net.snn_twin.unrolled, net.net.ann_twin.unrolled, options).ee
    return None if found is None else float(found)


def _one_by_one(balancing: Balancing) -> int:
    """Return the multiplications of one simulation from the start for every threshold."""
    circuit = balancing.circuit
    plans = (circuit.plan([node.operands[0]]) for node in circuit.spiking.values())
    each = sum(circuit.macs(node) for plan in plans for node in plan)
    return each * sum(balancing.sizes) * balancing.steps
