"""What a report says in words: what it assumes, what came out, and what to know before quoting it."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from fractions import Fraction
from types import MappingProxyType

from snnc.analysis.activity import Activity, Origin
from snnc.analysis.breakeven import Terms, terms
from snnc.analysis.cost import CostOptions, CostReport
from snnc.analysis.extras import ITEMS
from snnc.analysis.signals import Kind
from snnc.analysis.traffic import regimes
from snnc.backends.report.numbers import UNKNOWN, bytes_text, energy_text, rate_text, times_text

ITEM_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "bias": "biases",
        "pool": "pooling",
        "norm": "batch normalisation",
        "neuron": "neuron updates",
        "heads": "stochmax heads",
    }
)


def conventions(items: AbstractSet[str]) -> str:
    """Say what counts as an operation and what does not."""
    counted = [ITEM_WORDS[item] for item in ITEMS if item in items]
    left_out = [ITEM_WORDS[item] for item in ITEMS if item not in items]
    return "; ".join(
        (
            "1 MAC is one multiplication and one addition (2 FLOPs)",
            " and ".join(["padded zeros", *counted]) + " count",
            *([f"{', '.join(left_out)} do not"] if left_out else []),
        )
    )


def header(report: CostReport) -> tuple[tuple[str, str], ...]:
    """What the report assumes."""
    return (
        ("network", report.network),
        ("T", f"{report.timesteps:,}"),
        ("activity", activity_words(report.activity)),
        *method(CostOptions(profile=report.profile, policy=report.policy, items=report.items)),
    )


def method(options: CostOptions) -> tuple[tuple[str, str], ...]:
    """The policy, the energies and what is counted."""
    profile, policy = options.profile, options.policy
    kind = "measured" if profile.measured else "not measured"
    energies = f"MAC {_pj(profile.mac)}, AC {_pj(profile.ac)}"
    where = f"{profile.title}, {energies}; {profile.source}, {kind} [{profile.digest}]"
    return (
        ("policy", f"{policy.name}: {policy.sentence}"),
        ("profile", f"{profile.name}: {where}"),
        ("counted", conventions(options.items)),
    )


def _pj(energy: Fraction | None) -> str:
    return "unavailable" if energy is None else f"{float(energy):g} pJ"


def activity_words(activity: Activity) -> str:
    """Say where S_A comes from."""
    words = []
    if activity.rates:
        origins = {rate.origin for rate in activity.rates.values()}
        words.append(_measured_words(activity) if Origin.MEASURED in origins else "assumed per layer")
    if activity.assumed is not None:
        rest = " elsewhere" if activity.rates else ""
        words.append(f"assumed {rate_text(activity.assumed)}{rest}")
    if activity.image is not None:
        words.append(f"assumed {rate_text(activity.image)} for the coded image")
    return ", ".join(words) or "not given: operations of spiking layers are closed forms in T and S_A"


def _measured_words(activity: Activity) -> str:
    samples = f" on {activity.samples:,} samples" if activity.samples else ""
    data = f" of {activity.data}" if activity.data else ""
    steps = f" at T = {activity.timesteps:,}" if activity.timesteps else ""
    return f"measured{samples}{data}{steps}"


def results(report: CostReport) -> tuple[tuple[str, str], ...]:
    """What comes out: totals, efficiencies, bounds and break-even points."""
    found = terms(report.rows)
    lines = [
        ("parameters", _parameters(report)),
        ("MACs", f"{report.macs:,} per pass of the ANN twin"),
        ("E_ANN", energy_text(report.energy_ann)),
        ("E_SNN", energy_text(report.energy_snn)),
        ("EE", times_text(report.ee)),
    ]
    if report.ee_conv is not None:
        lines.append(("EE_Conv", times_text(report.ee_conv)))
    if report.effective is not None:
        lines.append(("EE measured", f"{times_text(report.ee_effective)} on effective operations"))
    lines.extend(traffic_words(report))
    return (*lines, *(bounds(report, found) if found else ()), *memory_words(report))


def memory_words(report: CostReport) -> tuple[tuple[str, str], ...]:
    """What has to be stored, and what a run of the printed module holds."""
    width, batch, steps, needs = report.bits, report.batch, report.timesteps, report.memory
    stored = (
        f"{bytes_text(report.parameters * width // 8)} of weights, "
        f"{bytes_text(needs.thresholds * width // 8)} of thresholds, "
        f"{bytes_text(batch * needs.states * width // 8)} of potentials, at {width} bits and batch {batch:,}"
    )
    held = (
        f"{bytes_text(needs.live_at(steps, batch))} in inference, "
        f"{bytes_text(needs.saved.at(steps, batch))} saved for training = {needs.saved} bytes, "
        f"{bytes_text(needs.checkpointed_at(steps, batch))} if layers are computed again"
    )
    return (("memory", stored), ("activations", held))


def traffic_words(report: CostReport) -> tuple[tuple[str, str], ...]:
    """EE with memory paid for, where the profile has the figures."""
    found = [regime for regime in regimes(report)[1:] if regime.ee is not None]
    return tuple((f"EE, {regime.name}", f"{times_text(regime.ee)}, {regime.title}") for regime in found)


def _parameters(report: CostReport) -> str:
    parts = [f"{report.parameters:,}"]
    if report.parameters_unshared != report.parameters:
        parts.append(
            f"{report.parameters_unshared:,} unshared, compression {_three_decimals(report.compression)}"
        )
    if report.parameters_as_printed != report.parameters:
        parts.append(f"{report.parameters_as_printed:,} as printed")
    return "; ".join(parts)


def _three_decimals(number: Fraction | None) -> str:
    return UNKNOWN if number is None else f"{float(number):.3f}x"


def bounds(report: CostReport, found: Terms) -> tuple[tuple[str, str], ...]:
    """Say what EE cannot exceed, and where it falls below 1."""
    bound, even = found.bound(report.timesteps), found.activity(report.timesteps)
    lines = [("EE at most", "not bounded" if bound is None else f"{times_text(bound)}, at S_A = 0")]
    if even is None:
        return tuple(lines)
    if even < 0:
        return (*lines, ("break-even", "never: without a single spike the SNN costs more"))
    always = ", which no train of single spikes has" if even > 1 else ""
    words = [f"S_A = {rate_text(even)} at T = {report.timesteps:,}{always}"]
    if found.product is not None:
        words.append(f"S_A T = {rate_text(found.product)}")
    if report.mean_activity is not None and (steps := found.steps(report.mean_activity)) is not None:
        words.append(f"T = {float(steps):,.1f} at S_A = {rate_text(report.mean_activity)}")
    return (*lines, ("break-even", "; ".join(words)))


def notes(report: CostReport) -> tuple[str, ...]:
    """What a reader must know before quoting a number."""
    parts = (_printed_notes, _activity_notes, _unlikely_notes, _unknown_notes)
    return tuple(note for part in parts for note in part(report))


def _printed_notes(report: CostReport) -> tuple[str, ...]:
    printed = (row.layer.printed for row in report.rows if row.layer.printed is not None)
    return tuple(
        f"the paper prints {one.text}, {one.parameters:,} parameters"
        + (f" ({one.reason})" if one.reason else "")
        for one in printed
    )


def _activity_notes(report: CostReport) -> tuple[str, ...]:
    found: list[str] = []
    given = report.activity.timesteps
    found.extend(
        f"{row.layer.label} reads a real value; the policy {report.policy.name} books it as AC"
        for row in report.rows
        if row.booking.per_spike and row.signal.kind is Kind.ANALOG
    )
    if report.activity.network not in ("", report.network):
        found.append(f"the rates are those of {report.activity.network}, not of {report.network}")
    if given is not None and given != report.timesteps:
        found.append(f"the activity was measured at T = {given:,}; at T = {report.timesteps:,} it may differ")
    steps = {len(row.rate.per_step) for row in report.rows if row.rate and row.rate.per_step}
    if given is None and (other := sorted(steps - {report.timesteps})):
        found.append(f"the activity is of {other[0]:,} steps; at T = {report.timesteps:,} its mean counts")
    pooled = any(row.signal.area > 1 and row.booking.per_spike for row in report.rows)
    if report.effective is not None and pooled and report.policy.pooled == "mean":
        found.append(
            "behind an average pool Eqn (9) counts the mean of the spikes, the effective operations "
            "every spike before the pool"
        )
    return tuple(found)


def _unlikely_notes(report: CostReport) -> tuple[str, ...]:
    single = (Kind.SPIKE, Kind.SIGNED)
    beyond = [row for row in report.rows if row.rate and row.rate.value > 1 and row.signal.kind in single]
    if not beyond:
        return ()
    return (f"S_A of {beyond[0].layer.label} is above 1: a neuron spikes at most once in a time-step",)


def _unknown_notes(report: CostReport) -> tuple[str, ...]:
    if report.energy_ann is None:
        return (f"? the profile {report.profile.name} gives no energy for a MAC",)
    unrated = [row.layer.label for row in report.rows if row.booking.per_spike and row.rate is None]
    if unrated and report.activity.rates:
        return (f"? the activity says nothing of {', '.join(unrated)}",)
    if unrated:
        return ("? needs an activity: --activity 0.05, or a file of measured rates",)
    if report.energy_snn is None:
        return (f"? the profile {report.profile.name} gives no energy for an AC",)
    if not report.energy_snn:
        return ("? the spiking twin spends nothing, so EE has no value",)
    return ()
