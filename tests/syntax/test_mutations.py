"""Damaged rows and specs: refused with messages, or read, and never anything else."""

from __future__ import annotations

import random
import re
from collections import Counter
from pathlib import Path
from time import process_time

import pytest

from snnc.diagnostics import Severity, render
from snnc.source.data import data
from snnc.syntax.format import format as format_spec

ROWS = (Path(__file__).parents[1] / "paper" / "rows.txt").read_text().splitlines(keepends=True)
SPECS = [file.read_text() for file in data("specs").iterdir() if file.name.endswith(".spec")]
TEXTS = ["input 3x32x32\n" + row for row in ROWS] + sorted(SPECS)
TOKEN = re.compile(r"\w+|[^\w\s]")
ODD = [
    *'abcxXLIF0123456789()[],-/|=.&"#\t\n <>;:*',
    "\x00",
    "\x1b",
    "\u202e",
    "\ufeff",
    "\u0663",
    "–",
    "é",
    "\U0001f600",
]
MOST_SECONDS = 2 * 10  # two on a machine of its own; the machines that test are busy
SHOWN = re.compile(r"[\n -~–—×]*")


def mutate_characters(text: str, rng: random.Random) -> str:
    """Replace, delete or insert up to three characters, or cut the text."""
    for _ in range(rng.randint(1, 3)):
        place = rng.randrange(len(text) + 1)
        match rng.randrange(4):
            case 0:
                text = text[:place] + rng.choice(ODD) + text[place + 1 :]
            case 1:
                text = text[:place] + text[place + rng.randint(1, 5) :]
            case 2:
                text = text[:place] + rng.choice(ODD) * rng.randint(1, 3) + text[place:]
            case 3:
                text = text[:place] if rng.random() < 0.1 else text[place:] + text[:place]
    return text


def mutate_tokens(text: str, rng: random.Random) -> str:
    """Delete, double, swap or replace up to three tokens."""
    for _ in range(rng.randint(1, 3)):
        text, _ = mutate_token(text, rng)
    return text


def mutate_token(text: str, rng: random.Random) -> tuple[str, range]:
    """Damage one token; return the text, and the places that the damage reaches."""
    spans = [match.span() for match in TOKEN.finditer(text)]
    if len(spans) < 4:
        return text, range(0)
    number = rng.randrange(1, len(spans) - 2)
    (start, end), (left, right) = spans[number : number + 2]
    other = text[slice(*rng.choice(spans))]
    damaged = {
        "delete": text[:start] + text[end:],
        "double": text[:end] + text[start:end] + text[end:],
        "swap": text[:start] + text[left:right] + text[end:left] + text[start:end] + text[right:],
        "replace": text[:start] + other + text[end:],
    }
    text = damaged[rng.choice(sorted(damaged))]
    return text, range(spans[number - 1][0], spans[number + 2][1] + len(other))


def check(read, text: str) -> None:
    """Read a damaged text; whatever is told has a place in it and can be shown."""
    start = process_time()
    found = read(text)
    report = render(found.diagnostics)
    assert process_time() - start < MOST_SECONDS
    for one in found.diagnostics:
        assert 0 <= one.span.start <= one.span.end <= len(text)
        assert one.severity is Severity.ERROR
        assert one.title_text()
    assert SHOWN.fullmatch(report)
    assert len(report) <= 8192
    if not found.diagnostics:
        once = format_spec(found.folded)
        assert read(once).spec == found.folded
        assert format_spec(read(once).spec) == once


def mutants(number: int, seed: int):
    rng = random.Random(seed)
    for _ in range(number):
        mutate = rng.choice([mutate_characters, mutate_tokens])
        yield mutate(rng.choice(TEXTS), rng)


def test_a_damaged_text_gives_messages_and_nothing_else(read):
    for text in mutants(400, seed=1):
        check(read, text)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_100_000_damaged_texts_give_messages_and_nothing_else(read, seed: int):
    for text in mutants(10_000, seed=1000 + seed):
        check(read, text)


def measured(read, number: int, seed: int) -> Counter[str]:
    """Damage one token of a right text, and count how well that is told."""
    rng, counts = random.Random(seed), Counter[str]()
    right = [text for text in TEXTS if not read(text).diagnostics]
    while counts["refused"] < number:
        text, reach = mutate_token(rng.choice(right), rng)
        found = read(text).diagnostics
        if found:
            spans = [one.span for one in found] + [label.span for one in found for label in one.labels()]
            near = any(span.start in reach or reach.start in range(span.start, span.end) for span in spans)
            counts.update(refused=1, near=near, single=len(found) == 1, few=len(found) <= 3)
    return counts


def test_one_fault_gives_one_message_where_it_is(read):
    counts = measured(read, 300, seed=3)
    assert counts["near"] >= 0.98 * counts["refused"]
    assert counts["single"] >= 0.95 * counts["refused"]
    assert counts["few"] >= 0.99 * counts["refused"]


@pytest.mark.slow
def test_ten_thousand_faults_give_one_message_where_they_are(read):
    counts = measured(read, 10_000, seed=4)
    assert counts["near"] >= 0.99 * counts["refused"]
    assert counts["single"] >= 0.95 * counts["refused"]
    assert counts["few"] >= 0.995 * counts["refused"]
