"""The ledger of a conversion as text, Markdown, JSON and a page that needs nothing else.

Takes the ledger as plain values (`Ledger.as_json`), since this stage lies below the one that makes it. The
page has its plots as SVG, without scripts; its content policy forbids it any network.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from math import log10
from types import MappingProxyType
from typing import Any

from jinja2 import Environment, StrictUndefined

from snnc.backends.report.markdown import markdown_of
from snnc.backends.report.numbers import count_text, times_text
from snnc.backends.report.sheet import Column, Sheet

Found = Mapping[str, Any]

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 460, 210, 46, 30, 12  # of a plot, in its own units


def ledger_text(found: Found, suffix: str) -> str:
    """Return a ledger in the form that a file's ending asks for: ``.md``, ``.json`` or ``.html``."""
    match suffix:
        case ".json":
            return json.dumps({"schema": 1, **found}, indent=2, allow_nan=False) + "\n"
        case ".html":
            return ledger_page(found)
        case _:
            return markdown_of(ledger_sheet(found))


def ledger_sheet(found: Found) -> Sheet:
    """Return the ledger as a table: a row for each layer's unrolled step."""
    rows = tuple(tuple(write(row) for _, write in COLUMNS.values()) for row in found["rows"])
    columns = tuple(
        Column(key, title, "text" if key == "name" else "rate") for key, (title, _) in COLUMNS.items()
    )
    return Sheet(
        title=f"{found['network']}, converted",
        header=_header(found),
        columns=columns,
        rows=rows,
        total=(),
        results=_results(found),
        notes=tuple(found["findings"]),
    )


def _share(number: float | None) -> str:
    return "?" if number is None else f"{number:.2%}"


def _short(number: float | None) -> str:
    return "?" if number is None else f"{number:.4g}"


def _threshold(row: Found) -> str:
    if row["lowest"] == row["highest"]:
        return _short(row["highest"])
    return f"{_short(row['lowest'])} to {_short(row['highest'])}"


Writer = Callable[[Found], str]
COLUMNS: Mapping[str, tuple[str, Writer]] = MappingProxyType(
    {
        "name": ("layer", lambda row: str(row["name"])),
        "threshold": ("threshold", _threshold),
        "scale": ("rate 1 is", lambda row: _short(row["scale"])),
        "rate": ("rate", lambda row: _short(row["rate"])),
        "activation": ("ANN mean", lambda row: _short(row["activation"])),
        "estimate": ("SNN mean", lambda row: _short(row["estimate"])),
        "correlation": ("correlation", lambda row: _short(row["correlation"])),
        "error": ("error", lambda row: _share(row["error"])),
        "saturated": ("saturated", lambda row: _share(row["saturated"])),
        "dead": ("dead", lambda row: _share(row["dead"])),
        "silenced": ("silenced", lambda row: _share(row["silenced"])),
        "accuracy": ("ANN from here", lambda row: _share(row["accuracy"])),
    }
)


def _header(found: Found) -> tuple[tuple[str, str], ...]:
    chosen = found["settings"]["calibration"]
    balanced = (
        f"{chosen['percent']:g}th percentile" if chosen["balance"] == "percentile" else chosen["balance"]
    )
    return (
        ("time-steps", count_text(found["timesteps"])),
        ("balanced to", f"{balanced}{', then searched' if chosen['search'] else ''}, per {chosen['per']}"),
        ("calibrated on", f"{chosen['images']:,} images, {chosen['steps']:,} steps at most"),
        ("V at first", f"{found['settings']['initial']:g} of the threshold"),
        ("factor", f"{chosen['factor']:g}"),
        ("ledger of", f"{found['kept']:,} images"),
    )


def _results(found: Found) -> tuple[tuple[str, str], ...]:
    images = f"on {found['images']:,} test images"
    saving = found["unshared"] / found["simulated"] if found["simulated"] else None
    pairs = [
        ("ANN", f"{_share(found['ann'])} {images}"),
        ("SNN", f"{_share(found['snn'])} on the same, top-5 {_share(found['top5'])}"),
        ("same answer", _share(found["alike"][-1])),
        ("error of scores", _share(found["errors"][-1])),
        ("within 1 % from", f"T = {found['enough']:,}" if found["enough"] else "no T"),
        ("EE", times_text(None) if found["ee"] is None else f"{found['ee']:.4g}x at the measured activity"),
        ("balancing", f"{_short(saving)}x less work than a simulation for each threshold"),
    ]
    if found["coded"] is not None:
        pairs.insert(3, ("ANN on coded image", f"{_share(found['coded'])} of the ledger's"))
    return tuple(pairs)


def ledger_page(found: Found) -> str:
    """Return the ledger as one page."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    template = environment.from_string(_file("conversion.html.j2"))
    stages = [("Input", found["coded"])] if found["coded"] is not None else []
    stages += [(row["name"], row["accuracy"]) for row in found["rows"]]
    return template.render(
        found=found,
        sheet=ledger_sheet(found),
        curve=_curve([(steps, share) for steps, share in found["curve"]], found["ann"]),
        errors=_errors([steps for steps, _ in found["curve"]], found["errors"]),
        stages=_bars(stages, found["ann_kept"]),
        thresholds=_bars([(row["name"], row["threshold"]) for row in found["rows"]], None, _short),
        style=_file("page.css"),
        share=_share,
    )


def _file(name: str) -> str:
    return (files("snnc.backends.report") / name).read_text("utf-8")


def _curve(points: Sequence[tuple[int, float]], ann: float) -> dict[str, Any]:
    """Return the accuracy against T, T logarithmic, as what the template draws."""
    across = _across([steps for steps, _ in points])
    return {
        "line": " ".join(f"{across(steps):.1f},{_down(share):.1f}" for steps, share in points),
        "level": _down(ann),
        "ticks": _ticks([steps for steps, _ in points], across),
        "shares": [(share, _down(share)) for share in (0, 0.25, 0.5, 0.75, 1)],
    }


def _errors(steps: Sequence[int], errors: Sequence[float]) -> dict[str, Any]:
    """Return the error of the scores against T, both logarithmic."""
    across = _across(steps)
    pairs = [(step, error) for step, error in zip(steps, errors, strict=True) if error > 0]
    logs = [log10(error) for _, error in pairs] or [0.0]
    low, high = min(logs), max(*logs, min(logs) + 0.1)
    place = [(across(step), _down((log10(error) - low) / (high - low))) for step, error in pairs]
    return {
        "line": " ".join(f"{x:.1f},{y:.1f}" for x, y in place),
        "ticks": _ticks(steps, across),
        "shares": [(10**value, _down((value - low) / (high - low))) for value in (low, high)],
    }


def _across(steps: Sequence[int]) -> Callable[[int], float]:
    low, high = log10(max(1, steps[0])), log10(max(steps[-1], steps[0] + 1))
    return lambda step: LEFT + (WIDTH - LEFT - 10) * (log10(step) - low) / (high - low)


def _down(share: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - share)


def _ticks(steps: Sequence[int], across: Callable[[int], float]) -> list[tuple[int, float]]:
    powers = (factor * 10**power for power in range(7) for factor in (1, 2, 5))
    return [(one, across(one)) for one in powers if steps[0] <= one <= steps[-1]]


def _bars(
    pairs: Sequence[tuple[str, float]], level: float | None, write: Callable[[float], str] = _share
) -> dict[str, Any]:
    """Return a bar for each stage; ``level`` is a line across, at the ANN's accuracy."""
    most = 1.0 if level is not None else max((value for _, value in pairs), default=1.0) or 1.0
    long = WIDTH - 180
    bars = [
        {"name": name, "text": write(value), "y": 6 + 22 * place, "long": long * value / most}
        for place, (name, value) in enumerate(pairs)
    ]
    at = None if level is None else 100 + long * level / most
    return {"bars": bars, "height": 12 + 22 * max(1, len(pairs)), "level": at}
