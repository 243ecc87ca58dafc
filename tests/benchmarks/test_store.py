from benchmarks.cells import Cell, grid
from benchmarks.store import append, done, latest, record_of

HERE, THERE = {"processor": "a", "torch": "1"}, {"processor": "a", "torch": "2"}
CELL, OTHER = Cell("vgg5", 25), Cell("vgg5", 25, mode="training")


def test_what_was_measured_is_not_measured_again(tmp_path):
    path = tmp_path / "new" / "store.jsonl"
    assert done(path, HERE) == {}
    append(path, record_of(CELL, HERE, {"snnc": {"runs": [1]}}))
    assert done(path, HERE) == {CELL: {"snnc": {"runs": [1]}}}
    assert OTHER not in done(path, HERE)


def test_another_machine_or_release_is_another_measurement(tmp_path):
    append(tmp_path / "s", record_of(CELL, HERE, {}))
    assert done(tmp_path / "s", THERE) == {}


def test_a_line_that_was_cut_off_is_measured_again(tmp_path):
    path = tmp_path / "s"
    for cell in (CELL, OTHER):
        append(path, record_of(cell, HERE, {}))
    path.write_text(path.read_text()[:-20])
    assert list(done(path, HERE)) == [CELL]
    append(path, record_of(OTHER, HERE, {}))
    assert list(done(path, HERE)) == [CELL, OTHER]


def test_kinds_are_kept_apart(tmp_path):
    append(tmp_path / "s", record_of(CELL, HERE, {}, "verified"))
    assert done(tmp_path / "s", HERE) == {}
    assert list(done(tmp_path / "s", HERE, "verified")) == [CELL]


def test_the_last_record_of_a_cell_counts_in_the_place_of_the_first(tmp_path):
    for cell, results in ((CELL, {"a": 1}), (OTHER, {}), (CELL, {"a": 2})):
        append(tmp_path / "s", record_of(cell, HERE, results))
    assert [record["results"] for record in latest(tmp_path / "s")] == [{"a": 2}, {}]


def test_the_grid_holds_every_condition_once():
    cells = grid(("vgg5", "vgg9"), (5, 25), ("inference", "training"), ("float32",), threads=2)
    assert len(set(cells)) == len(cells) == 8
    assert [cell.timesteps for cell in cells] == [25] * 4 + [5] * 4
    assert {cell.threads for cell in cells} == {2}
