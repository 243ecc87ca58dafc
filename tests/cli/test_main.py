"""The boundary to the shell: exit codes, streams, colours, signals, and no traceback."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

import snnc.cli.specs
from snnc import __version__

FULL = Path("/dev/full")
COMMANDS = ("check", "compile", "graph", "format", "explain", "specs")


@pytest.mark.parametrize("flag", ["--version", "-V"])
def test_the_version_is_a_result(snnc, flag: str):
    assert snnc(flag) == (0, f"snnc {__version__}\n", "")


def test_the_help_names_every_command_with_a_whole_sentence(snnc):
    answer = snnc("--help")
    lines = dict(re.findall(r"^  ([a-z]+)  +(.*)$", answer.out, re.MULTILINE))
    assert answer.status == 0
    assert lines.keys() >= set(COMMANDS)
    assert all(lines[name].endswith(".") and "..." not in lines[name] for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command(snnc, golden, name: str):
    answer = snnc(name, "--help")
    assert (answer.status, answer.err) == (0, "")
    assert "Example:" in answer.out
    golden(answer.out, f"help/{name}.txt")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("fly",),
        ("check",),
        ("compile",),
        ("check", "--colour", "x.spec"),
        ("--color", "red", "specs"),
        ("compile", "vgg5", "--target", "cnn"),
        ("graph", "vgg5", "-o", "x.gif"),
        ("graph", "vgg5", "vgg3"),
        ("explain", "no-such-code"),
        ("specs", "no_such_spec"),
        ("format", "--check", "--write", "vgg5"),
        ("compile", "vgg5", "--dump", "no-such-pass"),
    ],
)
def test_a_wrong_command_line_is_refused_on_stderr(snnc, tree, arguments: tuple[str, ...]):
    answer = snnc(*arguments)
    assert (answer.status, answer.out) == (2, "")
    assert "Error: " in answer.err or arguments in {(), ("check",), ("compile",)}
    assert tree() == set()


def test_a_near_command_is_named(snnc):
    assert "Did you mean 'check'?" in snnc("chek").err


@pytest.mark.parametrize("command", ["check", "compile", "graph", "format"])
def test_a_missing_file_is_one_line(snnc, command: str):
    assert snnc(command, "no/such.spec") == (4, "", "snnc: no/such.spec: No such file or directory\n")


@pytest.mark.parametrize("command", ["check", "compile", "graph", "format"])
def test_a_folder_is_no_spec(snnc, tmp_path, command: str):
    assert snnc(command, str(tmp_path)) == (4, "", f"snnc: {tmp_path}: Is a directory\n")


def test_the_worst_of_several_specs_decides(snnc, right, hopeless):
    assert snnc("check", str(right)).status == 0
    assert snnc("check", str(right), str(hopeless)).status == 2
    assert snnc("check", "missing.spec", str(right), str(hopeless)).status == 4


@pytest.fixture
def failing(monkeypatch):
    """Let `snnc specs` end in an exception."""

    def fail_with(error: BaseException) -> None:
        def fail(names: list[str]) -> None:
            raise error

        monkeypatch.setattr(snnc.cli.specs, "_list", fail)

    return fail_with


def test_a_fault_is_owned_up_to_in_one_line(snnc, failing):
    failing(KeyError("\x1b[31mred\nand more"))
    answer = snnc("specs")
    assert (answer.status, answer.out) == (4, "")
    assert answer.err.startswith("snnc: this is a fault of snnc: KeyError: ")
    assert "SNNC_TRACEBACK=1" in answer.err
    assert answer.err.count("\n") == 1
    assert "\x1b" not in answer.err


def test_a_fault_shows_its_traceback_on_demand(snnc, failing, monkeypatch):
    failing(ZeroDivisionError("by 0"))
    monkeypatch.setenv("SNNC_TRACEBACK", "1")
    answer = snnc("specs")
    assert answer.status == 4
    assert answer.err.startswith("Traceback")
    assert answer.err.endswith("ZeroDivisionError: by 0\n")


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (KeyboardInterrupt(), 130, ""),
        (BrokenPipeError(), 4, ""),
        (MemoryError(), 4, "snnc: this takes more memory than there is\n"),
        (OSError(28, "No space left on device"), 4, "snnc: No space left on device\n"),
        (PermissionError(13, "Permission denied", "a\x1bb"), 4, "snnc: a\\u{1b}b: Permission denied\n"),
        (RecursionError("too deep"), 4, "snnc: this is a fault of snnc: RecursionError: too deep (SNNC"),
    ],
)
def test_no_exception_reaches_the_shell(snnc, failing, error: BaseException, status: int, line: str):
    failing(error)
    answer = snnc("specs")
    assert (answer.status, answer.out) == (status, "")
    assert answer.err == line if line.endswith("\n") or not line else answer.err.startswith(line)


def test_an_argument_is_never_echoed_raw(snnc):
    for arguments in (("fl\x1b[31my",), ("check", "--\x1b[31mx"), ("check", "a\x1b[31m\u202eb.spec")):
        answer = snnc(*arguments)
        assert answer.status in {2, 4}
        assert "\x1b" not in answer.err + answer.out
        assert "\u202e" not in answer.err + answer.out


def test_interrupting_is_quiet(shell):
    process = subprocess.Popen(
        shell.command("check", "-"),
        env=shell.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    time.sleep(1.5)  # by now it waits for the text
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, b"", b"")


def test_a_reader_that_leaves_is_no_drama(shell):
    process = subprocess.Popen(
        shell.command("specs", "--json"),
        env=shell.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 4


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a full device")
def test_a_full_device_is_reported(shell):
    with FULL.open("w") as full:
        answer = subprocess.run(
            shell.command("specs", "vgg5"),
            env=shell.environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (answer.returncode, answer.stderr) == (4, "snnc: No space left on device\n")


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_do_no_harm(shell, closed: str):
    line = f"{' '.join(shell.command('specs', 'vgg5'))} {closed}"
    answer = subprocess.run(
        ["sh", "-c", line], env=shell.environment(), capture_output=True, text=True, check=False
    )
    assert (answer.returncode, answer.stderr) == (0, "")


def test_a_narrow_encoding_does_no_harm(shell, write_spec):
    odd = write_spec("r\u00e9seau", "input 3x8x8\n")
    answer = shell("check", str(odd), PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert answer.status == 2
    assert "fault" not in answer.err


COLOURED = "\x1b["


@pytest.mark.parametrize(
    ("arguments", "environment", "coloured"),
    [
        ((), {}, False),
        (("--color", "always"), {}, True),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
        ((), {"FORCE_COLOR": "1"}, True),
        ((), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ((), {"SNNC_COLOR": "always"}, True),
        (("--color", "never"), {"SNNC_COLOR": "always"}, False),
    ],
)
def test_colours_off_a_terminal(snnc, hopeless, monkeypatch, arguments, environment, coloured: bool):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    answer = snnc("check", *arguments, str(hopeless))
    assert answer.status == 2
    assert (COLOURED in answer.err) is coloured


def test_the_colour_option_may_stand_before_the_command(snnc, hopeless):
    assert COLOURED in snnc("--color", "always", "check", str(hopeless)).err
    assert COLOURED not in snnc("--color", "always", "check", "--color", "never", str(hopeless)).err


@pytest.mark.parametrize(
    ("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_colours_on_a_terminal(shell, hopeless, environment: dict[str, str], coloured: bool):
    here, there = pty.openpty()
    environment = shell.environment(**{"TERM": "xterm", **environment})
    process = subprocess.Popen(
        shell.command("check", str(hopeless)), env=environment, stdin=there, stdout=there, stderr=there
    )
    os.close(there)
    shown = b"".join(iter(lambda: _read(here), b""))
    assert process.wait(30) == 2
    assert b"map-too-small" in shown
    assert (COLOURED.encode() in shown) is coloured


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # the other side has closed
        return b""


def test_the_module_does_what_the_command_does(shell):
    assert shell("--version").out == f"snnc {__version__}\n"


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_completion_knows_the_commands(shell, name: str):
    words = {"COMP_WORDS": "snnc ", "COMP_CWORD": "1", "_TYPER_COMPLETE_ARGS": "snnc "}
    answer = shell(_SNNC_COMPLETE=f"complete_{name}", _TYPER_COMPLETE_FISH_ACTION="get-args", **words)
    assert all(command in answer.out for command in COMMANDS)


def test_completion_knows_codes_and_specs(shell):
    for line, found in {"snnc explain fan": "fan-in", "snnc specs vgg1": "vgg11x2"}.items():
        words = {"COMP_WORDS": line, "COMP_CWORD": "2"}
        assert found in shell(_SNNC_COMPLETE="complete_bash", **words).out.split()


@pytest.mark.parametrize("arguments", [("check", "missing.spec"), ("fly",), ("specs", "--json")])
def test_nobody_to_tell_is_no_drama(shell, arguments: tuple[str, ...]):
    """Both streams lead into a pipe whose reader has left."""
    here, there = os.pipe()
    os.close(here)
    process = subprocess.run(
        shell.command(*arguments), env=shell.environment(), stdout=there, stderr=there, check=False
    )
    os.close(there)
    assert process.returncode == 4


def test_an_interrupt_that_python_wraps_is_one(snnc, failing):
    wrapped = RuntimeError("Error calling __set_name__")
    wrapped.__cause__ = KeyboardInterrupt()
    failing(wrapped)
    assert snnc("specs") == (130, "", "")
