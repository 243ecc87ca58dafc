"""`snnc format`: one spelling, in place or on stdout, and never another meaning."""

from __future__ import annotations

import pytest

import snnc.cli.spelling as snnc_spelling
from snnc.driver import load, loads

SLOPPY = """\
Timesteps 25   # short
INPUT 3 x 8 x 8 # small
Input – Conv1(3,4,3x3/1) - Conv2(4,4,3x3/1)-Conv2( 4, 4, 3x3/1 ) -- Pool(2x2/2)  - FC1(64,5)
BackRes [Conv2] repeated 2 times
"""


@pytest.fixture
def sloppy(write_spec):
    return write_spec("sloppy", SLOPPY)


@pytest.fixture
def neat(snnc, sloppy) -> str:
    answer = snnc("format", str(sloppy))
    assert (answer.status, answer.err) == (0, "")
    return answer.out


def test_the_text_goes_to_stdout(sloppy, neat: str):
    assert sloppy.read_text() == SLOPPY
    assert "repeated 2 times" in neat
    assert "BackRes" not in neat
    assert "# small" in neat


def test_the_meaning_stays(sloppy, neat: str):
    assert loads(neat, "sloppy.spec").graph == load(sloppy).graph


def test_formatting_twice_changes_nothing(snnc, neat: str):
    assert snnc("format", "-", stdin=neat) == (0, neat, "")


def test_a_file_is_rewritten(snnc, sloppy, neat: str, tree):
    assert snnc("format", "--write", str(sloppy)) == (0, f"{sloppy}: respelled\n", "")
    assert sloppy.read_text() == neat
    assert snnc("format", "-w", str(sloppy)) == (0, "", "")
    assert tree() == {"sloppy.spec"}


def test_line_ends_and_the_mark_stay(snnc, sloppy, neat: str):
    sloppy.write_bytes(b"\xef\xbb\xbf" + SLOPPY.replace("\n", "\r\n").encode())
    assert snnc("format", "--write", str(sloppy)).status == 0
    assert sloppy.read_bytes() == b"\xef\xbb\xbf" + neat.replace("\n", "\r\n").encode()


def test_checking_writes_nothing(snnc, sloppy, neat: str, write_spec):
    tidy = write_spec("tidy", neat)
    assert snnc("format", "--check", str(sloppy), str(tidy)) == (1, f"{sloppy}: would be respelled\n", "")
    assert snnc("format", "--check", str(tidy)) == (0, "", "")
    assert sloppy.read_text() == SLOPPY


def test_stdin_is_a_filter_whatever_is_asked_for(snnc, neat: str):
    assert snnc("format", "-", stdin=SLOPPY) == (0, neat, "")
    assert snnc("format", "--write", "-", stdin=SLOPPY) == (0, neat, "")
    assert snnc("format", "--check", "-", stdin=SLOPPY) == (1, "-: would be respelled\n", "")


def test_what_cannot_be_read_is_refused_and_left(snnc, write_spec, neat: str):
    broken = write_spec("broken", "input 3x8x8\nInput - Conv1(\n")
    answer = snnc("format", "--write", str(broken))
    assert (answer.status, answer.out) == (2, "")
    assert f"--> {broken}:2:" in answer.err
    assert broken.read_text() == "input 3x8x8\nInput - Conv1(\n"


def test_a_spec_that_is_wrong_but_well_written_is_formatted(snnc, mendable):
    assert "FC1(60,5)" in snnc("format", str(mendable)).out


def test_a_shipped_spec_is_not_rewritten(snnc, monkeypatch, tmp_path):
    monkeypatch.setattr(snnc_spelling, "_respelled", lambda _: "input 1x1x1\n")
    answer = snnc("format", "--write", "vgg5")
    assert answer.status == 4
    assert "belongs to snnc" in answer.err


@pytest.mark.parametrize("text", [SLOPPY.replace("Conv1(3,4", "Conv1(3,5"), "input 3x8x8\nInput -"])
def test_another_meaning_is_a_fault_and_is_never_written(snnc, sloppy, monkeypatch, text: str):
    monkeypatch.setattr(snnc_spelling, "format_spec", lambda _: text)
    answer = snnc("format", "--write", str(sloppy))
    assert (answer.status, answer.out) == (4, "")
    assert "fault of snnc" in answer.err
    assert sloppy.read_text() == SLOPPY


def test_json(snnc, sloppy, neat: str):
    (found,) = snnc("format", "--json", str(sloppy)).json["specs"]
    assert found == {"spec": str(sloppy), "ok": True, "changed": True, "text": neat, "diagnostics": []}
    (found,) = snnc("format", "--json", "-", stdin="Input -").json["specs"]
    assert (found["ok"], len(found["diagnostics"])) == (False, 1)
