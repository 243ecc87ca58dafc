"""Load the grammar: from `grammar/topology.lark` to a Lark LALR parser, once and when first needed.

Lark works on a grammar for a tenth of a second, most of what `snnc check` would take; so its tables lie
beside the grammar, as JSON, and are used where they were made from this grammar by this Lark.

The lexer is Lark's basic one: the words of the notation are reserved, so what a token is does not
depend on where it stands. That gives one list of tokens, which `parse` reads and `mend` repairs.
"""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from importlib.resources.abc import Traversable
from typing import Any, cast

import lark
from lark import Lark, Token, Tree
from lark.grammar import Rule
from lark.lexer import TerminalDef

from snnc.source.data import data

END = Token("$END", "")
TABLES = "topology.json"


@cache
def grammar() -> Lark:
    """Return the parser of the notation."""
    folder = data("grammar")
    text = (folder / "topology.lark").read_text(encoding="utf-8")
    kept = _kept(folder / TABLES)
    return _loaded(kept) if kept.get("of") == fingerprint(text) else built(text)


def built(text: str) -> Lark:
    """Return the parser of a grammar, worked out anew."""
    return Lark(text, parser="lalr", lexer="basic", propagate_positions=True, maybe_placeholders=True)


def tables(text: str) -> str:
    """Return what the file of tables holds for a grammar."""
    found, memo = built(text).memo_serialize([TerminalDef, Rule])
    kept = {"of": fingerprint(text), "data": found, "memo": memo}
    return json.dumps(kept, separators=(",", ":")) + "\n"


def fingerprint(text: str) -> str:
    """Return what tells the tables of one grammar and one Lark from all others."""
    return sha256(f"{lark.__version__}\n{text}".encode()).hexdigest()


def _kept(file: Traversable) -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads(file.read_bytes())) if file.is_file() else {}


def _loaded(kept: dict[str, Any]) -> Lark:
    """Return the parser of kept tables; JSON has made texts of the numbers that are keys."""
    found, memo = kept["data"], kept["memo"]
    automaton = found["parser"]["parser"]
    automaton["tokens"] = _numbered(automaton["tokens"])
    automaton["states"] = _numbered({state: _numbered(row) for state, row in automaton["states"].items()})
    return Lark.load({"data": found, "memo": _numbered(memo)})


def _numbered(table: dict[str, Any]) -> dict[int, Any]:
    return {int(number): entry for number, entry in table.items()}


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
