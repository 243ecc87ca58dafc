"""Whatever a text says, it is compiled or refused with located, harmless diagnostics."""

from __future__ import annotations

import os
import random
import re
import time
from pathlib import Path

import pytest

from snnc.diagnostics import CompileError, Diagnostic
from snnc.diagnostics.render import render
from snnc.driver import loads

ROOT = Path(__file__).parents[2]
SPECS = [path.read_text() for path in sorted((ROOT / "specs").glob("*.spec"))]
ROWS = [
    f"input 3x32x32\n{line}\n"
    for line in (ROOT / "tests" / "paper" / "rows.txt").read_text().splitlines()
    if "Conv1(" in line
]
TOKEN = re.compile(r"\w+|\s+|.", re.DOTALL)
WORDS = (
    "Conv1 ( ) [ ] - – repeated times 64 3x3/1 0 99999999 LIF | ReLU , = leak use Skip -to- keep printed"
    " & # input Pool(2x2/2) 1e9 1000000000 BackRes as nan Not ٣"
)
SIGNS = [*WORDS.split(" "), '"a', "\t", "\n", "\x1b[31m", "\u202e", "\u200b", "\0", "\r"]
MOST_SECONDS = 2 * 10  # two on a machine of its own; the machines that test are busy


def mutant(chance: random.Random) -> str:
    """Return a good spec with one to four tokens lost, doubled, reversed, or replaced by something else."""
    tokens = TOKEN.findall(chance.choice(SPECS + ROWS))
    for _ in range(chance.choice([1, 1, 1, 2, 4])):
        place = chance.randrange(len(tokens))
        kind = chance.randrange(5)
        if kind == 0 and len(tokens) > 1:
            del tokens[place]
        elif kind == 1:
            tokens.insert(place, chance.choice(SIGNS))
        elif kind == 2:
            tokens[place] = chance.choice(SIGNS)
        elif kind == 3:
            tokens.insert(place, chance.choice(tokens))
        else:
            tokens[place] = tokens[place][::-1]
    return "".join(tokens)


def verdict(text: str) -> str:
    """Compile a text; what is refused must say where, in characters that a terminal can take."""
    start = time.process_time()
    try:
        loads(text)
        found: tuple[Diagnostic, ...] = ()
    except CompileError as error:
        found = error.diagnostics
    shown = render(found)
    assert all(one.span.source.text == text for one in found)
    assert all(0 <= one.span.start <= one.span.end <= len(text) for one in found)
    assert re.fullmatch(r"[\n\x20-\x7e–—×]*", shown), shown
    assert len(shown) <= 8400
    assert time.process_time() - start < MOST_SECONDS
    return "refused" if found else "compiled"


def outcomes(seed: int, count: int) -> set[str]:
    chance = random.Random(seed)
    return {verdict(mutant(chance)) for _ in range(count)}


@pytest.mark.parametrize("seed", range(4))
def test_mutants_are_compiled_or_refused(seed: int) -> None:
    assert outcomes(seed, 150) == {"compiled", "refused"}


@pytest.mark.slow
def test_a_hundred_thousand_mutants_are_compiled_or_refused() -> None:
    seed = int(os.environ.get("SNNC_FUZZ_SEED", "1000"))
    assert outcomes(seed, 100_000) == {"compiled", "refused"}


@pytest.mark.parametrize(
    "text",
    [
        "input 3x8x8\nneuron ReLU|LIF\nencodepoisson\nInput - Conv13x3/1(3,4,3x3/1) - FC1(256,2)\n",
        "input 3x8x8\nA\tInput-Conv1(3,4,3x3/1)-FC1(256,2)\t<b>[-Conv1]</-> repeated 2 times\n",
        "input 3x8x8\nInput - Conv1(3,4,3x3/1) repeated 1000000000 times - FC1(256,2)\n",
        "input 3x8x8\nInput - Conv1(1000000000,4,3x3/1) - FC1(256,2)\n",
        "input 3x8x8\nInput - Conv1(3," + "9" * 5000 + ",3x3/1) - FC1(256,2)\n",
        "input 3x8x8\nInput - " + "[" * 5000 + "Conv1(3,4,3x3/1)" + "]" * 5000 + " repeated 2 times\n",
        "input 3x8x8\nInput" + " - Conv1(3,4,3x3/1)" * 20_000 + "\n",
        "",
    ],
    ids=["lost word", "stray marks", "repeat", "channels", "digits", "brackets", "same name", "nothing"],
)
def test_what_once_went_wrong_or_might(text: str) -> None:
    assert verdict(text) == "refused"
