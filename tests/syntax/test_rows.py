"""The rows of Tables III to XVII, pasted as they stand below an `input` line."""

from __future__ import annotations

from pathlib import Path

import pytest

from snnc.syntax import write
from snnc.syntax.tree import Conv, Group, Item, Linear

ROWS = (Path(__file__).parents[1] / "paper" / "rows.txt").read_text().splitlines(keepends=True)

# The name, and the chain with its groups: in the order of the file, which is that of the tables.
EXPECTED = [
    ("VGG7", "C1 C2 C3 C4 C5 P P P F1 F2", ""),
    ("VGG2x4", "C1 4(C2) P P P F1 F2", ""),
    ("VGG3x2", "C1 2(C2 C3) P P P F1 F2", ""),
    ("VGG16", "C1 C2 P C3 P C4 C5 C6 P C7 C8 C9 C10 C11 C12 C13 P P F1 F2", ""),
    ("VGG11x2", "C1 C2 P C3 P C4 2(C5) P C6 2(C7 C8 C9) P P F1 F2", ""),
    ("ResNet2", "C1 C2 P F1 F2", "Input-to-Conv2 Conv1-to-FC1"),
    ("ResNet3", "C1 C2 C3 P F1 F2", "Input-to-Conv2 Conv1-to-FC1 Conv2-to-FC1"),
    ("ResNet2x2", "C1 2(C2) P F1 F2", "Input-to-Conv2 Conv1-to-FC1"),
    ("VGG5", "C1 C2 P C3 C4 P F1 F2", ""),
    ("VGG3x2", "C1 C2 P 2(C3) P F1 F2", ""),
    ("VGG7", "C1 C2 P C3 C4 C5 C6 P F1 F2", ""),
    ("VGG3x4", "C1 C2 P 4(C3) P F1 F2", ""),
    ("VGG3", "C1 P C2 P F1 F2", ""),
    ("ConvNN", "C1 C2 P C3 C4 P F1 F2", ""),
    ("ConvNN", "C1 C2 P C3 C4 P F1 F2", ""),
    ("VGG9", "C1 r C2 r P C3 l C4 l P C5 l C6 l C7 l P F1 l F2", ""),
    ("VGG8x2", "C1 r C2 r P C3 l C4 l P C5 l 2(C6 l) P F1 l F2", ""),
    ("VGG13", "C1 r C2 r P C3 r C4 r P C5 r C6 r P C7 l C8 l P C9 r C10 r P F1 r F2 F3", ""),
]

# What fold sees of the misprints: the row, and the text under the carets with its place.
MISPRINTS = {9: ["3 at 75"], 11: ["3 at 75", "3 at 121"]}


def show(items: tuple[Item, ...]) -> str:
    return " ".join(map(show_item, items))


def show_item(item: Item) -> str:
    match item:
        case Conv():
            return f"C{item.name.value.removeprefix('Conv')}"
        case Linear():
            return f"F{item.name.value.removeprefix('FC')}"
        case Group():
            return f"{item.times.value}({show(item.items)})"
    return write.layer(item)[0].replace("R", "r").replace("L", "l")


def test_all_rows_are_here():
    assert len(ROWS) == len(EXPECTED)


@pytest.mark.parametrize("number", range(len(EXPECTED)))
def test_a_row_is_read_as_it_stands(read, number: int):
    text = read("input 3x32x32\n" + ROWS[number])
    name, layers, skips = EXPECTED[number]
    assert text.folded is not None
    assert text.folded.name is not None
    assert text.folded.name.value == name
    assert show(text.folded.layers) == layers
    assert " ".join(map(write.skip, text.folded.skips)) == skips
    found = [f"{one.span.text} at {one.span.column}" for one in text.diagnostics]
    assert found == MISPRINTS.get(number, [])
    assert set(text.codes) <= {"shared-number"}


@pytest.mark.parametrize("number", sorted(MISPRINTS))
def test_a_misprint_is_mended(read, number: int):
    text = read("input 3x32x32\n" + ROWS[number])
    mended = read(text.fixed)
    group = mended.spec.layers[3]
    assert isinstance(group, Group)
    assert group.items[0].inputs.value == 64
    assert len(text.fixed) == len(text.source.text) + len(MISPRINTS[number])


def test_the_heading_of_a_table_is_no_row(read):
    assert read("input 3x32x32\nModel\tConfiguration\tBackRes\n" + ROWS[0]).spec.name.value == "VGG7"


def test_a_row_without_its_name_keeps_its_other_cells(read):
    row = ROWS[7].removeprefix("ResNet2x2")
    spec = read("network R\ninput 3x32x32\n" + row).spec
    assert show(spec.layers) == "C1 2(C2) P F1 F2"
    assert len(spec.skips) == 2


def test_a_row_that_was_wrapped_keeps_its_cells(read):
    row = ROWS[7].replace("Pool", "\n  Pool")
    assert read("input 3x32x32\n" + row).spec == read("input 3x32x32\n" + ROWS[7]).spec


def test_a_second_row_is_refused_once(read):
    text = read("input 3x32x32\n" + ROWS[0] + ROWS[3])
    assert text.codes == ["given-twice"]
    assert text.diagnostics[0].span.text.startswith("Input-Conv1")
