"""Edits: what can be done about a token that does not fit, and at what cost.

A word is respelt, a mark put in, left out or exchanged, a number or a phrase put in. The cheaper an edit,
the likelier it is the slip that was made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto

from lark import Token

from snnc.syntax.words import near, words

_CLAUSE_WORDS = ("_NETWORK", "_NEURON", "_ENCODE", "_TIMESTEPS", "_BACKRES", "_SKIP", "_PRINTED", "_USE")
CLAUSES = frozenset((*_CLAUSE_WORDS, "_CLASSIFY", "INPUT", "ROW", "$END"))
CELLS = frozenset(("_SECOND", "_THIRD"))
MARKS = {
    "_SEP": "-",
    "COMMA": ",",
    "LPAR": "(",
    "RPAR": ")",
    "LSQB": "[",
    "RSQB": "]",
    "EQUAL": "=",
    "SLASH": "/",
    "BAR": "|",
    "AMPERSAND": "&",
    "_CROSS": "x",
}
_ALIKE = ({"LPAR", "LSQB"}, {"RPAR", "RSQB"}, {"SLASH", "BAR"})  # marks taken for each other

# What may be put in besides a mark, and how far from certain it is that just this was left out.
_PHRASES = {
    ("_TIMES",): 3,
    ("_TO",): 3,
    ("_AS",): 3,
    ("_APPLICABLE",): 3,
    ("INT",): 5,
    ("INPUT", "_SEP"): 5,
    ("_CROSS", "INT"): 4,
    ("INT", "_CROSS", "INT"): 5,
    ("SLASH", "INT"): 4,
    ("COMMA", "INT"): 5,
    ("_REPEATED", "INT", "_TIMES"): 5,
    ("_CROSS", "INT", "SLASH", "INT"): 5,
    ("COMMA", "INT", "_CROSS", "INT", "SLASH", "INT"): 6,
    ("INPUT",): 6,
    ("_NETWORK",): 8,
    ("_REPEATED",): 6,
    ("NAME",): 6,
    ("STRING",): 6,
    ("CODING",): 6,
    ("HEAD",): 6,
    ("KEPT",): 6,
}
_TEXTS = MARKS | {"INT": "1", "STRING": '""', "NAME": "X", "CONV": "Conv0", "FC": "FC0", "ROW": "X\x1d"}


class Kind(Enum):
    """What an edit does, and so what the fault is."""

    RESPELL = auto()
    PUT_IN = auto()
    LEAVE_OUT = auto()
    EXCHANGE = auto()
    CLOSE = auto()
    PASS_OVER = auto()


@dataclass(frozen=True)
class Edit:
    """Put other tokens in the place of [start, end). The token ``at`` is the one that did not fit.

    ``partial`` edits need another one behind them for the same fault, which is ``quiet``.
    """

    kind: Kind
    at: int
    start: int
    end: int
    put: tuple[Token, ...]
    cost: int
    expected: tuple[str, ...]
    partial: bool = False
    quiet: bool = False


def separate(one: Edit, other: Edit, tokens: list[Token]) -> bool:
    """Whether two edits of these tokens mend two faults: two of a kind do, others belong together.

    `Conv2(64 64 3x3/1)` lacks two commas, `FC1-(64,10)` has one `-` in the wrong place.
    """
    first, second = (
        (edit.kind, [token.type for token in (*tokens[edit.start : edit.end], *edit.put)])
        for edit in (one, other)
    )
    return Kind.RESPELL in (one.kind, other.kind) or first == second


def edits_at(token: Token, expected: tuple[str, ...]) -> Iterator[tuple[Kind, tuple[Token, ...], int, int]]:
    """Yield what to do at a token: the kind, the tokens to put in, how many go out, and the cost."""
    kind = token.type
    if kind == "NAME" or kind in words():
        for cost, terminal, word in near(token, expected):
            yield Kind.RESPELL, (token_of(terminal, word),), 1, 1 + cost
    for mark in marks(expected):
        yield Kind.PUT_IN, (token_of(mark),), 0, 3
        if {kind, mark} in _ALIKE:
            yield Kind.EXCHANGE, (token_of(mark),), 1, 2
        elif kind in MARKS and kind != "BAR":
            yield Kind.EXCHANGE, (token_of(mark),), 1, 4
    for phrase, cost in _PHRASES.items():
        if phrase[0] in expected:
            yield Kind.PUT_IN, tuple(map(token_of, phrase)), 0, cost
    if "INT" in expected and kind in ("REAL", "NAME"):
        yield Kind.EXCHANGE, (token_of("INT"),), 1, 5
    if "NAME" in expected and kind in words():
        yield Kind.EXCHANGE, (token_of("NAME"),), 1, 5
    if kind != "$END":
        yield Kind.LEAVE_OUT, (), 1, 3 if kind in MARKS else 7 if kind == "NAME" else 8


def marks(expected: Iterable[str]) -> list[str]:
    """Return the marks that may be guessed. NOTE: `&` is none, since it gives a block another meaning."""
    return [mark for mark in MARKS if mark in expected and mark != "AMPERSAND"]


def token_of(terminal: str, text: str | None = None) -> Token:
    """Return a token to put in, with the text given or one that will do."""
    word = words().get(terminal, ("",))[0]
    return Token(terminal, text or _TEXTS.get(terminal, word))
