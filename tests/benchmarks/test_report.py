import pytest

from benchmarks.cells import Cell
from benchmarks.figures import MIB
from benchmarks.report import between, report, rows_of, write
from benchmarks.store import record_of

TEXT = "before\n<!-- x: begin -->\nold\n<!-- x: end -->\nafter <!-- y: begin --><!-- y: end -->\n"
MACHINE = {
    name: name
    for name in ("processor", "cores", "threads", "memory", "features", "system", "python", "torch", "snnc")
}


def test_only_what_lies_between_the_markers_is_replaced():
    new = between(TEXT, "x", "| new |\n")
    assert new == TEXT.replace("\nold\n", "\n\n| new |\n\n")
    assert between(new, "x", "| new |") == new


@pytest.mark.parametrize(
    "text",
    [
        "nothing",
        "<!-- x: begin -->",
        "<!-- x: end --><!-- x: begin -->",
        TEXT + TEXT,
        "<!-- x: end -->" + TEXT,
    ],
)
def test_a_document_without_its_markers_is_left_alone(tmp_path, text):
    (tmp_path / "doc.md").write_text(text)
    with pytest.raises(ValueError, match="has not one <!-- x: begin -->"):
        write(tmp_path / "doc.md", "x", "new")
    assert (tmp_path / "doc.md").read_text() == text


def test_a_table_has_a_first_column_of_text():
    assert rows_of(("a", "b"), [("x", "1")]) == "| a | b |\n| --- | ---: |\n| x | 1 |"


def ran(seconds, peak, cores=0.0, release=""):
    run = {"seconds": seconds, "peak_bytes": peak * MIB, "foreign_cores": cores}
    return {"release": release, "runs": [run]}


def record(mode, **changed):
    results = {
        "snnc": ran(0.5, 100),
        "floor": ran(0.4, 1),
        "floor, untiled": ran(1.0, 1),
        "norse": ran(2.0, 300, release="1.1.0"),
        "sinabs": {"absent": "not installed"},
    }
    return record_of(Cell("vgg5", 25, mode=mode), MACHINE, results | changed)


def test_snnc_is_shown_beside_the_floor_and_the_fastest_peer():
    lines = report([record("inference"), record("training")]).splitlines()
    assert (
        "| vgg5 T=25 batch 16 training float32 | 0.5 | 0.25 (norse) | 1.25 | 0.50 | 0.33 (norse) |" in lines
    )
    assert "| norse 1.1.0 | 2 | 300 | 2 | 300 |" in lines
    assert "| sinabs | absent: not installed |  | absent: not installed |  |" in lines


def test_a_noisy_number_is_marked():
    text = report([record("inference", norse=ran(2.0, 300, cores=0.9))])
    assert "| vgg5 T=25 batch 16 inference float32 (noisy) |" in text
    assert "| norse | 2 (noisy) | 300 |" in text


def test_without_peers_or_floors_there_are_no_ratios():
    lone = record_of(Cell("vgg5", 25), MACHINE, {"snnc": ran(0.5, 100)})
    assert "| vgg5 T=25 batch 16 inference float32 | 0.5 | - | - | - | - |" in report([lone])


def test_each_machine_has_tables_of_its_own():
    other = record_of(Cell("vgg5", 5), MACHINE | {"torch": "other"}, {"snnc": ran(0.5, 100)})
    assert report([record("inference"), other]).count("**processor, cores cores") == 2
