"""A report as JSON of a versioned shape; ``cost.schema.json`` beside this file describes it.

Energies are in pJ, integers are exact at any size, and what is not known is null. The same object feeds
the HTML page, which computes with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import Any

from snnc.analysis.activity import Origin
from snnc.analysis.breakeven import terms
from snnc.analysis.claims import Finding
from snnc.analysis.cost import CostReport
from snnc.analysis.exact import plain
from snnc.analysis.layers import map_or_vector
from snnc.analysis.memory import Memory
from snnc.analysis.profile import Profile
from snnc.analysis.rows import CostRow, sum_known
from snnc.analysis.traffic import Regime, regimes
from snnc.backends.report.words import conventions, notes
from snnc.ir.ops import Identity, Relu, Spiking, Twin, Unit

SCHEMA = 1
Json = dict[str, Any]


def schema_text() -> str:
    """Return the JSON schema of what `as_json` makes."""
    return (files("snnc.backends.report") / "cost.schema.json").read_text("utf-8")


def json_text(reports: Sequence[CostReport]) -> str:
    """Return one report as JSON text, or several as ``{"schema": 1, "reports": [...]}``."""
    objects = [as_json(report) for report in reports]
    return _text(objects[0] if len(objects) == 1 else {"schema": SCHEMA, "reports": objects})


def _text(value: Json) -> str:
    """ASCII only, so that nothing in it steers a terminal."""
    return json.dumps(value, indent=2, allow_nan=False) + "\n"


def claims_text(findings: Iterable[Finding]) -> str:
    """Return what came of the paper's claims as JSON text."""
    return _text({"schema": SCHEMA, "claims": [_finding(finding) for finding in findings]})


def _finding(one: Finding) -> Json:
    most, least = one.implied_range or (None, None)
    return {
        "table": one.claim.table,
        "row": one.claim.name,
        "spec": one.claim.spec,
        "metric": one.claim.metric,
        "printed": one.claim.printed,
        "timesteps": one.claim.timesteps,
        "verdict": str(one.verdict),
        "computed": plain(one.computed),
        "implied_activity": plain(one.implied),
        "implied_activity_least": plain(least),
        "implied_activity_most": plain(most),
        "ee_bound": plain(one.bound),
        "because": one.words or None,
    }


def as_json(report: CostReport) -> Json:
    """Return the report as an object of plain values."""
    return {
        "schema": SCHEMA,
        "network": report.network,
        "timesteps": report.timesteps,
        "profile": profile_json(report.profile),
        "policy": report.policy.name,
        "policy_text": report.policy.sentence,
        "counted": conventions(report.items),
        "activity": _activity(report),
        "rows": [_row(row) for row in report.rows],
        "totals": _totals(report),
        "memory": _memory(report),
        "traffic": [_regime(regime) for regime in regimes(report)],
        "neurobench": _neurobench(report),
        "notes": list(notes(report)),
    }


def profile_json(profile: Profile) -> Json:
    """Return a profile with its units in the names."""
    return {
        "name": profile.name,
        "title": profile.title,
        "target": profile.target,
        "source": profile.source,
        "year": profile.year,
        "node_nm": profile.node_nm,
        "precision": profile.precision,
        "note": profile.note or None,
        "measured": profile.measured,
        "digest": profile.digest,
        "mac_pj": plain(profile.mac),
        "ac_pj": plain(profile.ac),
        "neuron_pj": plain(profile.neuron),
        "dram_pj_per_bit": plain(profile.dram_per_bit),
    }


def _activity(report: CostReport) -> Json:
    activity = report.activity
    rates = activity.rates.values()
    return {
        "assumed": plain(activity.assumed),
        "assumed_image": plain(activity.image),
        "measured": any(rate.origin is Origin.MEASURED for rate in rates),
        "timesteps": activity.timesteps,
        "samples": activity.samples,
        "data": activity.data or None,
    }


def _row(row: CostRow) -> Json:
    layer, spikes, found = row.layer, row.booking.per_spike, terms((row,))
    rate = row.rate if spikes else None
    return {
        "layer": layer.layer,
        "application": layer.application,
        "kind": layer.kind,
        "shape": map_or_vector(layer.shape),
        "signal": str(row.signal.kind),
        "neuron": neuron_name(row.neuron),
        "parameters": layer.parameters,
        "parameters_unshared": layer.unshared,
        "parameters_as_printed": layer.printed.parameters if layer.printed else layer.parameters,
        "macs": layer.macs,
        "op": str(row.booking.operation),
        "ann_count": row.artificial.count,
        "updates": row.booking.updates,
        "form": {"count": row.booking.count, "per_step": row.booking.per_step, "per_spike": spikes},
        "why": row.booking.why,
        "activity": plain(rate.value) if rate else None,
        "activity_source": str(rate.origin) if rate else None,
        "activity_per_step": [plain(one) for one in rate.per_step] if rate else [],
        "activity_std": plain(rate.spread) if rate else None,
        "output_rate": plain(row.rate.output) if row.rate else None,
        "ops_per_step": plain(row.operations_per_step),
        "ops_per_inference": plain(row.operations),
        "effective_ops": plain(row.effective),
        "energy_pj": plain(row.energy),
        "energy_ann_pj": plain(row.artificial_energy),
        "ee": plain(row.saves),
        "break_even_activity": plain(found.activity(row.timesteps)) if found and spikes else None,
        "break_even_product": plain(found.product) if found and spikes else None,
        "break_even_timesteps": plain(found.steps(rate.value)) if found and rate else None,
    }


def neuron_name(unit: Unit | Twin | None) -> str | None:
    """Return the notation's word for a neuron; None where a layer has none."""
    match unit:
        case Spiking(leak=leak):
            return "IF" if leak == 1 else "LIF"
        case Relu():
            return "ReLU"
        case Identity() | None:
            return None
        case Twin(ann=ann, snn=snn):
            return f"{neuron_name(ann)}|{neuron_name(snn)}"


def _totals(report: CostReport) -> Json:
    found = terms(report.rows)
    mean = report.mean_activity
    return {
        "parameters": report.parameters,
        "parameters_unshared": report.parameters_unshared,
        "parameters_as_printed": report.parameters_as_printed,
        "compression": plain(report.compression),
        "macs": report.macs,
        "energy_ann_pj": plain(report.energy_ann),
        "energy_snn_pj": plain(report.energy_snn),
        "ee": plain(report.ee),
        "ee_conv": plain(report.ee_conv),
        "ee_effective": plain(report.ee_effective) if report.effective is not None else None,
        "effective_ops": plain(report.effective),
        "mean_activity": plain(mean),
        "ee_bound": plain(found.bound(report.timesteps)) if found else None,
        "ee_bounded": found.bound(report.timesteps) is not None if found else None,
        "break_even_activity": plain(found.activity(report.timesteps)) if found else None,
        "break_even_product": plain(found.product) if found else None,
        "break_even_timesteps": plain(found.steps(mean)) if found and mean is not None else None,
    }


def _memory(report: CostReport) -> Json:
    """Bytes; activations in float32, for the report's T and batch, with their closed forms."""
    width = report.bits
    return {
        "bits": width,
        "batch": report.batch,
        "weights_bytes": report.parameters * width // 8,
        "thresholds_bytes": report.memory.thresholds * width // 8,
        "state_bytes": report.batch * report.memory.states * width // 8,
        "snn": _activations(report.memory, report.timesteps, report.batch),
        "ann": _activations(report.artificial_memory, 1, report.batch),
    }


def _activations(memory: Memory, timesteps: int, batch: int) -> Json:
    saved = memory.saved
    return {
        "inference_bytes": memory.live_at(timesteps, batch),
        "training_bytes": saved.at(timesteps, batch),
        "training_bytes_checkpointed": memory.checkpointed_at(timesteps, batch),
        "training_form": {
            "fixed": saved.fixed,
            "per_sample": saved.once,
            "per_sample_and_step": saved.per_step,
        },
    }


def _regime(regime: Regime) -> Json:
    return {
        "regime": regime.name,
        "title": regime.title,
        "energy_ann_pj": plain(regime.energy_ann),
        "energy_snn_pj": plain(regime.energy_snn),
        "ee": plain(regime.ee),
    }


def _neurobench(report: CostReport) -> Json:
    """NeuroBench's names where they mean the same thing; null where only a run could tell.

    Its synaptic operations are per inference and do not count padded zeros.
    """
    by_macs = [row for row in report.rows if not row.booking.per_spike and row.layer.macs]
    return {
        "footprint": (report.parameters + report.memory.thresholds) * report.bits // 8,
        "connection_sparsity": plain(report.activity.connection_sparsity),
        "activation_sparsity": plain(report.activity.activation_sparsity),
        "synaptic_operations": {
            "Effective_MACs": plain(sum_known(row.effective_macs for row in by_macs)),
            "Effective_ACs": plain(report.effective),
            "Dense": sum(row.layer.contacts * row.runs for row in report.rows),
        },
    }
