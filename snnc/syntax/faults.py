"""Tell the faults: from the edits that made a text parse to the diagnostics that ask for them."""

from __future__ import annotations

from lark import Token

from snnc.diagnostics import Diagnostic, Fix
from snnc.diagnostics.escape import shorten
from snnc.source import Source, Span
from snnc.syntax.edits import MARKS, Edit, Kind
from snnc.syntax.errors.tokens import (
    LayerWithoutNumber,
    MissingMark,
    ReservedWord,
    StrayMark,
    TooFewNumbers,
    UnclosedBracket,
    Unexpected,
    UnknownWord,
    WrongMark,
)
from snnc.syntax.usage import describe, name_of, usage
from snnc.syntax.words import near

# What is put in for a phrase that was left out, in words and, where there is no choice, in text; `{}` is
# the token before.
_PHRASES = {
    ("INPUT", "_SEP"): "`Input -`",
    ("_CROSS", "INT"): "`x` and a whole number",
    ("SLASH", "INT"): "`/` and the stride",
    ("INT", "_CROSS", "INT"): "the size of the window",
    ("_CROSS", "INT", "SLASH", "INT"): "`x`, the other side and the stride",
    ("_REPEATED", "INT", "_TIMES"): "`repeated n times`",
}
_TEXTS = {
    ("_TIMES",): " times",
    ("_TO",): "-to-",
    ("_REPEATED",): " repeated",
    ("_AS",): " as ",
    ("_APPLICABLE",): " Applicable",
    ("_CROSS", "INT"): "x{}",
    ("SLASH", "INT"): "/1",
    ("_CROSS", "INT", "SLASH", "INT"): "x{}/1",
}


def tell(edit: Edit, tokens: list[Token], source: Source) -> Diagnostic:
    """Return the diagnostic of an edit of these tokens."""
    return _Teller(edit, tokens, source).diagnostic()


class _Teller:
    """One edit with the tokens and the text about it."""

    def __init__(self, edit: Edit, tokens: list[Token], source: Source) -> None:
        self.edit = edit
        self.tokens = tokens
        self.source = source
        self.usage = usage(tokens, edit.at, edit)
        self.span = self.span_of(edit.at)
        first_line, *_ = self.span.text.splitlines() or [""]
        self.word = shorten(first_line.strip(), 40)

    def diagnostic(self) -> Diagnostic:
        if self.edit.partial:
            return self.partial()
        match self.edit.kind:
            case Kind.RESPELL:
                return self.respell()
            case Kind.PUT_IN:
                return self.put_in()
            case Kind.LEAVE_OUT:
                return self.leave_out()
            case Kind.EXCHANGE:
                return self.exchange()
            case Kind.CLOSE:
                return self.close()
            case Kind.PASS_OVER:
                return self.pass_over()

    def partial(self) -> Diagnostic:
        """Tell where a fault begins that takes more than one edit; it has no fix."""
        if not self.edit.put:
            return self.stray(mendable=False)
        return Unexpected(self.gap(), name_of(self.edit.put[0].type), self.found(), self.usage)

    def respell(self) -> Diagnostic:
        (put,) = self.edit.put
        if put.type in ("CONV", "FC") and not put[-1].isdigit():
            return LayerWithoutNumber(self.span, self.word, str(put), self.free(put))
        meant = tuple(word for _, _, word in near(self.word, self.edit.expected))
        return UnknownWord(self.span, self.word, self.expected(), meant, self.usage)

    def put_in(self) -> Diagnostic:
        kinds = tuple(token.type for token in self.edit.put)
        if kinds[0] in MARKS and len(kinds) == 1:
            mark = MARKS[kinds[0]]
            return MissingMark(self.gap(), mark, self.found(), self.usage, self.insertion(mark))
        opened = [place for place in range(self.edit.at) if self.tokens[place].type == "LPAR"]
        if kinds[:2] == ("COMMA", "INT") and opened:
            return self.too_few(opened[-1])
        expected = _PHRASES.get(kinds) or name_of(kinds[0])
        return Unexpected(self.gap(), expected, self.found(), self.usage, self.completion(kinds))

    def too_few(self, opening: int) -> Diagnostic:
        """Point at all that stands in the parentheses: which number is missing is not to be known."""
        start, end = self.tokens[opening].end_pos or 0, self.edit.at
        while self.tokens[end].type not in ("RPAR", "_SEP", "$END"):
            end += 1
        head = self.tokens[opening - 1]
        takes = "inputs, outputs and a window" if head.type == "CONV" else "inputs and outputs"
        return TooFewNumbers(self.source.span(start, self.end_before(end)), str(head), takes, self.usage)

    def leave_out(self) -> Diagnostic:
        return self.stray(mendable=True)

    def stray(self, *, mendable: bool) -> Diagnostic:
        """Tell what is left out. A sign is told as such; a `]` does not say where its block began."""
        kind = self.tokens[self.edit.at].type
        if kind not in MARKS:
            return self.pass_over()
        signed = kind == "_SEP" and self.tokens[self.edit.end].type in ("INT", "REAL")
        words = f"one `{MARKS[kind]}` too many"
        if kind in ("RPAR", "RSQB"):
            words = "closes nothing"
        elif signed:
            words = "numbers have no sign"
        around = self.source.text[self.span.start - 1 : self.span.end + 1].replace(self.span.text, "")
        gap = " " if around.isalnum() and len(around) > 1 else ""  # two words must not become one
        mend = Fix(self.span, gap) if mendable and not signed and kind != "RSQB" else None
        return StrayMark(self.span, MARKS[kind], words, self.usage, mend)

    def exchange(self) -> Diagnostic:
        (put,) = self.edit.put
        if put.type in MARKS:
            return WrongMark(self.span, MARKS[put.type], self.word, self.usage)
        if put.type == "NAME":
            return ReservedWord(self.span, self.word)
        return Unexpected(self.span, name_of(put.type), self.found(), self.usage)

    def close(self) -> Diagnostic:
        place = None if len(self.edit.put) > 1 else self.empty(self.end_before(self.edit.start))
        return UnclosedBracket(self.span, place)

    def pass_over(self) -> Diagnostic:
        if self.tokens[self.edit.at].type == "NAME":
            return UnknownWord(self.span, self.word, self.expected(), (), self.usage)
        return Unexpected(self.gap(), self.expected(), self.found(), self.usage)

    def expected(self) -> str:
        return describe(self.edit.expected)

    def found(self) -> str:
        """What stands there instead, in words."""
        return f"`{self.word}`" if self.word else "the end of the text"

    def free(self, kind: str) -> str | None:
        """Return the name that the next layer of this kind has, unless it is taken."""
        names = [token.lower() for token in self.tokens if token.type == kind.upper()]
        before = [token for token in self.tokens[: self.edit.at] if token.type == kind.upper()]
        number = int(before[-1][len(kind) :]) + 1 if before else 1
        return None if f"{kind}{number}".lower() in names else f"{kind}{number}"

    def insertion(self, mark: str) -> Fix:
        """Return the fix that puts a mark in: behind what stands before, an opening bracket before."""
        if mark in "([":
            return Fix(self.empty(self.span.start), mark)
        place = self.empty(self.end_before(self.edit.at))
        behind = self.source.text[place.end : place.end + 1]
        return Fix(place, mark if mark != "-" else " -" if behind.isspace() else " - ")

    def completion(self, kinds: tuple[str, ...]) -> Fix | None:
        """Return the fix that completes a phrase, where there is one way only."""
        if kinds == ("INPUT", "_SEP"):
            return Fix(self.empty(self.span.start), "Input - ")
        if kinds not in _TEXTS:
            return None
        before = self.tokens[self.edit.at - 1]
        text = _TEXTS[kinds].format(before)
        if before.type == "_SEP":
            text = text.lstrip("- ")
        if kinds == ("SLASH", "INT") and self.tokens[self.edit.at - 5].type == "POOL":
            text = f"/{before}"  # a pool's stride is its size, as in all of the paper's tables
        return Fix(self.empty(self.end_before(self.edit.at)), text)

    def gap(self) -> Span:
        """Return where something is missing: at the token, or behind the one before, a line earlier."""
        before = self.end_before(self.edit.at)
        same_line = "\n" not in self.source.text[before : self.span.start]
        return self.span if self.word and (same_line or not self.edit.at) else self.empty(before)

    def end_before(self, index: int) -> int:
        """Return the offset behind the token before an index."""
        return (self.tokens[index - 1].end_pos or 0) if index else 0

    def span_of(self, index: int) -> Span:
        token = self.tokens[index]
        if token.type == "$END":
            return self.empty(self.end_before(index))
        return self.source.span(token.start_pos or 0, token.end_pos)

    def empty(self, offset: int) -> Span:
        return self.source.span(offset, offset)
