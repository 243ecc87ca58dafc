"""Spiking activity S_A: one assumed number, or rates per layer, application and step from a file.

S_A is the mean number of spikes per value and time-step at a layer's *input*. For an average-pooled or
added train it is the mean of the absolute value; for a real value, the share that is not zero. Every
rate says whether it was assumed or measured. The file is JSON:

    {"schema": 1, "network": "VGG5", "measured": true, "timesteps": 25, "samples": 512, "data": "...",
     "activation_sparsity": 0.93, "connection_sparsity": 0.0,
     "rows": [{"layer": "Conv2", "application": 1, "input_rate": 0.11, "output_rate": 0.07,
               "input_rate_per_step": [...], "output_rate_per_step": [...], "input_rate_std": 0.02,
               "input_nonzero": 0.11, "effective_ops": 43210.5, "effective_macs": 43210.5}]}

Per row only ``layer`` and ``input_rate`` are needed; without ``application`` it holds for all of them.
The effective counts are means per inference. Unknown keys and impossible rates are refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType

from snnc.analysis.exact import exact, plain

SCHEMA = 1
Key = tuple[str, int]


class ActivityError(ValueError):
    """An activity file is not what it should be; the message names the row and the key."""


class Origin(StrEnum):
    """Where a rate comes from."""

    ASSUMED = "assumed"
    MEASURED = "measured"


@dataclass(frozen=True)
class Rate:
    """The activity of one row: S_A of its input, per step where it is known, and what else was seen.

    ``effective`` is the exact number of operations that spikes cause per inference, for a real-valued
    input per evaluation of the layer; ``effective_macs`` that of multiplications by values that are not
    zero, as the layer ran; ``nonzero`` the share of input values that are not zero; ``spread`` the
    standard deviation of S_A over the samples.
    """

    value: Fraction
    origin: Origin
    output: Fraction | None = None
    per_step: tuple[Fraction, ...] = ()
    output_per_step: tuple[Fraction, ...] = ()
    spread: Fraction | None = None
    nonzero: Fraction | None = None
    effective: Fraction | None = None
    effective_macs: Fraction | None = None


@dataclass(frozen=True)
class Activity:
    """The rates of a network. ``assumed`` holds where no row does, ``image`` for the coded image.

    ``rates`` is by layer and application; application 0 stands for all of a layer's. The sparsities
    are the shares of zeros among all neurons' outputs and among all weights.
    """

    assumed: Fraction | None = None
    image: Fraction | None = None
    rates: Mapping[Key, Rate] = field(default_factory=dict)
    network: str = ""
    timesteps: int | None = None
    samples: int | None = None
    data: str = ""
    activation_sparsity: Fraction | None = None
    connection_sparsity: Fraction | None = None

    def rate(self, layer: str, application: int, *, coded_image: bool = False) -> Rate | None:
        """Return the rate of a row's input; None where nothing is known."""
        found = self.rates.get((layer, application)) or self.rates.get((layer, 0))
        if found is not None:
            return found
        number = self.image if coded_image and self.image is not None else self.assumed
        return None if number is None else Rate(number, Origin.ASSUMED)


UNKNOWN = Activity()


def assumed(number: str | float | Fraction, image: str | float | Fraction | None = None) -> Activity:
    """Return the activity that is the same number everywhere, perhaps another for the coded image."""
    return Activity(
        _rate(number, "the activity"), None if image is None else _rate(image, "the image's rate")
    )


def read_activity(text: str) -> Activity:
    """Return what an activity file says. Raises `ActivityError`."""
    try:
        found = json.loads(text, parse_float=exact, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ActivityError(f"the activity file cannot be read: {error}") from None
    if not isinstance(found, dict) or found.pop("schema", None) != SCHEMA:
        raise ActivityError(f"an activity file is an object with schema {SCHEMA}")
    rows = found.pop("rows", None)
    if not isinstance(rows, list) or not rows:
        raise ActivityError("rows: must be a list that is not empty")
    measured = found.pop("measured", False)
    if not isinstance(measured, bool):
        raise ActivityError("measured: must be true or false")
    origin = Origin.MEASURED if measured else Origin.ASSUMED
    activity = Activity(
        rates=MappingProxyType(_rates(rows, origin)),
        network=_text(found, "network"),
        timesteps=_count(found, "timesteps"),
        samples=_count(found, "samples"),
        data=_text(found, "data"),
        activation_sparsity=_optional(found, "activation_sparsity", "file"),
        connection_sparsity=_optional(found, "connection_sparsity", "file"),
    )
    if found:
        raise ActivityError(f"{next(iter(found))}: an activity file has no such entry")
    return activity


def activity_text(activity: Activity) -> str:
    """Return an activity as its file. Rates are written as the nearest floats, whole numbers exactly."""
    rows = [_row_json(key, rate) for key, rate in activity.rates.items()]
    found = {
        "schema": SCHEMA,
        "network": activity.network,
        "measured": all(rate.origin is Origin.MEASURED for rate in activity.rates.values()),
        "timesteps": activity.timesteps,
        "samples": activity.samples,
        "data": activity.data,
        "activation_sparsity": plain(activity.activation_sparsity),
        "connection_sparsity": plain(activity.connection_sparsity),
        "rows": rows,
    }
    return json.dumps(found, indent=2, allow_nan=False) + "\n"


def _row_json(key: Key, rate: Rate) -> dict[str, object]:
    layer, application = key
    return {
        "layer": layer,
        **({"application": application} if application else {}),
        "input_rate": plain(rate.value),
        "output_rate": plain(rate.output),
        "input_rate_per_step": [plain(one) for one in rate.per_step],
        "output_rate_per_step": [plain(one) for one in rate.output_per_step],
        "input_rate_std": plain(rate.spread),
        "input_nonzero": plain(rate.nonzero),
        "effective_ops": plain(rate.effective),
        "effective_macs": plain(rate.effective_macs),
    }


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no finite number")


def _rates(rows: Iterable[object], origin: Origin) -> dict[Key, Rate]:
    found: dict[Key, Rate] = {}
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise ActivityError(f"row {number}: must be an object")
        key, rate = _row(dict(row), origin, f"row {number}")
        if key in found:
            raise ActivityError(f"row {number}: {key[0]} application {key[1]} is given twice")
        found[key] = rate
    return found


def _row(row: dict[str, object], origin: Origin, where: str) -> tuple[Key, Rate]:
    layer = _text(row, "layer")
    if not layer:
        raise ActivityError(f"{where}: layer is missing")
    application = _count(row, "application") or 0
    where = f"{where} ({layer})"
    steps = _list(row, "input_rate_per_step", where)
    value = _optional(row, "input_rate", where)
    if value is None and steps:
        value = sum(steps, Fraction(0)) / len(steps)
    if value is None:
        raise ActivityError(f"{where}: input_rate is missing")
    rate = Rate(
        value,
        origin,
        output=_optional(row, "output_rate", where),
        per_step=steps,
        output_per_step=_list(row, "output_rate_per_step", where),
        spread=_optional(row, "input_rate_std", where),
        nonzero=_optional(row, "input_nonzero", where),
        effective=_optional(row, "effective_ops", where),
        effective_macs=_optional(row, "effective_macs", where),
    )
    if row:
        raise ActivityError(f"{where}: {next(iter(row))} is no entry of a row")
    return (layer, application), rate


def _text(table: dict[str, object], key: str) -> str:
    value = table.pop(key, "")
    if not isinstance(value, str):
        raise ActivityError(f"{key}: must be a text")
    return value


def _count(table: dict[str, object], key: str) -> int | None:
    value = table.pop(key, None)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ActivityError(f"{key}: must be a whole number, at least 1")
    return value


def _optional(row: dict[str, object], key: str, where: str) -> Fraction | None:
    value = row.pop(key, None)
    return None if value is None else _rate(value, f"{where}: {key}")


def _list(row: dict[str, object], key: str, where: str) -> tuple[Fraction, ...]:
    value = row.pop(key, [])
    if not isinstance(value, list):
        raise ActivityError(f"{where}: {key} must be a list of rates")
    return tuple(_rate(one, f"{where}: {key}") for one in value)


def _rate(number: object, what: str) -> Fraction:
    if isinstance(number, bool) or not isinstance(number, int | float | str | Fraction):
        raise ActivityError(f"{what} must be a number")
    try:
        value = number if isinstance(number, Fraction) else exact(number)
    except ValueError as error:
        raise ActivityError(f"{what}: {error}") from None
    if value < 0:
        raise ActivityError(f"{what} is {float(value):g}; an activity is not negative")
    return value
