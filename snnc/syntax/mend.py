"""Mend: from tokens that do not parse to tokens that do, and the faults that lay between.

At each token that does not fit, the cheapest edit that lets the text go on is taken: a word respelt, a
mark put in, left out or exchanged, a number put in; at most two of these together. Where none helps,
the layer or the clause about the token is passed over. So a fault is told once, where it is, and what
comes behind it is still read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice, pairwise

from lark import Token

from snnc.syntax.automaton import Stack, choices, initial, step
from snnc.syntax.edits import CELLS, CLAUSES, Edit, Kind, edits_at, marks, separate, token_of

MOST_FAULTS = 20  # that are told of one file
_AHEAD = 6  # tokens that have to fit behind an edit for it to be believed at once
_ENOUGH = 3  # tokens that will do where nothing else helps
_DEAREST = 10  # beyond this an edit explains nothing
_SCOPE = CLAUSES | CELLS | {"_SEP", "RPAR", "LSQB", "RSQB"}  # where a fault ends, if it is one
_FAR = 400  # tokens that are looked ahead
_MOST_CLOSINGS = 20  # places where a bracket left open is tried to be closed


def mend(tokens: list[Token]) -> tuple[list[Edit], list[Token]]:
    """Return the edits that make the tokens, the last of which is the end, parse; and the result."""
    work = _Mender(tokens)
    work.run()
    return work.edits, work.out


class _Mender:
    """The work on one list of tokens: a walk through it that takes an edit where it is stuck."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.edits: list[Edit] = []
        self.out: list[Token] = []
        self.told: Edit | None = None  # the fault that a further edit may belong to
        self.told_at = 0
        self.before: dict[int, tuple[Stack, int]] = {}  # the stack before a token, and the length of out

    def run(self) -> None:
        stack, index = initial(), 0
        while index < len(self.tokens):
            self.before[index] = (stack, len(self.out))
            following = step(stack, self.tokens[index].type)
            if following is not None:
                self.out.append(self.tokens[index])
                stack, index = following, index + 1
            elif len(self.edits) == MOST_FAULTS:
                return
            else:
                edit = self.best(stack, index) or self.pass_over(stack, index)
                self.note(edit, index)
                stack, index = self.take(edit), edit.end

    def note(self, edit: Edit, index: int) -> None:
        """Add an edit, quietly where it belongs to the fault that was told last."""
        told = next((place for place, one in enumerate(self.edits) if one is self.told), None)
        if told is not None and self.belongs(edit, self.edits[told], self.told_at):
            self.edits[told] = self.told = replace(self.edits[told], partial=True)
            edit = replace(edit, quiet=True)
        else:
            self.told, self.told_at = edit, index
        self.edits.append(edit)

    def belongs(self, edit: Edit, told: Edit, index: int) -> bool:
        """Whether an edit mends the same fault as one before it at an index: in the same parentheses."""
        end = index + (told.kind is Kind.LEAVE_OUT)
        while self.tokens[end].type not in _SCOPE:
            end += 1
        moved = edit.at == index + 1 and edit.kind in (Kind.LEAVE_OUT, Kind.EXCHANGE)
        return (edit.at <= end or moved) and not separate(told, edit, self.tokens)

    def take(self, edit: Edit) -> Stack:
        """Make an edit; return the stack behind it."""
        stack, length = self.before[edit.start]
        self.out[length:] = edit.put
        for index in range(edit.start, edit.end):
            self.before[index] = (stack, length)
        return self.put(stack, edit.put) or stack

    def put(self, stack: Stack, tokens: Iterable[Token]) -> Stack | None:
        """Return the stack after some tokens; None where one does not fit."""
        for token in tokens:
            following = step(stack, token.type)
            if following is None:
                return None
            stack = following
        return stack

    def read(self, stack: Stack, index: int, limit: int) -> tuple[Stack, int]:
        """Read on up to a limit; return where it stopped."""
        while index < limit:
            following = step(stack, self.tokens[index].type)
            if following is None:
                break
            stack, index = following, index + 1
        return stack, index

    def best(self, stack: Stack, index: int) -> Edit | None:
        """Return the cheapest edit that lets the text go on, perhaps with a second one behind it.

        A respelt word needs one token to confirm it; a text may have fault upon fault.
        """
        found: list[tuple[int, int, Edit]] = []
        for edit in (*self.near_edits(stack, index), *self.far_edits(stack, index)):
            after = self.put(self.before[edit.start][0], edit.put)
            if after is None:
                continue
            there, reached = self.read(after, edit.end, self.limit(index))
            if reached == self.limit(index):
                found.append((edit.cost, 0, edit))
            elif reached > index:
                for other in self.second(there, reached):
                    both = replace(edit, partial=self.belongs(other, edit, index))
                    found.append((edit.cost + other.cost + 1, 1, both))
                enough = 1 if edit.kind is Kind.RESPELL else _ENOUGH
                if reached > index + enough:
                    found.append((edit.cost + 4, 2, edit))
        cheapest = min(found, key=lambda one: one[:2], default=None)
        return cheapest[2] if cheapest and cheapest[0] <= _DEAREST else None

    def second(self, stack: Stack, index: int) -> Iterator[Edit]:
        """Yield the edits that let the text go on from a second misfit close by."""
        for edit in self.near_edits(stack, index):
            after = self.put(stack, edit.put)
            enough = min(index + _ENOUGH, len(self.tokens))
            if after is not None and self.read(after, edit.end, enough)[1] == enough:
                yield edit

    def limit(self, index: int) -> int:
        return min(index + 1 + _AHEAD, len(self.tokens))

    def near_edits(self, stack: Stack, index: int) -> Iterator[Edit]:
        """Yield the edits at a token that does not fit."""
        token, expected = self.tokens[index], tuple(choices(stack))
        for kind, put, dropped, cost in edits_at(token, expected):
            if token.type == "LPAR" and put and put[0].type == "LSQB" and not self.counted(index):
                continue
            yield Edit(kind, index, index, index + dropped, put, cost, expected)

    def counted(self, index: int) -> bool:
        """Whether a `) repeated` follows soon: a block in the wrong brackets."""
        behind = [token.type for token in self.tokens[index : index + _FAR]]
        return ("RPAR", "_REPEATED") in pairwise(behind)

    def far_edits(self, stack: Stack, index: int) -> Iterator[Edit]:
        """Yield the edits before the token: a mark too many, a bracket that should have been closed."""
        expected = tuple(choices(stack))
        if index and self.tokens[index - 1].type in ("_SEP", "COMMA", "BAR", "AMPERSAND"):
            yield Edit(Kind.LEAVE_OUT, index - 1, index - 1, index, (), 4, expected)
            for mark in marks(choices(self.before[index - 1][0])):
                yield Edit(Kind.EXCHANGE, index - 1, index - 1, index, (token_of(mark),), 4, expected)
        if self.tokens[index].type in CLAUSES | CELLS:
            yield from self.closings(index, expected)

    def closings(self, index: int, expected: tuple[str, ...]) -> Iterator[Edit]:
        """Yield the edits that close a block: before a `repeated` behind it, or here with a count."""
        start = self.open_bracket(index)
        if start is None:
            return
        places = (place for place in range(start + 1, index) if self.tokens[place].type == "_REPEATED")
        for place in islice(places, _MOST_CLOSINGS):
            yield Edit(Kind.CLOSE, start, place, place, (token_of("RSQB"),), 4, expected)
        put = tuple(map(token_of, ("RSQB", "_REPEATED", "INT", "_TIMES")))
        yield Edit(Kind.CLOSE, start, index, index, put, 5, expected)

    def open_bracket(self, index: int) -> int | None:
        """Return the last block before a token that is still open."""
        depth = 0
        for place in range(index - 1, -1, -1):
            kind = self.tokens[place].type
            depth += (kind == "RSQB") - (kind == "LSQB")
            if depth < 0:
                return place
        return None

    def pass_over(self, stack: Stack, index: int) -> Edit:
        """Return the edit that passes over the layer about a token, else over its cell or its clause."""
        expected = tuple(choices(stack))
        for (start, end), put in (
            (self.item_about(index), (Token("BN", "BN"),)),
            (self.cell_about(index), ()),
        ):
            after = self.put(self.before[start][0], put)
            if end > index and after is not None and step(after, self.tokens[end].type) is not None:
                return Edit(Kind.PASS_OVER, index, start, end, put, 0, expected)
        start, end = self.clause_about(index)
        return Edit(Kind.PASS_OVER, index, start, end, (), 0, expected)

    def clause_about(self, index: int) -> tuple[int, int]:
        """Return the range of tokens of the clause about a token, or of what stands before the next one."""
        start = index
        while start and not self.between_clauses(start):
            start -= 1
        end = index if start < index or self.tokens[index].type == "$END" else index + 1
        while self.tokens[end].type not in CLAUSES or self.continues(end):
            end += 1
        return start, end

    def between_clauses(self, index: int) -> bool:
        return self.tokens[index].type in CLAUSES and step(self.before[index][0], "$END") is not None

    def continues(self, index: int) -> bool:
        """Whether an `Input` is no clause's start, but stands in a line: ``Skip Input-to-Conv2``."""
        here, last = self.tokens[index], self.tokens[index - 1]
        return here.type == "INPUT" and here.line == last.end_line

    def cell_about(self, index: int) -> tuple[int, int]:
        """Return the range of tokens of the cell about a token, its mark included; an empty one if none."""
        start = index
        while start and self.tokens[start].type not in (CELLS | CLAUSES):
            start -= 1
        end = index
        while self.tokens[end].type not in (CELLS | CLAUSES) or self.continues(end):
            end += 1
        return (start, end) if self.tokens[start].type in CELLS else (index, index)

    def item_about(self, index: int) -> tuple[int, int]:
        """Return the range of tokens between the separators or brackets about a token."""
        start = index
        while start and self.tokens[start - 1].type not in ("_SEP", "LSQB", *CELLS):
            start -= 1
        end, depth = index, 0
        while self.tokens[end].type not in CLAUSES:
            kind = self.tokens[end].type
            if kind in CELLS or (depth == 0 and kind in ("_SEP", "RSQB")):
                break
            depth += (kind == "LSQB") - (kind == "RSQB")
            end += 1
        return start, end
