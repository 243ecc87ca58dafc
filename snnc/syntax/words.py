"""The words of the notation: their spelling, what people write instead, and near misses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from snnc.syntax.grammar import grammar

# As words are written; those not here are written in small letters.
SPELLING = {
    "relu": "ReLU",
    "if": "IF",
    "lif": "LIF",
    "bn": "BN",
    "conv": "Conv",
    "fc": "FC",
    "pool": "Pool",
    "avgpool": "AvgPool",
    "maxpool": "MaxPool",
    "globalpool": "GlobalPool",
    "dropout": "Dropout",
    "backres": "BackRes",
    "skip": "Skip",
    "input": "Input",
    "not": "Not",
    "applicable": "Applicable",
}

# What the same thing is called elsewhere.
_ELSEWHERE = {
    "alpha": "leak",
    "averagepool": "avgpool",
    "avgpool2d": "avgpool",
    "batchnorm": "bn",
    "batchnorm2d": "bn",
    "beta": "leak",
    "block": "backres",
    "cat": "concat",
    "conv2d": "conv",
    "convolution": "conv",
    "decay": "leak",
    "dense": "fc",
    "drop": "dropout",
    "fullyconnected": "fc",
    "globalavgpool": "globalpool",
    "linear": "fc",
    "loop": "repeated",
    "maxpool2d": "maxpool",
    "name": "network",
    "padding": "pad",
    "rate": "poisson",
    "residual": "skip",
    "steps": "timesteps",
    "sum": "add",
    "vth": "threshold",
}
_NUMBERED = re.compile(r"([A-Za-z]+)_?([0-9]{0,7})")
_MOST_COMPARED = 16  # letters; the longest word of the notation has 10


@cache
def words() -> dict[str, tuple[str, ...]]:
    """Return the words of each terminal that is one, as the grammar has them, in small letters."""
    found = {}
    for terminal in grammar().terminals:
        match = re.fullmatch(r"\(?([a-z|]+)\)?(\[0-9\]\{1,7\})?\(\?!\\w\)", terminal.pattern.value)
        if match:
            found[terminal.name] = tuple(match[1].split("|"))
    return found


@cache
def reserved() -> frozenset[str]:
    """Return all words of the notation, in small letters; of Conv1 and FC1 the stems."""
    return frozenset(word for several in words().values() for word in several)


def spell(word: str) -> str:
    """Return a word of the notation as it is written."""
    return SPELLING.get(word, word)


def near(written: str, terminals: Iterable[str]) -> list[tuple[int, str, str]]:
    """Return the words of these terminals that a wrong one may have meant, equally near ones together.

    Each comes with its distance and its terminal. A layer's number is kept: ``Cnov1`` is near
    ``Conv1``, ``Cnov`` near ``Conv``, which still lacks one.
    """
    best: list[tuple[int, str, str]] = []
    least = _MOST_COMPARED
    for terminal, distance, word in _compared(written, terminals):
        if distance < least:
            best, least = [], distance
        if distance == least:
            best.append((distance, terminal, word))
    return best


def _compared(written: str, terminals: Iterable[str]) -> Iterator[tuple[str, int, str]]:
    split = _NUMBERED.fullmatch(written)
    for terminal in terminals:
        numbered = terminal in ("CONV", "FC")
        stem = split[1] if numbered and split else written
        for word in words().get(terminal, ()):
            distance = _far(stem.lower(), written.lower(), word)
            if distance <= _allowed(word):
                number = split[2] if numbered and split else ""
                yield terminal, distance, spell(word) + number


def _far(stem: str, written: str, word: str) -> int:
    if _ELSEWHERE.get(stem) == word or _ELSEWHERE.get(written) == word:
        return 0
    return slips(stem, word)


def _allowed(word: str) -> int:
    """How many slips of the pen leave a word recognisable."""
    return 1 if len(word) < 5 else 2 if len(word) < 8 else 3


def slips(one: str, other: str) -> int:
    """Count the letters to insert, delete, replace, or swap with their neighbour."""
    if max(len(one), len(other)) > _MOST_COMPARED:
        return _MOST_COMPARED
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
