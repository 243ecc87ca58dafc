"""A report as one page that needs nothing else: table, diagram, plots, and sliders for T and S_A.

The page forbids itself any network by its content policy. What comes from a spec stands in it as text,
or inside JSON in which no tag can end; the diagram is trusted to be a drawing without scripts.
"""

from __future__ import annotations

import json
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from snnc.analysis.cost import CostReport
from snnc.analysis.profile import shipped
from snnc.analysis.traffic import regimes
from snnc.backends.report.json import as_json, profile_json
from snnc.backends.report.numbers import bytes_text, energy_text, times_text
from snnc.backends.report.sheet import page_sheet

_INERT = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def html_of(report: CostReport, diagram: str = "") -> str:
    """Return the page. ``diagram`` is an SVG element of the unrolled graph; without one there is none."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    template = environment.from_string(_file("page.html.j2"))
    return template.render(
        report=report,
        sheet=page_sheet(report),
        traffic=[one for one in regimes(report) if one.ee is not None],
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
    return {
        "report": as_json(report),
        "profiles": [profile_json(one) for one in (own, *others)],
    }


def inert_json(value: object) -> str:
    """Return JSON that no HTML parser sees a tag or an entity in."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).translate(_INERT)
