"""The page of a report: inert without a browser; in one, sliders that compute what Python computes."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from fractions import Fraction

import pytest

from snnc.analysis.activity import Activity, Origin, Rate, assumed
from snnc.analysis.cost import CostOptions, cost
from snnc.analysis.profile import profile_named
from snnc.analysis.traffic import regimes
from snnc.backends.diagram.sketch import draw
from snnc.backends.diagram.svg import svg_text
from snnc.backends.report.html import html_of, subscripts
from snnc.backends.report.numbers import bytes_text, count_text, energy_text, rate_text, times_text

EVIL = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">&amp;"


@pytest.fixture
def page(small, report, tmp_path):
    """Write the page of a network with a diagram; its path."""

    def write(**changes):
        found = replace(report("small", "0.1"), **changes)
        path = tmp_path / "page.html"
        path.write_text(html_of(found, svg_text(draw(small.snn_twin.unrolled))), "utf-8")
        return path

    return write


def test_the_page_needs_nothing_else(page):
    text = page().read_text("utf-8")
    assert "default-src 'none'" in text
    for word in (" src=", "href=", "@import", "url(", "fetch(", "XMLHttpRequest", "import("):
        assert word not in text
    addresses = set(re.findall(r"https?://[^\"' <]+", text))
    assert addresses <= {"http://www.w3.org/2000/svg"}
    assert text.count("<svg") == 1


def test_the_page_is_the_same_every_time(page):
    assert page().read_text("utf-8") == page().read_text("utf-8")


def test_a_tag_in_a_name_is_text(page):
    text = page(network=EVIL).read_text("utf-8")
    assert text.count("<script") == 2
    assert "<img" not in text
    assert 'onerror="' not in text


def test_without_a_diagram_there_is_no_section_for_it(report):
    assert "Unrolled graph" not in html_of(report("small", "0.1"))


def test_symbols_get_their_subscripts_and_nothing_else_becomes_markup():
    assert subscripts("5 T S_A, E_ANN") == "5 T S<sub>A</sub>, E<sub>ANN</sub>"
    assert subscripts("<b>S_A</b> S_AB") == "&lt;b&gt;S<sub>A</sub>&lt;/b&gt; S_AB"


def dom(path, address=""):
    """Return the page's elements as a browser has them after its scripts have run."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.fail("no Chromium; these tests are asked for by name and need one")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=2000", "--dump-dom"]
    target = f"{path.as_uri()}{address}"
    done = subprocess.run(
        [program, *options, target], capture_output=True, text=True, timeout=120, check=True
    )
    return done.stdout


def text_of(page, element):
    """Return the text of the element with an id."""
    return re.search(rf'id="{element}"[^>]*>([^<]*)<', page).group(1)


def cells(page, key):
    """Return the cells of a column of the layers' table, the total last."""
    table = page[page.index('id="layers"') :]
    return re.findall(rf'data-key="{key}">([^<]*)<', table[: table.index("</table>")])


def regimes_of(page):
    """Return E_ANN, E_SNN and EE by regime."""
    table = page[page.index('id="traffic"') :]
    lines = re.findall(r'data-regime="([a-z-]+)">(.*?)</tr>', table[: table.index("</table>")], re.DOTALL)
    return {name: tuple(re.findall(r'data-key="[^"]*">([^<]*)<', line)) for name, line in lines}


def rates(scale):
    """Measured rates of the small network."""
    found = {"Conv1": ("0.2", 900), "Conv2": ("0.05", 300), "FC1": ("0.02", 40), "FC2": ("0", 0)}
    return {
        (layer, 0): Rate(Fraction(rate) * scale, Origin.MEASURED, effective=Fraction(count) * scale)
        for layer, (rate, count) in found.items()
    }


@pytest.mark.chromium
def test_in_a_browser_the_page_says_what_python_says(page, report):
    shown, found = dom(page()), report("small", "0.1")
    assert text_of(shown, "total-ee") == times_text(found.ee)
    assert text_of(shown, "total-snn") == energy_text(found.energy_snn)
    assert cells(shown, "energy_snn_pj") == [
        *(energy_text(row.energy) for row in found.rows),
        energy_text(found.energy_snn),
    ]
    assert cells(shown, "ops_per_inference")[:-1] == [count_text(row.operations) for row in found.rows]
    assert shown.count("<svg") == 4


@pytest.mark.chromium
@pytest.mark.parametrize(
    ("steps", "activity", "profile"),
    [(51, "0.2", "paper"), (1, "0.001", "horowitz-fp32"), (400, "0.9", "horowitz-int8")],
)
def test_the_sliders_recompute_everything(page, small, steps, activity, profile):
    shown = dom(page(), f"#T={steps}&S_A={activity}&profile={profile}")
    twins = (small.snn_twin.unrolled, small.ann_twin.unrolled)
    found = cost(*twins, CostOptions(steps, profile_named(profile), activity=assumed(activity)))
    assert text_of(shown, "total-ee") == times_text(found.ee)
    assert text_of(shown, "total-ann") == energy_text(found.energy_ann)
    assert cells(shown, "energy_snn_pj")[:-1] == [energy_text(row.energy) for row in found.rows]
    assert text_of(shown, "show-steps") == str(steps)
    assert regimes_of(shown) == {
        one.name: (energy_text(one.energy_ann), energy_text(one.energy_snn), times_text(one.ee))
        for one in regimes(found)
    }
    needs = found.memory
    assert text_of(shown, "memory-steps") == str(steps)
    assert text_of(shown, "memory-live") == bytes_text(needs.live_at(steps))
    assert text_of(shown, "memory-saved") == bytes_text(needs.saved.at(steps))
    assert text_of(shown, "memory-again") == bytes_text(needs.checkpointed_at(steps))


@pytest.mark.chromium
def test_measured_rates_keep_their_proportions(report, tmp_path):
    """At twice the mean activity and another T every row has twice its rate."""
    path = tmp_path / "page.html"
    one, two = (report("small", rates=Activity(rates=rates(scale), timesteps=4)) for scale in (1, 2))
    path.write_text(html_of(one), "utf-8")
    shown, found = (
        dom(path, f"#T=8&S_A={float(two.mean_activity)!r}"),
        two.at(CostOptions(8, activity=two.activity)),
    )
    assert cells(shown, "activity")[:-1] == [
        rate_text(row.rate.value) if row.booking.per_spike else "" for row in found.rows
    ]
    assert text_of(shown, "total-snn") == energy_text(found.energy_snn)
    assert regimes_of(shown)["per-event"][1] == energy_text(regimes(found)[3].energy_snn)
    assert cells(shown, "effective_ops")[0] == count_text(one.rows[0].effective * 4)


@pytest.mark.chromium
def test_a_profile_without_memory_leaves_the_regimes_open(page):
    found = regimes_of(dom(page(), "#profile=gpu"))
    assert found["compute"][2].endswith("x")
    assert found["once"] == found["per-step"] == found["per-event"] == ("?", "?", "?")


@pytest.mark.chromium
def test_moving_a_slider_moves_the_numbers(page):
    path = page()
    script = (
        "<script>const one=document.getElementById('steps');one.value=1000;"
        "one.dispatchEvent(new Event('input'));</script></body>"
    )
    path.write_text(path.read_text("utf-8").replace("</body>", script), "utf-8")
    assert text_of(dom(path), "show-steps") == "100"


@pytest.mark.chromium
def test_in_a_browser_a_tag_in_a_name_does_not_run(page):
    shown = dom(page(network=EVIL))
    assert "<title>owned" not in shown
    assert "<img" not in shown
    assert text_of(shown, "total-ee").endswith("x")


@pytest.mark.chromium
def test_an_unknown_activity_starts_the_sliders_somewhere(report, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(html_of(report("small")), "utf-8")
    shown = dom(path)
    assert text_of(shown, "show-activity") == "0.1"
    assert "No activity was given" in shown
    assert "x" in text_of(shown, "total-ee")
