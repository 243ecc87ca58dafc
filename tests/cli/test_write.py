"""Files are whole or not there at all, whatever happens while they are written."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from snnc.cli import write
from snnc.cli.write import replace_file, write_files

FILES = {Path("build/x/a.txt"): b"a" * 10_000, Path("build/x/b.txt"): b"b", Path("build/y/c.txt"): b"c"}


def test_files_and_folders_are_made(tree):
    write_files(FILES)
    assert {path: path.read_bytes() for path in FILES} == FILES
    assert tree() == {"build", "build/x", "build/y", *map(str, FILES)}


def failing(
    monkeypatch: pytest.MonkeyPatch, owner: object, name: str, call: int, error: BaseException
) -> None:
    """Let the n-th call of a function fail."""
    function, calls = getattr(owner, name), iter(range(1, 1000))

    def wrapped(*arguments: object, **named: object):
        if next(calls) == call:
            raise error
        return function(*arguments, **named)

    monkeypatch.setattr(owner, name, wrapped)


FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("error", [FULL, KeyboardInterrupt(), MemoryError()])
@pytest.mark.parametrize("call", [1, 2, 3])
@pytest.mark.parametrize("where", [(os, "fsync"), (Path, "replace"), (write.secrets, "token_hex")])
def test_a_failure_takes_everything_away(monkeypatch, tree, where, call: int, error: BaseException):
    failing(monkeypatch, *where, call, error)
    with pytest.raises(type(error)):
        write_files(FILES)
    assert tree() == set()


@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_failure_leaves_what_was_there_whole(monkeypatch, tree, call: int):
    write_files(dict.fromkeys(FILES, b"old"))
    before = tree()
    failing(monkeypatch, os, "fsync", call, FULL)
    with pytest.raises(OSError, match="No space"):
        write_files(FILES)
    assert tree() == before
    assert {path.read_bytes() for path in FILES} == {b"old"}


@pytest.mark.parametrize("call", [1, 2, 3])
def test_each_file_is_the_old_or_the_new_one(monkeypatch, tree, call: int):
    write_files(dict.fromkeys(FILES, b"old"))
    before = tree()
    failing(monkeypatch, Path, "replace", call, FULL)
    with pytest.raises(OSError, match="No space"):
        write_files(FILES)
    assert tree() == before
    assert [path.read_bytes() == b"old" for path in FILES] == [number >= call for number in (1, 2, 3)]


def test_nothing_is_written_before_everything_was_looked_at(tree):
    Path("build/y/c.txt").mkdir(parents=True)
    before = tree()
    with pytest.raises(OSError, match="not a regular file"):
        write_files(FILES)
    assert tree() == before


@pytest.mark.parametrize("link", ["build", "build/x"])
def test_a_link_for_a_folder_that_snnc_names_is_refused(tmp_path, link: str):
    outside = tmp_path / "outside"
    outside.mkdir()
    Path(link).parent.mkdir(exist_ok=True)
    Path(link).symlink_to(outside)
    with pytest.raises(OSError, match="symbolic link"):
        write_files(FILES, own=[Path("build"), Path("build/x")])
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("exists", [True, False])
def test_a_link_for_a_file_is_refused(tmp_path, exists: bool):
    outside = tmp_path / "outside.txt"
    if exists:
        outside.write_text("mine")
    Path("build/x").mkdir(parents=True)
    Path("build/x/b.txt").symlink_to(outside)
    with pytest.raises(OSError, match="symbolic link"):
        write_files(FILES)
    assert outside.exists() is exists
    assert not Path("build/x/a.txt").exists()


def test_a_hard_link_is_cut_not_followed(tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("mine")
    Path("build/x").mkdir(parents=True)
    os.link(other, "build/x/b.txt")
    write_files(FILES)
    assert other.read_text() == "mine"


def test_a_parent_that_is_a_file_is_refused(tree):
    Path("build").write_text("a file")
    with pytest.raises(NotADirectoryError):
        write_files(FILES)
    assert tree() == {"build"}


def test_what_a_killed_run_left_is_swept(tree):
    run = (
        "import os; from pathlib import Path; from snnc.cli.write import write_files\n"
        "Path.replace = lambda *_: os._exit(1)\n"
        "write_files({Path('build/a'): b'a'})"
    )
    subprocess.run([sys.executable, "-c", run], check=False, env={**os.environ, "PYTHONPATH": _root()})
    (left,) = tree() - {"build"}
    assert left.startswith("build/.snnc-")
    write_files({Path("build/b"): b"b"})
    assert tree() == {"build", "build/b"}


def _root() -> str:
    return str(Path(write.__file__).parents[2])


def test_another_run_is_waited_for_and_then_given_up(monkeypatch, tree):
    monkeypatch.setattr(write, "LONGEST_WAIT", 0.1)
    Path("build").mkdir()
    handle = os.open("build", os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        with pytest.raises(BlockingIOError, match="another run of snnc"):
            write_files({Path("build/a"): b"a"})
    finally:
        os.close(handle)
    assert tree() == {"build"}
    write_files({Path("build/a"): b"a"})
    assert tree() == {"build", "build/a"}


def test_two_runs_never_mix_their_files():
    """Ten pairs of writers, each with its own mark in both of its files."""
    writer = (
        "import sys; from pathlib import Path; from snnc.cli.write import write_files\n"
        "for n in range(10):\n"
        "    write_files({Path('d/a'): sys.argv[1].encode(), Path('d/b'): sys.argv[1].encode()})\n"
        "    print(Path('d/a').stat().st_size)"
    )
    environment = {**os.environ, "PYTHONPATH": _root()}
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", writer, mark * 1000], env=environment, stdout=subprocess.DEVNULL
        )
        for mark in "xy"
    ]
    assert [run.wait(60) for run in runs] == [0, 0]
    assert Path("d/a").read_bytes() == Path("d/b").read_bytes()


def test_a_users_file_is_replaced_behind_its_link(tmp_path):
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("old")
    link.symlink_to(real)
    replace_file(link, b"new")
    assert (real.read_text(), link.is_symlink()) == ("new", True)
