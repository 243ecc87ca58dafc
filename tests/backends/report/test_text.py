import re
from dataclasses import replace
from fractions import Fraction
from html import unescape

import pytest
from markdown_it import MarkdownIt

from snnc.analysis.activity import Activity, Origin, Rate
from snnc.analysis.policy import policy_of
from snnc.analysis.profile import profile_named
from snnc.backends.report.comparison import difference_sheet, networks_sheet
from snnc.backends.report.csv import csv_of, inert
from snnc.backends.report.latex import latex_of, typeset
from snnc.backends.report.markdown import markdown_of
from snnc.backends.report.numbers import bytes_text, count_text, energy_text, rate_text, times_text
from snnc.backends.report.sheet import full_sheet, short_sheet
from snnc.backends.report.text import text_of

EVIL = [
    '=HYPERLINK("http://x","y")',
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    " =1",
    "|calc",
    "%0A",
    "<script>alert(1)</script>",
]


@pytest.mark.parametrize(("name", "activity"), [("small", None), ("small", "0.1"), ("vgg8x2", "0.0658")])
def test_the_table(report, golden, name, activity):
    golden(text_of(short_sheet(report(name, activity))), f"{name}_{activity or 'symbolic'}.txt")


def test_measured_rates_stand_beside_what_they_cost(report, golden):
    rates = {
        ("Conv1", 1): Rate(Fraction(2, 5), Origin.MEASURED, Fraction(1, 9), effective=Fraction(13_000)),
        ("Conv2", 1): Rate(Fraction(1, 10), Origin.MEASURED, effective=Fraction(3_000)),
        ("Conv2", 2): Rate(Fraction(1, 20), Origin.MEASURED, effective=Fraction(331, 4)),
    }
    activity = Activity(rates=rates, timesteps=4, samples=64, data="noise")
    golden(text_of(short_sheet(report("small", rates=activity))), "measured.txt")


@pytest.mark.parametrize(("write", "suffix"), [(markdown_of, "md"), (latex_of, "tex"), (csv_of, "csv")])
def test_other_forms(report, golden, write, suffix):
    sheet = full_sheet if suffix == "csv" else short_sheet
    golden(write(sheet(report("small", "0.1"))), f"small.{suffix}")


def test_what_the_profile_does_not_know_is_a_question_mark(report):
    text = text_of(short_sheet(report("small", "0.1", profile=profile_named("loihi-davies"))))
    assert re.search(r"^E_ANN +\?$", text, re.MULTILINE)
    assert "gives no energy for a MAC" in text
    assert " 0 pJ" not in text


def test_a_profile_without_an_ac_says_so(report):
    bare = replace(profile_named("paper"), ac=None, name="bare")
    text = text_of(short_sheet(report("small", "0.1", profile=bare)))
    assert "? the profile bare gives no energy for an AC" in text
    assert re.search(r"^E_SNN +\?$", text, re.MULTILINE)


def test_an_activity_that_cannot_be_is_pointed_at(report):
    assert "S_A of Conv1 is above 1" in text_of(short_sheet(report("small", "1.5")))
    assert "is above 1" not in text_of(short_sheet(report("small", "1")))


def test_rates_of_another_network_or_of_some_layers_say_so(report):
    rate = Rate(Fraction(1, 10), Origin.MEASURED)
    partly = Activity(rates={("Conv1", 0): rate}, network="Other")
    text = text_of(short_sheet(report("small", rates=partly)))
    assert "the rates are those of Other, not of Small" in text
    assert "? the activity says nothing of Conv2@1, Conv2@2" in text


def test_silence_leaves_the_efficiency_of_a_full_snn_without_a_value(report):
    text = text_of(short_sheet(report("vgg5", "0")))
    assert "? the spiking twin spends nothing" in text
    assert "S_A = 1.28" in text


def test_a_policy_that_books_a_real_value_as_spikes_says_so(report):
    text = text_of(short_sheet(report("vgg9", "0.1")))
    assert "Conv3 reads a real value; the policy paper books it as AC" in text
    strict = text_of(short_sheet(report("vgg9", "0.1", policy=policy_of("strict"))))
    assert "books it" not in strict
    assert "MAC once" in strict


def test_printed_numbers_are_named(report):
    text = text_of(short_sheet(report("vgg3x2_conversion")))
    assert "604,864; 678,592 unshared, compression 1.122x; 1,129,152 as printed" in text
    assert "the paper prints FC1(2048,512), 1,048,576 parameters" in text


@pytest.mark.parametrize("evil", EVIL)
def test_a_cell_that_a_spreadsheet_would_run_is_inert(report, evil):
    assert str(inert(evil))[0] in "'<"
    sheet = full_sheet(replace(report("small", "0.1"), network=evil))
    named = replace(sheet, rows=((evil, *sheet.rows[0][1:]),))
    first = csv_of(named).splitlines()[1]
    assert not first.lstrip('" ').startswith(("=", "+", "-", "@", "\t", "|", "%"))


def test_negative_numbers_stay_numbers():
    assert inert(Fraction(-1, 2)) == -0.5
    assert inert(-3) == -3
    assert inert(None) == ""


@pytest.mark.parametrize("name", ["small", "vgg9", "resnet2x2"])
def test_markdown_renders_as_one_table_of_the_same_cells(report, name):
    sheet = short_sheet(report(name, "0.1"))
    shown = MarkdownIt().enable("table").render(markdown_of(sheet))
    assert shown.count("<table>") == 1
    cells = [unescape(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", shown)]
    table = [sheet.texts(row) for row in (*sheet.rows, sheet.total)]
    assert [re.sub("<[^>]*>", "", cell) for cell in cells] == [cell for row in table for cell in row]


@pytest.mark.parametrize("name", ["small", "vgg9", "resnet2x2"])
def test_a_latex_table_is_whole(report, name):
    """Rows of as many cells as there are columns, groups and environments closed, nothing raw."""
    text = latex_of(short_sheet(report(name, "0.1")))
    body = re.sub(r"^%.*\n", "", text, flags=re.MULTILINE)
    (align,) = re.findall(r"\\begin\{tabular\}\{([lr]+)\}", body)
    rows = [line for line in body.splitlines() if line.endswith(r" \\")]
    assert len(rows) == len(report(name, "0.1").rows) + 2
    assert {len(re.findall(r"(?<!\\)&", row)) for row in rows} == {len(align) - 1}
    assert re.findall(r"\\begin\{(\w+)\}", body) == re.findall(r"\\end\{(\w+)\}", body)[::-1]
    bare = re.sub(r"\\[{}$%#_&]", "", body)
    assert bare.count("{") == bare.count("}")
    assert bare.count("$") % 2 == 0
    outside = re.sub(r"\$[^$]*\$", "", bare)
    assert not re.search(r"[_^#~]|(?<!\\)%(?!$)", outside, re.MULTILINE)


def test_latex_sets_symbols_but_leaves_names():
    assert typeset("VGG3x2, 64x32x32, 3.98x") == r"VGG3x2, 64$\times$32$\times$32, 3.98$\times$"
    assert typeset("spike -> analog") == r"spike $\to$ analog"
    assert typeset("5,120 T S_A; E_SNN; EE_Conv") == r"5,120 $T\,S_A$; $E_\mathrm{SNN}$; $EE_\mathrm{Conv}$"


def test_latex_breaks_sentences_into_lines(report):
    both = latex_of(difference_sheet(report("vgg16", "0.1"), report("vgg11x2", "0.1")))
    assert r"\begin{tabular}{lrrrrrrp{5.5cm}}" in both
    assert r"\caption{Networks}" in latex_of(networks_sheet("Networks", [report("vgg5", "0.1")]))


def test_markup_is_shown_not_obeyed(report):
    evil = replace(report("small", "0.1"), network="<b>|*x*|\\& _y_ $z$ \u202e")
    markdown, latex = markdown_of(short_sheet(evil)), latex_of(short_sheet(evil))
    assert r"\<b\>\|\*x\*\|" in markdown
    assert "\u202e" not in markdown
    assert r"\textless{}b\textgreater{}\textbar{}*x*\textbar{}\textbackslash{}\& \_y\_ \$z\$" in latex


def test_numbers_for_people():
    assert energy_text(193_583_514) == "193.6 µJ"
    assert energy_text(0) == "0 pJ"
    assert energy_text(None) == count_text(None) == rate_text(None) == times_text(None) == "?"
    assert energy_text(Fraction(10**40)) == "1e+25 kJ"
    assert times_text(Fraction(59, 4)) == "14.75x"
    assert times_text(Fraction(1, 3)) == "0.333x"
    assert bytes_text(8_858_368) == "8.448 MiB"
    assert bytes_text(12) == "12 B"
    assert count_text(2**70) == "1,180,591,620,717,411,303,424"
