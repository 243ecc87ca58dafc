"""`snnc specs` and `snnc explain`: what ships with the compiler."""

from __future__ import annotations

from pathlib import Path

import pytest

SPECS = Path(__file__).parents[2] / "specs"
DIAGNOSTICS = Path(__file__).parents[2] / "docs" / "diagnostics"
CODES = sorted(path.stem for path in DIAGNOSTICS.glob("*.md"))
NAMES = sorted(path.stem for path in SPECS.glob("*.spec"))


def test_the_list_has_every_spec(snnc):
    answer = snnc("specs")
    header, *lines = answer.out.splitlines()
    assert (answer.status, answer.err) == (0, "")
    assert header.split() == ["name", "parameters", "MACs", "T", "what", "it", "is"]
    assert [line.split()[0] for line in lines] == NAMES
    (vgg5,) = (line for line in lines if line.startswith("vgg5 "))
    assert vgg5.split()[1:4] == ["2,214,592", "60,494,848", "25"]
    assert vgg5.endswith("Table IX, CIFAR-10, trained by AGD.")


@pytest.mark.parametrize("name", ["vgg5", "vgg5.spec"])
def test_a_text_is_printed_byte_by_byte(snnc, name: str):
    assert snnc("specs", name) == (0, (SPECS / "vgg5.spec").read_text(), "")


def test_a_copy_is_accepted(snnc, tmp_path):
    (tmp_path / "mine.spec").write_text(snnc("specs", "vgg8x2").out)
    assert snnc("check", "mine.spec").status == 0


def test_a_near_name_is_suggested(snnc):
    assert "did you mean vgg11x2" in snnc("specs", "vgg11x").err


@pytest.mark.parametrize("name", ["../specs/vgg5", "/etc/passwd", "", "vgg5\x00"])
def test_a_path_is_no_name(snnc, name: str):
    assert snnc("specs", name or "x").status == 2


def test_json_of_the_list(snnc):
    found = snnc("specs", "--json").json["specs"]
    assert [one["name"] for one in found] == NAMES
    (vgg5,) = (one for one in found if one["name"] == "vgg5")
    assert vgg5.pop("text") == (SPECS / "vgg5.spec").read_text()
    assert vgg5 == {
        "name": "vgg5",
        "about": "Table IX, CIFAR-10, trained by AGD.",
        "network": "VGG5",
        "timesteps": 25,
        "input": [3, 32, 32],
        "parameters": 2_214_592,
        "macs": 60_494_848,
    }


def test_json_of_one(snnc):
    assert [one["name"] for one in snnc("specs", "--json", "vgg3").json["specs"]] == ["vgg3"]


def test_every_code_is_listed_with_a_sentence(snnc):
    answer = snnc("explain")
    lines = dict(line.split(maxsplit=1) for line in answer.out.splitlines())
    assert (answer.status, answer.err) == (0, "")
    assert list(lines) == CODES
    assert all(sentence.endswith(".") for sentence in lines.values())


def test_a_page_is_shown(snnc):
    assert snnc("explain", "fan-in") == (0, (DIAGNOSTICS / "fan-in.md").read_text(), "")


def test_a_page_is_typeset_where_there_are_colours(snnc):
    answer = snnc("explain", "fan-in", "--color", "always")
    assert answer.status == 0
    assert "\x1b[" in answer.out
    assert "```" not in answer.out


def test_a_near_code_is_suggested(snnc):
    assert "did you mean fan-in?" in snnc("explain", "fanin").err


def test_json_of_the_pages(snnc):
    found = {one["code"]: one for one in snnc("explain", "--json").json["diagnostics"]}
    assert list(found) == CODES
    assert found["fan-in"]["text"] == (DIAGNOSTICS / "fan-in.md").read_text()
    assert [one["code"] for one in snnc("explain", "fan-in", "--json").json["diagnostics"]] == ["fan-in"]
