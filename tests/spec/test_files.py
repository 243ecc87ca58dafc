"""Specs that use other specs: what may be read, and what is refused before it is opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from snnc.diagnostics import CompileError
from snnc.driver import load, loads

MAIN = 'input 3x4x4\nInput - Conv1(3,8,3x3/1) - Pool(2x2/2)\nuse "{}" as Tail\n'
TAIL = "input 8x2x2\nInput - Conv1(8,4,3x3/1) - FC1(16,2)\n"


def written(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (folder / f"{name}.spec").write_text(text)
    return folder / "main.spec"


def codes(path: Path) -> list[str]:
    with pytest.raises(CompileError) as caught:
        load(path)
    return [one.code for one in caught.value.diagnostics]


def test_a_block_is_appended_under_its_name(tmp_path: Path) -> None:
    net = load(written(tmp_path, main=MAIN.format("tail.spec"), tail=TAIL))
    assert "Tail_Conv1" in net.summary()


def test_a_block_may_lie_in_a_folder_below(tmp_path: Path) -> None:
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / "tail.spec").write_text(TAIL)
    load(written(tmp_path, main=MAIN.format("blocks/tail.spec")))


@pytest.mark.parametrize("path", ["../tail.spec", "/etc/passwd", "a/../../tail.spec", "C:\\tail.spec"])
def test_nothing_outside_is_opened(tmp_path: Path, path: str) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "tail.spec").write_text(TAIL)
    spec = written(inside, main=MAIN.format(path))
    with pytest.raises(CompileError) as caught:
        load(spec)
    assert caught.value.diagnostics[0].code in {"use-outside", "odd-character", "unclosed-text"}
    assert len(caught.value.diagnostics) == 1


def test_a_link_that_leads_outside_is_not_followed(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "tail.spec").write_text(TAIL)
    (inside / "tail.spec").symlink_to(tmp_path / "tail.spec")
    assert codes(written(inside, main=MAIN.format("tail.spec"))) == ["use-outside"]


def test_a_missing_spec_is_named(tmp_path: Path) -> None:
    assert codes(written(tmp_path, main=MAIN.format("tail.spec"))) == ["use-not-found"]


def test_a_folder_is_no_spec(tmp_path: Path) -> None:
    (tmp_path / "tail.spec").mkdir()
    assert codes(written(tmp_path, main=MAIN.format("tail.spec"))) == ["use-not-found"]


def test_a_text_without_a_file_uses_nothing() -> None:
    with pytest.raises(CompileError) as caught:
        loads(MAIN.format("tail.spec"))
    assert [one.code for one in caught.value.diagnostics] == ["use-not-found"]


def test_a_circle_is_refused(tmp_path: Path) -> None:
    other = 'input 8x2x2\nInput - Conv1(8,8,3x3/1)\nuse "main.spec" as Back\n'
    assert codes(written(tmp_path, main=MAIN.format("tail.spec"), tail=other)) == ["use-cycle"]


def test_another_input_is_one_mistake(tmp_path: Path) -> None:
    wrong = TAIL.replace("8x2x2", "8x4x4").replace("FC1(16", "FC1(64")
    assert codes(written(tmp_path, main=MAIN.format("tail.spec"), tail=wrong)) == ["block-input"]


def test_a_mistake_in_the_block_is_shown_in_its_file(tmp_path: Path) -> None:
    spec = written(tmp_path, main=MAIN.format("tail.spec"), tail=TAIL.replace("FC1(16", "FC1(15"))
    with pytest.raises(CompileError) as caught:
        load(spec)
    (found,) = caught.value.diagnostics
    assert found.code == "fan-in"
    assert found.span.source.name.endswith("tail.spec")
