"""`snnc compile`: the files, the table, and that a refused spec leaves nothing."""

from __future__ import annotations

import ast
import errno
import os
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from snnc.cli.products import stem
from snnc.driver import load
from snnc.ir.program import Target

HOSTILE_NAMES = (
    "..",
    ". .",
    "a b",
    "-rf",
    "class",
    "2x",
    "x" * 200,
    "r\u00e9seau",
    "\u202egnp",
    'quote"; import os #',
    "$(touch owned)",
    "new\nline",
    "\x1b[31m",
    "con",
)


def test_the_files_are_named_after_the_spec(snnc, right, tree):
    answer = snnc("compile", str(right))
    files = [f"build/right/right{end}" for end in ("_ann.py", "_snn.py", ".svg")]
    assert (answer.status, answer.err) == (0, "")
    assert answer.out.splitlines()[-3:] == [f"wrote {file}" for file in files]
    assert tree() == {"right.spec", "build", "build/right", *files}


def test_the_files_hold_what_the_network_prints(snnc, right):
    snnc("compile", str(right))
    net = load(right)
    for twin in ("ann", "snn"):
        text = Path(f"build/right/right_{twin}.py").read_text()
        assert text == net.source(Target(twin))
        assert f"class Small({'nn.Module' if twin == 'ann' else 'SpikingNetwork'})" in text
    picture = ET.parse("build/right/right.svg")  # noqa: S314  snnc has just written it
    assert picture.getroot().tag.endswith("svg")


def test_the_table_is_shown(snnc, right):
    answer = snnc("compile", str(right))
    assert answer.out.startswith("Small, ")
    assert load(right).summary() in answer.out
    assert re.search(r"^total +572 +25,664$", answer.out, re.MULTILINE)


def test_another_folder(snnc, right, tree):
    assert snnc("compile", str(right), "-o", "made/here").status == 0
    assert {"made/here/right_ann.py", "made/here/right_snn.py", "made/here/right.svg"} <= tree()
    assert "build" not in tree()


@pytest.mark.parametrize(("twin", "other"), [("ann", "snn"), ("snn", "ann")])
def test_one_twin_alone(snnc, right, tree, twin: str, other: str):
    assert snnc("compile", str(right), "--target", twin).status == 0
    assert f"build/right/right_{twin}.py" in tree()
    assert f"build/right/right_{other}.py" not in tree()


def test_a_standalone_module_knows_nothing_of_snnc(snnc, right):
    assert snnc("compile", str(right), "--standalone").status == 0
    text = Path("build/right/right_snn.py").read_text()
    imports = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)]
    assert imports
    assert all(not node.module.startswith("snnc") for node in imports)


def test_stdin_has_a_name_too(snnc, right, tree):
    assert snnc("compile", "-", stdin=right.read_text()).status == 0
    assert "build/stdin/stdin_snn.py" in tree()


def test_a_refused_spec_leaves_nothing(snnc, mendable, tree):
    answer = snnc("compile", str(mendable))
    assert (answer.status, answer.out) == (2, "")
    assert tree() == {"mendable.spec"}


def test_one_refused_spec_keeps_all_from_being_written(snnc, right, mendable, tree):
    answer = snnc("compile", str(right), str(mendable))
    assert (answer.status, answer.out) == (2, "")
    assert tree() == {"right.spec", "mendable.spec"}


def test_several_specs(snnc, right, tree):
    assert snnc("compile", str(right), "vgg5").out.count("wrote ") == 6
    assert {"build/right/right_snn.py", "build/vgg5/vgg5_snn.py"} <= tree()


def test_specs_that_would_overwrite_each_other_are_refused(snnc, right, tree, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "right.spec").write_text(right.read_text())
    before = tree()
    answer = snnc("compile", "right.spec", "other/right.spec")
    assert (answer.status, answer.out) == (2, "")
    assert "would write build/right/right" in answer.err
    assert tree() == before


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_leaves_nothing(snnc, right, tree, monkeypatch, error: BaseException):
    def fail(handle: int) -> None:
        raise error

    monkeypatch.setattr(os, "fsync", fail)
    answer = snnc("compile", str(right))
    assert (answer.status, answer.out) == (130 if isinstance(error, KeyboardInterrupt) else 4, "")
    assert tree() == {"right.spec"}


def test_an_unwritable_folder_is_one_line(snnc, right, tree, monkeypatch):
    def refuse(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))  # root may write anywhere

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert snnc("compile", str(right)) == (4, "", "snnc: build: Permission denied\n")
    assert tree() == {"right.spec"}


def test_a_file_in_the_way_is_one_line(snnc, right):
    Path("build").write_text("a file")
    answer = snnc("compile", str(right))
    assert (answer.status, answer.out) == (4, "")
    assert answer.err == "snnc: build/right: Not a directory\n"


@pytest.mark.parametrize("link", ["build", "build/right", "build/right/right_snn.py"])
def test_a_waiting_link_is_refused(snnc, right, tmp_path, link: str):
    outside = tmp_path / "outside"
    outside.mkdir()
    Path(link).parent.mkdir(parents=True, exist_ok=True)
    Path(link).symlink_to(outside)
    answer = snnc("compile", str(right))
    assert (answer.status, answer.out) == (4, "")
    assert answer.err == f"snnc: {link}: a symbolic link, through which snnc does not write\n"
    assert list(outside.iterdir()) == []


def test_the_folder_that_a_user_names_may_be_a_link(snnc, right, tmp_path):
    (tmp_path / "real").mkdir()
    Path("link").symlink_to("real")
    assert snnc("compile", str(right), "-o", "link").status == 0
    assert Path("real/right_snn.py").exists()


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_hostile_name_stays_inside(snnc, right, tree, tmp_path, name: str):
    folder = tmp_path / "in"
    folder.mkdir()
    path = folder / f"{name}.spec"
    path.write_text(right.read_text().partition("\n")[2])  # so that the file names the network
    before = tree()
    answer = snnc("compile", f"./{path.relative_to(tmp_path)}")
    made = tree() - before
    assert "\x1b" not in answer.out + answer.err
    assert "\u202e" not in answer.out + answer.err
    assert answer.status in {0, 2}
    assert bool(made) is (answer.status == 0)
    assert all(re.fullmatch(r"build(/[a-z_][a-z0-9_]{0,63}(/[a-z0-9_]+\.(py|svg))?)?", one) for one in made)


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_stem_is_an_identifier(name: str):
    assert re.fullmatch(r"[a-z_][a-z0-9_]{0,63}", stem(f"some/where/{name}.spec"))


def test_stems_of_plain_names():
    assert [stem(name) for name in ("vgg5.spec", "a/VGG11x2.spec", "my net.txt", "2x.spec")] == [
        "vgg5",
        "vgg11x2",
        "my_net_txt",
        "_2x",
    ]


def test_json(snnc, right):
    answer = snnc("compile", "--json", str(right))
    (found,) = answer.json["specs"]
    assert (answer.status, answer.err) == (0, "")
    assert (found["ok"], found["network"], found["parameters"], found["macs"]) == (True, "Small", 572, 25_664)
    assert found["files"] == [f"build/right/right{end}" for end in ("_ann.py", "_snn.py", ".svg")]
    assert [(row["layer"], row["application"], row["parameters"]) for row in found["layers"]] == [
        ("Conv1", 1, 108),
        ("Conv2", 1, 144),
        ("Conv2", 2, 0),
        ("FC1", 1, 320),
    ]
    assert found["layers"][0]["shape"] == [4, 8, 8]


def test_json_of_a_refusal_tells_about_every_spec(snnc, right, mendable, tree):
    answer = snnc("compile", "--json", str(right), str(mendable))
    assert (answer.status, answer.err) == (2, "")
    assert [one["ok"] for one in answer.json["specs"]] == [True, False]
    assert "build" not in tree()


def test_the_papers_number_is_told_where_it_differs(snnc):
    (found,) = snnc("compile", "--json", "vgg7_conversion").json["specs"]
    printed = [row["printed"] for row in found["layers"] if row["printed"]]
    assert [one["parameters"] for one in printed] == [2048 * 512]
    assert "the paper prints FC1(2048,512)" in snnc("compile", "vgg7_conversion").out


def test_a_dump_is_the_graph_after_a_pass(snnc, right, tree):
    answer = snnc("compile", str(right), "--dump", "unroll-backres")
    assert (answer.status, answer.err) == (0, "")
    assert answer.out.startswith("# Small, snn, after unroll-backres\nInput = input 3x8x8")
    assert "Conv2@2 = conv Conv2 4->4 3x3/1 pad 1" in answer.out
    assert tree() == {"right.spec"}


def test_all_dumps_in_order(snnc, right):
    passes = re.findall(
        r"^# Small, ann, after (.*)$",
        snnc("compile", str(right), "--dump", "all", "--target", "ann").out,
        re.MULTILINE,
    )
    assert (passes[0], passes[-1]) == ("lower", "unroll-backres")
    refusal = snnc("compile", str(right), "--dump", "nothing").err
    assert all(name in refusal for name in passes)
