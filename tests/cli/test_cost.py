"""`snnc cost` and `snnc claims` as a shell runs them, within this process."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from snnc.cli.main import run

RATES = {
    "schema": 1,
    "network": "VGG5",
    "measured": True,
    "timesteps": 25,
    "samples": 8,
    "data": "noise",
    "rows": [
        {"layer": layer, "input_rate": rate}
        for layer, rate in (
            ("Conv1", 0.4),
            ("Conv2", 0.1),
            ("Conv3", 0.05),
            ("Conv4", 0.04),
            ("FC1", 0.03),
            ("FC2", 0.02),
        )
    ],
}


@pytest.fixture
def snnc(capfd):
    """Run the command line; the exit code, stdout and stderr."""

    def call(*arguments: str) -> tuple[int, str, str]:
        status = run(arguments)
        out, err = capfd.readouterr()
        return status, out, err

    return call


def test_the_report_of_a_shipped_spec(snnc):
    status, out, err = snnc("cost", "vgg5", "--activity", "0.08678")
    assert (status, err) == (0, "")
    assert "14.75x" in out
    assert "60,494,848" in out


def test_without_an_activity_the_forms_are_shown(snnc):
    _, out, _ = snnc("cost", "vgg3x2_agd")
    assert "37,748,736 T S_A" in out
    assert "? needs an activity" in out


def test_json_is_one_object_and_may_go_to_a_file(snnc, tmp_path):
    target = tmp_path / "cost.json"
    assert snnc("cost", "vgg5", "--json", "-a", "0.1", "-o", str(target)) == (0, "", "")
    assert json.loads(target.read_text())["totals"]["parameters"] == 2_214_592


@pytest.mark.parametrize(
    ("form", "start"),
    [("markdown", "## VGG5"), ("csv", "layer,application"), ("latex", "% network"), ("html", "<!DOCTYPE")],
)
def test_other_forms(snnc, form, start):
    status, out, _ = snnc("cost", "vgg5", "-a", "0.1", "-f", form)
    assert status == 0
    assert out.startswith(start)


def test_measured_rates_from_a_file(snnc, tmp_path):
    file = tmp_path / "rates.json"
    file.write_text(json.dumps(RATES))
    status, out, _ = snnc("cost", "vgg5", "-a", str(file))
    assert status == 0
    assert "measured on 8 samples of noise at T = 25" in out
    _, out, _ = snnc("cost", "vgg5", "-a", str(file), "-T", "50")
    assert "at T = 50 it may differ" in out
    rows = [{"layer": "Conv2", "input_rate_per_step": [0, 0.1, 0.2]}]
    file.write_text(json.dumps({"schema": 1, "rows": rows}))
    _, out, _ = snnc("cost", "vgg5", "-a", str(file))
    assert "the activity is of 3 steps; at T = 25 its mean counts" in out


def test_a_profile_and_a_policy_of_ones_own(snnc, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(
        'schema = 1\nname = "mine"\ntitle = "A chip"\ntarget = "chip"\nsource = "its sheet"\nyear = 2025\n'
        'precision = "int8"\nmeasured = true\n[energy_pj]\nmac = 2\nac = 1\n'
    )
    status, out, _ = snnc("cost", "vgg9", "-a", "0.1", "-p", str(file), "--policy", "strict")
    assert status == 0
    assert "mine: A chip, MAC 2 pJ, AC 1 pJ; its sheet, measured" in out
    assert "strict: first spiking layer on a real value: MAC once" in out


MARKUP = "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>"


def test_what_comes_from_files_runs_neither_in_a_spreadsheet_nor_in_a_browser(snnc, tmp_path):
    """A formula for a profile's name, markup in all its texts, in the rates' and in the spec's."""
    profile, rates, spec = (tmp_path / name for name in ("evil.toml", "evil.json", "evil.spec"))
    profile.write_text(
        f'schema = 1\nname = "=HYPERLINK(1)"\ntitle = "{MARKUP}"\ntarget = "{MARKUP}"\nsource = "{MARKUP}"\n'
        f'year = 2025\nprecision = "{MARKUP}"\nmeasured = true\n[energy_pj]\nmac = 2\nac = 1\n'
    )
    row = {"layer": "Conv1", "input_rate": 0.1}
    rates.write_text(
        json.dumps({"schema": 1, "measured": True, "data": MARKUP, "network": MARKUP, "rows": [row]})
    )
    spec.write_text(
        "input 3x8x8\nencode poisson\nInput - Conv1(3,4,3x3/1) - FC1(256,10)\n"
        f'printed FC1(512,10) "=HYPERLINK(1) {MARKUP}"\n'
    )
    _, out, _ = snnc("cost", str(spec), "-a", "0.1", "--sweep", f"profile={profile}")
    assert out.splitlines()[1].startswith("evil,100,0.1,'=HYPERLINK(1),")
    status, out, _ = snnc("cost", str(spec), "-a", str(rates), "-p", str(profile), "-f", "html")
    assert status == 0
    assert (out.count("<script"), out.count("</script"), out.count("<img")) == (2, 2, 0)
    assert "&lt;img src=x onerror=alert(1)&gt;" in out


def test_a_profile_that_is_wrong_is_told_where(snnc, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('schema = 1\nname = "mine"\n[energy_pj]\nmac = 0\n')
    for arguments in (("-p", str(file)), ("--sweep", f"profile=paper,{file}")):
        status, out, err = snnc("cost", "vgg5", *arguments)
        assert (status, out) == (2, "")
        assert f"{file}:4:7" in err
        assert "mac: must be more than 0" in err
        assert "source: must be a text" in err


@pytest.mark.parametrize(
    ("limits", "status", "message"),
    [
        (("--max-params", "2.3M", "--min-ee", "10"), 0, ""),
        (("--max-params", "2.2M"), 1, "parameters is 2,214,592, wanted at most 2,200,000"),
        (("--min-ee", "13"), 1, "EE is 12.8, wanted at least 13"),
        (("--max-macs", "60M"), 1, "MACs is 60,494,848, wanted at most 60,000,000"),
        (("--max-energy", "15uJ"), 1, "wanted at most 15,000,000 pJ"),
    ],
)
def test_limits_are_a_gate(snnc, limits, status, message):
    found, out, err = snnc("cost", "vgg5", "-a", "0.1", *limits)
    assert found == status
    assert message in err
    assert "60,494,848" in out


def test_a_limit_on_the_unknown_fails(snnc):
    status, _, err = snnc("cost", "vgg5", "--min-ee", "1")
    assert status == 1
    assert "EE is not known" in err


def test_two_specs_are_compared_layer_by_layer(snnc):
    status, out, _ = snnc("cost", "vgg16", "vgg11x2", "-a", "0.0065")
    assert status == 0
    assert "Conv5@2" in out
    assert "added" in out
    assert "removed" in out
    assert "parameters, VGG11x2 / VGG16  0.938x" in out


def test_more_specs_are_compared_by_their_totals(snnc):
    _, out, _ = snnc("cost", "vgg5", "vgg3x2_agd", "vgg3x4", "-f", "csv")
    assert [line.split(",")[0] for line in out.splitlines()] == ["network", "VGG5", "VGG3x2", "VGG3x4"]


def test_a_sweep_is_csv(snnc):
    status, out, _ = snnc("cost", "vgg5", "--sweep", "T=5,25", "--sweep", "S_A=0.1:0.2:0.1")
    lines = out.splitlines()
    assert status == 0
    assert lines[0].startswith("network,timesteps,activity,profile")
    assert [line.split(",")[1:3] for line in lines[1:]] == [
        ["5", "0.1"],
        ["5", "0.2"],
        ["25", "0.1"],
        ["25", "0.2"],
    ]


def test_a_sweep_in_other_forms(snnc):
    axes = ("cost", "vgg5", "--sweep", "T=5,25", "-a", "0.1")
    reports = json.loads(snnc(*axes, "--json")[1])["reports"]
    assert [one["timesteps"] for one in reports] == [5, 25]
    assert snnc(*axes, "-f", "markdown")[1].count("| VGG5 |") == 2
    status, out, err = snnc(*axes, "-f", "html")
    assert (status, out) == (2, "")
    assert "one spec at one point" in " ".join(err.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-a", "many"), "'many' is no number"),
        (("-a", "-1"), "not negative"),
        (("-a", "nan"), "no finite number"),
        (("-p", "h100"), "no profile is named 'h100'"),
        (("--policy", "fair"), "no policy is named 'fair'"),
        (("-f", "pdf"), "'pdf' is none of table, markdown"),
        (("--sweep", "speed=1"), "over T, S_A or profile"),
        (("--max-params", "lots"), "'lots' is no number"),
        (("-T", "0"), "greater than or equal to 1"),
    ],
)
def test_an_option_that_is_wrong_is_refused(snnc, arguments, message):
    status, out, err = snnc("cost", "vgg5", *arguments)
    assert (status, out) == (2, "")
    assert message in " ".join(err.split())


def test_files_that_cannot_be_read_or_do_not_fit(snnc, tmp_path):
    assert snnc("cost", "vgg5", "-a", str(tmp_path / "none.json"))[0] == 4
    assert snnc("cost", "vgg5", "-p", str(tmp_path / "none.toml"))[0] == 4
    file = tmp_path / "rates.json"
    file.write_text(json.dumps(RATES))
    status, _, err = snnc("cost", "vgg3x2_agd", "-a", str(file))
    assert status == 2
    assert "VGG3x2 has no Conv4" in err


def test_a_spec_that_is_wrong_is_refused_as_by_check(snnc, tmp_path):
    spec = tmp_path / "wrong.spec"
    spec.write_text("input 3x8x8\nInput - Conv1(4,4,3x3/1) - FC1(256,10)\n")
    status, out, err = snnc("cost", str(spec))
    assert (status, out) == (2, "")
    assert "Conv1" in err


def test_profiles_are_listed_with_their_sources(snnc):
    status, out, _ = snnc("cost", "--profiles")
    assert status == 0
    assert "horowitz-fp32" in out
    assert "Davies" in out
    found = json.loads(snnc("cost", "--profiles", "--json")[1])
    assert found["profiles"][0]["name"] == "paper"


def test_claims(snnc, golden):
    status, out, _ = snnc("claims")
    assert status == 0
    golden(out, "claims.txt")


def test_claims_of_one_table_as_json(snnc):
    _, out, _ = snnc("claims", "xii", "--json")
    claims = json.loads(out)["claims"]
    assert {claim["table"] for claim in claims} == {"XII"}
    unreachable = {claim["printed"] for claim in claims if claim["verdict"] == "unreachable"}
    assert unreachable == {"1.69x", "2.14x"}
    assert snnc("claims", "IX")[0] == 2


def test_claims_have_no_page(snnc):
    status, out, err = snnc("claims", "-f", "html")
    assert (status, out) == (2, "")
    assert "'html' is none of table, markdown, csv, latex, json" in " ".join(err.split())


def test_it_answers_at_once_and_without_torch():
    code = (
        "import sys, time\n"
        "from snnc.cli.main import run\n"
        "status = run(['cost', 'vgg16', '-a', '0.0065'])\n"
        "print(status, 'torch' in sys.modules, time.process_time(), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    status, torch, seconds = done.stderr.split()
    assert (status, torch) == ("0", "False")
    assert float(seconds) < 5  # half of one where nobody else computes


def test_two_thousand_layers_in_seconds(snnc, tmp_path):
    layers = " - ".join(f"Conv{number}(4,4,3x3/1)" for number in range(1, 1001))
    spec = tmp_path / "deep.spec"
    spec.write_text(
        f"input 4x16x16\nencode poisson\nInput - {layers}\n - [Conv1001(4,4,3x3/1)] repeated 1000 times\n"
        " - FC1(1024,10)\n"
    )
    start = time.perf_counter()
    status, out, _ = snnc("cost", str(spec), "-a", "0.1", "--json")
    assert status == 0
    assert len(json.loads(out)["rows"]) == 2001
    assert time.perf_counter() - start < 120
