"""A report as one page that needs nothing else: table, diagram, plots, and sliders for T and S_A.

The page forbids itself any network by its content policy. What comes from a spec stands in it as text,
or inside JSON in which no tag can end; the diagram is trusted to be a drawing without scripts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import astuple, replace
from html import escape
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from snnc.analysis.breakeven import Terms
from snnc.analysis.cost import CostReport
from snnc.analysis.exact import plain
from snnc.analysis.memory import Bytes
from snnc.analysis.profile import Profile, shipped
from snnc.analysis.traffic import regime_terms, regimes
from snnc.backends.report.json import as_json, profile_json
from snnc.backends.report.numbers import bytes_text, energy_text, times_text
from snnc.backends.report.sheet import page_sheet

_INERT = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def html_of(report: CostReport, diagram: str = "") -> str:
    """Return the page. ``diagram`` is an SVG element of the unrolled graph; without one there is none."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["subscripts"] = subscripts
    template = environment.from_string(_file("page.html.j2"))
    return template.render(
        report=report,
        sheet=page_sheet(report),
        traffic=regimes(report),
        diagram=_element(diagram),
        data=inert_json(_data(report)),
        style=_file("page.css"),
        script=_file("page.js"),
        energy=energy_text,
        times=times_text,
        bytes=bytes_text,
    )


def _file(name: str) -> str:
    return (files("snnc.backends.report") / name).read_text("utf-8")


def _element(svg: str) -> str:
    """An SVG document without its XML declaration stands inline in HTML."""
    return svg[svg.index("<svg") :] if "<svg" in svg else ""


def _data(report: CostReport) -> dict[str, object]:
    own = report.profile
    others = (one for one in shipped().values() if one.mac is not None and one.name != own.name)
    profiles = (own, *others)
    needs = report.memory
    return {
        "report": as_json(report),
        "profiles": [profile_json(one) for one in profiles],
        "traffic": {one.name: _traffic(report, one) for one in profiles},
        "memory": {
            "live": _forms(needs.live),
            "saved": _forms([needs.saved]),
            "inputs": _forms([needs.layer_inputs]),
            "segments": _forms(needs.segments),
        },
    }


def _traffic(report: CostReport, profile: Profile) -> dict[str, dict[str, int | float | None] | None]:
    """The parts of both twins' energies with memory, by regime; null where the profile lacks figures."""
    found = regime_terms(replace(report, profile=profile))
    return {name: None if one is None else _parts(one) for name, one in found.items()}


def _parts(one: Terms) -> dict[str, int | float | None]:
    return {
        "ann": plain(one.artificial),
        "once": plain(one.once),
        "per_step": plain(one.per_step),
        "per_spike": plain(one.per_spike),
    }


def _forms(forms: Iterable[Bytes]) -> list[tuple[int, int, int]]:
    """Closed forms of bytes, each once: fixed, per sample, per sample and step."""
    return [astuple(one) for one in dict.fromkeys(forms)]


def subscripts(text: str) -> str:
    """Return a text as HTML with the paper's symbols as it sets them: S_A and E_ANN with subscripts."""
    return re.sub(r"\b(EE|E|S)_(ANN|SNN|Conv|A)\b", r"\1<sub>\2</sub>", escape(text))


def inert_json(value: object) -> str:
    """Return JSON that no HTML parser sees a tag or an entity in."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).translate(_INERT)
