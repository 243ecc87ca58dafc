"""`snnc check`: what is said, what is mended, and what is left alone."""

from __future__ import annotations

import os
import stat

import pytest

from snnc.driver import load


def figures(path) -> str:
    """Count the weights and multiplications of the small network by hand."""
    conv1, conv2, fc1 = 3 * 4 * 9, 4 * 4 * 9, 64 * 5
    return f"Small: {conv1 + conv2 + fc1:,} parameters, {(conv1 + 2 * conv2) * 64 + fc1:,} MACs"


def column(path, text: str) -> int:
    """Return the 1-based column of a text in the third line."""
    return path.read_text().splitlines()[2].index(text) + 1


def test_a_right_spec_is_named_with_its_figures(snnc, right):
    assert snnc("check", str(right)) == (0, f"{right}: ok, {figures(right)}\n", "")


def test_a_mistake_is_told_on_stderr(snnc, mendable):
    answer = snnc("check", str(mendable))
    assert (answer.status, answer.out) == (2, "")
    assert "error[fan-in]" in answer.err
    assert f"--> {mendable}:3:{column(mendable, '60')}" in answer.err


def test_a_shipped_spec_goes_by_its_name(snnc):
    assert snnc("check", "vgg5") == (0, "vgg5: ok, VGG5: 2,214,592 parameters, 60,494,848 MACs\n", "")


def test_stdin(snnc, right, mendable):
    assert snnc("check", "-", stdin=right.read_text()).out.startswith("-: ok, ")
    answer = snnc("check", "-", stdin=mendable.read_text())
    assert (answer.status, answer.out) == (2, "")
    assert f"--> <stdin>:3:{column(mendable, '60')}" in answer.err


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * (1 << 20) + b"y", b""])
def test_what_is_no_text_is_refused(snnc, content: bytes):
    answer = snnc("check", "-", stdin=content)
    assert (answer.status, answer.out) == (2, "")
    assert "error[" in answer.err


def test_a_spec_named_twice_is_checked_once(snnc, right):
    assert snnc("check", str(right), str(right)).out.count("ok") == 1


def test_mending_rewrites_the_file(snnc, mendable, right, tree):
    answer = snnc("check", "--fix", str(mendable))
    assert answer == (0, f"{mendable}: ok, {figures(right)}\n", f"{mendable}: mended in 1 place\n")
    assert mendable.read_text() == right.read_text()
    assert tree() == {"mendable.spec", "right.spec"}


def test_mending_goes_on_while_there_is_something_to_mend(snnc, write_spec, right):
    text = right.read_text().replace("Conv1(3,", "Conv1(1,").replace("FC1(64", "FC1(60")
    path = write_spec("twice", text.replace("Conv2(4,4,3x3/1) repeated 2 times", "Conv2(4,4,3x3/1)"))
    answer = snnc("check", "--fix", str(path))
    assert answer.status == 0
    assert "mended in 2 places" in answer.err
    assert "Conv1(3,4," in path.read_text()
    assert "FC1(64,5)" in path.read_text()


def test_what_cannot_be_mended_stays(snnc, hopeless):
    before = hopeless.read_text()
    answer = snnc("check", "--fix", str(hopeless))
    assert (answer.status, answer.out) == (2, "")
    assert "error[map-too-small]" in answer.err
    assert hopeless.read_text() == before


def test_mending_keeps_mark_line_ends_and_mode(snnc, mendable, right):
    content = b"\xef\xbb\xbf" + mendable.read_bytes().replace(b"\n", b"\r\n")
    mendable.write_bytes(content)
    mendable.chmod(0o640)
    assert snnc("check", "--fix", str(mendable)).status == 0
    assert mendable.read_bytes() == b"\xef\xbb\xbf" + right.read_bytes().replace(b"\n", b"\r\n")
    assert stat.S_IMODE(mendable.stat().st_mode) == 0o640


def test_mending_a_link_mends_the_file_behind_it(snnc, mendable, right, tmp_path):
    link = tmp_path / "link.spec"
    link.symlink_to(mendable)
    assert snnc("check", "--fix", str(link)).status == 0
    assert link.is_symlink()
    assert mendable.read_text() == right.read_text()


def test_mending_stdin_writes_the_text(snnc, mendable, right):
    answer = snnc("check", "--fix", "-", stdin=mendable.read_text())
    assert answer == (0, right.read_text(), "-: mended in 1 place\n")
    assert snnc("check", "--fix", "-", stdin=right.read_text()) == (0, right.read_text(), "")


def test_a_read_only_file_is_left_alone(snnc, mendable, monkeypatch):
    before = mendable.read_text()
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anything
    answer = snnc("check", "--fix", str(mendable))
    assert (answer.status, answer.out, answer.err) == (4, "", f"snnc: {mendable}: Permission denied\n")
    assert mendable.read_text() == before


def test_a_file_that_changes_meanwhile_is_left_alone(snnc, mendable, monkeypatch):
    from snnc.cli import mend

    compiled = mend.compiled

    def interfere(given, spec):
        mendable.write_text("input 1x1x1\n")
        return compiled(given, spec)

    monkeypatch.setattr(mend, "compiled", interfere)
    answer = snnc("check", "--fix", str(mendable))
    assert answer.status == 4
    assert "changed meanwhile" in answer.err
    assert mendable.read_text() == "input 1x1x1\n"


def test_a_shipped_spec_is_not_mended_in_place(snnc, monkeypatch, mendable):
    from snnc.cli import specfile
    from snnc.source import Source

    source = Source("vgg5.spec", mendable.read_text())
    monkeypatch.setattr(specfile, "open_spec", lambda _: (source, None))
    answer = snnc("check", "--fix", "vgg5")
    assert answer.status == 4
    assert "snnc specs" in answer.err


def test_json_has_everything(snnc, right, mendable):
    found = snnc("check", "--json", str(right), str(mendable), "missing.spec")
    assert (found.status, found.err) == (4, "")
    fine, wrong, missing = found.json["specs"]
    assert fine == {
        "spec": str(right),
        "ok": True,
        "diagnostics": [],
        "mended": 0,
        "network": "Small",
        "timesteps": load(right).model.timesteps,
        "input": [3, 8, 8],
        "parameters": 572,
        "macs": 25_664,
    }
    assert (wrong["ok"], wrong["mended"]) == (False, 0)
    (diagnostic,) = wrong["diagnostics"]
    assert (diagnostic["code"], diagnostic["line"], diagnostic["fix"]["replacement"]) == ("fan-in", 3, "64")
    assert missing["failure"] == "missing.spec: No such file or directory"


def test_json_of_mended_stdin_has_the_text(snnc, mendable, right):
    (found,) = snnc("check", "--json", "--fix", "-", stdin=mendable.read_text()).json["specs"]
    assert (found["mended"], found["text"]) == (1, right.read_text())
