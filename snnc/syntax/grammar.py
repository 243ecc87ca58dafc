"""Load the grammar: from `grammar/topology.lark` to a Lark LALR parser, once and when first needed.

The lexer is Lark's basic one: the words of the notation are reserved, so what a token is does not
depend on where it stands. That gives one list of tokens, which `parse` reads and `mend` repairs.
"""

from __future__ import annotations

from functools import cache
from typing import cast

from lark import Lark, Token, Tree

from snnc.source.data import data

END = Token("$END", "")


@cache
def grammar() -> Lark:
    """Return the parser of the notation."""
    text = (data("grammar") / "topology.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", lexer="basic", propagate_positions=True, maybe_placeholders=True)


def tokens(text: str) -> list[Token]:
    """Cut a prepared text into tokens; blanks are dropped."""
    return list(grammar().lex(text))


def derive(found: list[Token]) -> Tree[Token]:
    """Return the parse tree of a list of tokens.

    Raises `lark.UnexpectedToken` at the first token that does not fit.
    """
    cursor = grammar().parse_interactive()
    for token in [*found, END]:
        result = cursor.feed_token(token)
    return cast("Tree[Token]", result)
