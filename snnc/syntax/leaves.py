"""Build the leaves of the tree: from tokens to numbers, names and quoted texts, each with its span."""

from __future__ import annotations

import math

from lark import Token

from snnc.diagnostics import Reporter
from snnc.source import Source, Span
from snnc.syntax.errors.clauses import NumberTooLong
from snnc.syntax.tree import Int, Name, Real, Text

MOST_DIGITS = 7  # of a whole number
MOST_CHARACTERS = 24  # of a decimal number


def leaf(token: Token, source: Source, report: Reporter) -> Int | Real | Name | Text:
    """Return the leaf of a token; keywords in small letters, layer and network names as written."""
    span = source.span(token.start_pos or 0, token.end_pos)
    match token.type:
        case "INT":
            return whole(token, span, report)
        case "REAL":
            return decimal(token, span, report)
        case "STRING":
            return Text(span.text[1:-1], span=span)
        case "NAME" | "CONV" | "FC":
            return Name(str(token), span=span)
        case "ROW":
            return first_word(token, span)
        case "INPUT":
            return Name("Input", span=span)
        case "POOL" | "GLOBALPOOL":
            return Name("max" if token.lower() == "maxpool" else "average", span=span)
        case _:
            return Name(token.lower(), span=span)


def whole(token: Token, span: Span, report: Reporter) -> Int:
    """Read a whole number. NOTE: the length is checked first, since `int` is slow on long ones."""
    if len(token) > MOST_DIGITS:
        report(NumberTooLong(span, len(token)))
        return Int(1, span=span)
    return Int(int(token), span=span)


def decimal(token: Token, span: Span, report: Reporter) -> Real:
    """Read a decimal number; one beyond the range of a float is refused."""
    value = float(token) if len(token) <= MOST_CHARACTERS else math.inf
    if math.isinf(value):
        report(NumberTooLong(span, len(token)))
        return Real(1.0, span=span)
    return Real(value, span=span)


def first_word(token: Token, span: Span) -> Name:
    """Return the network's name from the first cell of a table row: ``ConvNN ResNet2, ResNet2x2``."""
    word = token.rstrip(" \x1d")
    return Name(word, span=Span(span.source, span.start, span.start + len(word)))
