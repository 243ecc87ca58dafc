"""Texts that are too large, too deep or made to be slow: refused, or read, within two seconds of work."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

MIB = 512
SECONDS = 2 * 10  # two on a machine of its own; the machines that test are busy

# The name, the text as an expression, and the codes that it deserves.
HOSTILE = {
    "a huge text": ("'a' * 10_000_000", {"too-large"}),
    "a huge number": ("'timesteps ' + '9' * 5000", {"number-too-long"}),
    "a huge count": ("'Input - FC1(1,1) repeated 1000000000 times'", {"number-too-long"}),
    "a huge layer": ("'Input - Conv1(1000000000,1000000000,3x3/1)'", {"number-too-long"}),
    "a huge decimal": ("'neuron LIF(leak=0.' + '9' * 900_000 + ')'", {"number-too-long"}),
    "a huge name": ("'network ' + 'a' * 900_000", set()),
    "deep blocks": ("'Input - ' + '[' * 5000 + 'FC1(1,1)' + '] repeated 2 times' * 5000", {"too-deep"}),
    "deep parentheses": ("'Input - FC1' + '(' * 5000", {"missing-mark", "unexpected", "stray-mark"}),
    "many commas": ("', ' * 90_000", {"unexpected"}),
    "many marks": ("'(' * 1_000_000", {"too-large"}),
    "many layers": ("'Input' + ' - BN' * 40_000", {"too-large"}),
    "many comments": ("'#\\n' * 500_000", {"too-large"}),
    "many quotes": ("'\"\\n' * 500_000", {"unclosed-text"}),
    "many odd characters": ("'\\u202e' * 1_000_000", {"hidden-character"}),
    "many dots": ("'.' * 1_000_000", {"odd-character"}),
    "many tabs": ("'a\\t' * 40_000", {"unknown-word"}),
    "many faults": ("'Input - FC1(4 2)\\n' * 9_000", {"missing-mark"}),
    "many rows": ("'A\\tInput-FC1(4,2)\\tNot Applicable\\n' * 5_000", {"given-twice"}),
    "many options": ("'Input - Conv1(1,1,1x1/1' + ',bias' * 40_000 + ')'", {"given-twice"}),
    "many open blocks": ("'Input' + ' - [FC1(1,1) repeated 2 times' * 30", {"unexpected"}),
    "numbers in a word": ("'3x' * 40_000", {"unexpected"}),
    "blanks": ("'3' + ' ' * 1_000_000", {"unexpected"}),
    "dashes": ("'-' + ' ' * 1_000_000", {"stray-mark"}),
    "unknown clauses": (
        (
            "'Input - ' + ' - '.join(f'Conv{n}(1,1,1x1/1)' for n in range(1500))"
            " + '\\nBackRes ' + ', '.join(f'[Conx{n}] repeated 2 times' for n in range(3000))"
        ),
        {"backres-unknown-layer"},
    ),
    "clauses that overlap": (
        (
            "'Input - ' + ' - '.join(f'Conv{n % 50}(1,1,1x1/1)' for n in range(3000))"
            " + '\\nBackRes ' + ', '.join(f'[Conv{n} - Conv{n + 1}] repeated 2 times' for n in range(3000))"
        ),
        {"backres-apart", "backres-unknown-layer"},
    ),
    "listings that differ": (
        (
            "'Input - ' + ' - '.join(f'Conv1({n % 7},4,3x3/1)' for n in range(5000))"
            " + '\\nBackRes [Conv1] repeated 5000 times'"
        ),
        {"listings-differ"},
    ),
    "a deep net": ("'Input - ' + ' - '.join(f'Conv{n}(4,4,3x3/1) - LIF' for n in range(2000))", set()),
    "a deep unrolled net": (
        (
            "'Input - ' + ' - '.join(f'Conv{n // 2}(4,4,3x3/1)' for n in range(2000))"
            " + '\\nBackRes ' + ', '.join(f'[Conv{n}] repeated 2 times' for n in range(1000))"
        ),
        set(),
    ),
    "groups in groups": (
        (
            "'Input - ' + '[' * 30 + ' - '.join(f'Conv{n}(1,1,1x1/1)' for n in range(2000))"
            " + '] repeated 2 times, LIF' * 30"
        ),
        set(),
    ),
}

PROGRAM = """
import json, re, sys, time
from pathlib import Path
from snnc.diagnostics import Reporter, render
from snnc.source import Source
from snnc.syntax.fold import fold
from snnc.syntax.format import format
from snnc.syntax.parse import parse
parse(Source("warm", ""), Reporter())
for expression in json.load(sys.stdin):
    report, source = Reporter(), Source("net.spec", eval(expression))
    start = time.process_time()
    spec = parse(source, report)
    folded = spec and fold(spec, report)
    if folded:
        format(folded)
    shown = render(report.diagnostics)
    seconds = time.process_time() - start
    codes = sorted({one.code for one in report.diagnostics})
    # NOTE: ru_maxrss would begin at the size of the process that started this one.
    rss = int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024
    print(json.dumps([codes, seconds, rss, len(shown), "torch" in sys.modules, spec is None]))
"""


@pytest.fixture(scope="module")
def answers() -> dict[str, list]:
    """What a fresh process made of each text, one after the other."""
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps([text for text, _ in HOSTILE.values()]),
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(zip(HOSTILE, map(json.loads, answer.stdout.splitlines()), strict=True))


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_refused_or_read_at_once(answers, name: str):
    codes, seconds, mib, shown, torch, refused = answers[name]
    _, expected = HOSTILE[name]
    assert set(codes) <= expected
    assert bool(codes) == bool(expected)
    assert refused == (bool(expected) and not name.startswith(("unknown", "clauses", "listings")))
    assert seconds < SECONDS
    assert mib < MIB
    assert shown <= 8192
    assert not torch


def test_the_longest_lists_that_are_read(read):
    assert read("Input" + " - BN" * 10_000).codes == []
    assert read("Input" + " - BN" * 10_001).codes == ["too-large"]
    assert read("Input - FC1(9999999,1)").codes == []
    assert read("[" * 32).codes != ["too-deep"]
