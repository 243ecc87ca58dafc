"""Read characters: from a source's text to the text that the grammar reads, of the same length.

Comments, bold marks and the heading of a table become blanks, dashes become `-`, the times sign
becomes `x`, and the tabs of a pasted table row become marks of their columns, so that every offset
stays where it was. Refused are what may stand nowhere (control, bidirectional and zero-width
characters), what may stand only in comments and strings (everything else outside the notation's
ASCII), and texts beyond the limits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from snnc.diagnostics import Diagnostic, Reporter
from snnc.source import Source
from snnc.syntax.characters import (
    DASHES,
    FIRST,
    ODD_OR_WORD,
    SECOND,
    THIRD,
    UNUSUAL,
    describe,
    meant,
    shapeless,
)
from snnc.syntax.errors.text import (
    HiddenCharacter,
    OddCharacter,
    TooDeep,
    TooLarge,
    UnclosedText,
    UnquotedPath,
)
from snnc.syntax.tree import Comment
from snnc.syntax.words import reserved

MOST_CHARACTERS = 1 << 20  # a net of 2,000 layers has 60,000
MOST_WORDS = 100_000  # words, numbers and marks; a net of 2,000 layers has 30,000
DEEPEST = 32  # brackets within brackets; the paper's blocks have one
MOST_ODD = 20  # characters refused one by one; a file with more of them is something else

_OPAQUE = re.compile(r'"[^"\n]*"?|#[^\n]*|</?b>|\*\*', re.IGNORECASE)
_ROW = re.compile(
    r"^(?P<name> *[A-Za-z]\w{0,63}\b)(?P<rest>[^\t\n]*)\t"
    r"(?P<cells> *(?:input(?! *[0-9])|\w+ *-)(?! *-? *to\b)[^\n]*\([^\n]*)",
    re.IGNORECASE | re.MULTILINE,
)
_BROKEN_ROW = re.compile(  # the end of a row that was wrapped, or has lost its name
    r"^(?P<start>(?![ \t]*(?:backres|skip)\b)[^\n]*?[\w)] *)\t"
    r"(?=[ \t]*(?:not\b|\[[^\]\n(]{0,999}\] *repeated))(?P<cells>[^\n]*)",
    re.IGNORECASE | re.MULTILINE,
)
_HEADING = re.compile(r"^ *Model *\t *Configuration *(?:\t[^\t\n]*)*$", re.IGNORECASE | re.MULTILINE)
_UNQUOTED = re.compile(r"^(?P<use> *use +)(?P<path>[^\s\"]{2,})", re.IGNORECASE | re.MULTILINE)
_WORD = re.compile(r"[0-9]+|[A-Za-z_]+|[^\w\s]")


@dataclass(frozen=True)
class Scanned:
    """A prepared text and the comments that it had.

    ``spoilt`` are the lines that could not be read in full, ``guessed`` the places of characters that
    stand for odd ones.
    """

    text: str
    comments: tuple[Comment, ...]
    spoilt: frozenset[int]
    guessed: frozenset[int]


def scan(source: Source, report: Reporter) -> Scanned | None:
    """Prepare a text for the grammar; None when it is beyond the limits."""
    if len(source.text) > MOST_CHARACTERS:
        report(TooLarge(source.span(0, 0), f"{len(source.text):,} characters", f"{MOST_CHARACTERS:,}"))
        return None
    if source.text.count("#") > MOST_WORDS:
        report(TooLarge(source.span(0, 0), f"{source.text.count('#'):,} comments", f"{MOST_WORDS:,}"))
        return None
    try:
        scanned = _Scan(source, report).run()
    except _EnoughError:
        return None
    return scanned if within_limits(scanned.text, source, report) else None


class _EnoughError(Exception):
    """Ends the reading of a text that has too many odd characters to be a spec."""


def within_limits(text: str, source: Source, report: Reporter) -> bool:
    """Refuse a prepared text that is too long or too deeply nested to be read in good time."""
    words = sum(1 for _ in _WORD.finditer(text))
    if words > MOST_WORDS:
        report(TooLarge(source.span(0, 0), f"{words:,} words and marks", f"{MOST_WORDS:,}"))
        return False
    depth = 0
    for bracket in re.finditer(r"[\[\]]", text):
        depth = depth + 1 if bracket[0] == "[" else max(depth - 1, 0)
        if depth > DEEPEST:
            report(TooDeep(source.span(bracket.start(), bracket.end()), DEEPEST))
            return False
    return True


@dataclass
class _Scan:
    """The work on one source."""

    source: Source
    report: Reporter
    comments: list[Comment] = field(default_factory=list)
    spoilt: set[int] = field(default_factory=set)
    guessed: set[int] = field(default_factory=set)
    odd: int = 0

    def run(self) -> Scanned:
        text = UNUSUAL.sub(self.refuse_hidden, self.source.text).translate(DASHES)
        text = _HEADING.sub(lambda match: " " * len(match[0]), _OPAQUE.sub(self.blank_opaque, text))
        text = _BROKEN_ROW.sub(mark_end_of_row, _ROW.sub(mark_row, text))
        text = ODD_OR_WORD.sub(self.refuse_odd, _UNQUOTED.sub(self.refuse_unquoted, text))
        return Scanned(text, tuple(self.comments), frozenset(self.spoilt), frozenset(self.guessed))

    def refuse_hidden(self, match: re.Match[str]) -> str:
        """Refuse control, bidirectional and zero-width characters, wherever they stand."""
        if not shapeless(match[0]):
            return match[0]
        if not self.harmless(match[0], match.start()):
            self.refuse(HiddenCharacter(self.source.span(match.start(), match.end()), describe(match[0])))
        return " "

    def harmless(self, character: str, offset: int) -> bool:
        """Whether it is a byte order mark at the start or the carriage return of a CRLF."""
        if character == "\r":
            return self.source.text[offset + 1 : offset + 2] == "\n"
        return character == "\ufeff" and offset == 0

    def refuse_odd(self, match: re.Match[str]) -> str:
        """Refuse a character outside the notation; read on with what was probably meant."""
        if match["odd"] is None:
            return match[0]
        span = self.source.span(match.start(), match.end())
        instead = meant(match[0], self.source.text[span.start - 1 : span.start])
        self.refuse(OddCharacter(span, describe(match[0]), instead))
        if instead is None:
            self.spoilt.add(span.line)
        self.guessed.add(span.start)
        return (instead or "").ljust(len(match[0]))

    def refuse_unquoted(self, match: re.Match[str]) -> str:
        """Refuse a path without quotes; read on as if it had them."""
        span = self.source.span(match.start("path"), match.end("path"))
        self.refuse(UnquotedPath(span, span.text))
        return f'{match["use"]}"{" " * (len(match["path"]) - 2)}"'

    def refuse(self, diagnostic: Diagnostic) -> None:
        """Report a mistake, the first so many of them."""
        if self.odd == MOST_ODD:
            raise _EnoughError
        self.odd += 1
        self.report(diagnostic)

    def blank_opaque(self, match: re.Match[str]) -> str:
        """Blank a comment, a bold mark or the inside of a string."""
        if match[0].startswith("#"):
            self.note_comment(match)
        elif match[0].startswith('"'):
            return self.blank_inside(match)
        return " " * len(match[0])

    def note_comment(self, match: re.Match[str]) -> None:
        span = self.source.span(match.start(), match.end())
        before = self.source.line(span.line)[: span.column - 1]
        text = span.text[1:].removeprefix(" ").rstrip()
        self.comments.append(Comment(text, own_line=not before.strip(), span=span))

    def blank_inside(self, match: re.Match[str]) -> str:
        if len(match[0]) > 1 and match[0].endswith('"'):
            return f'"{" " * (len(match[0]) - 2)}"'
        span = self.source.span(match.start(), match.end())
        self.refuse(UnclosedText(span))
        self.spoilt.add(span.line)
        return " " * len(match[0])


def mark_row(match: re.Match[str]) -> str:
    """Mark the cells of a pasted table row: its name is the first word, an empty cell is no cell.

    A line that begins with a word of the notation is no row.
    """
    if match["name"].strip().rstrip("0123456789").lower() in reserved():
        return match[0]
    chain, *cells = match["cells"].split("\t")
    return f"{match['name']}{' ' * len(match['rest'])}{FIRST}{chain}{mark_cells(cells)}"


def mark_end_of_row(match: re.Match[str]) -> str:
    """Mark the cells behind the chain where a row goes on in a further line."""
    return f"{match['start']}{mark_cells(match['cells'].split(chr(9)))}"


def mark_cells(cells: list[str]) -> str:
    """Return the cells behind the chain, each with its mark before it."""
    marked = [
        (mark if cell.strip() else " ") + cell for mark, cell in zip((SECOND, THIRD), cells, strict=False)
    ]
    return "".join(marked) + "".join(f" {cell}" for cell in cells[2:])
