"""Single characters: which the notation has, which it never has, and what a foreign one stood for.

The notation is ASCII but for two dashes and the times sign, so a name looks like what it is. Typing
and pasting bring look-alikes; where one is known, a diagnostic can say what was meant.
"""

from __future__ import annotations

import re
import unicodedata

DASHES = str.maketrans({"\N{EN DASH}": "-", "\N{EM DASH}": "-", "\N{MULTIPLICATION SIGN}": "x"})

FIRST, SECOND, THIRD = "\x1d", "\x1e", "\x1f"  # marks that `scan` puts before the cells of a table row

UNUSUAL = re.compile(r"[^\n\t -~]")
ODD = re.compile(r"[^\n\t\x1d-\x1f \"&(),\-/0-9=A-Z\[\]_a-z|]")
ODD_OR_WORD = re.compile(  # a tag such as `<i>` counts as one character
    r"[a-z_]\w*|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?|(?P<odd></?\w{0,6}>|" + ODD.pattern + ")",
    re.ASCII | re.IGNORECASE,
)

_SHAPELESS = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # Unicode categories

_LATIN = dict(
    zip(
        "\u0410\u0412\u0421\u0415\u041d\u0406\u041a\u041c\u041e\u0420\u0422\u0425"  # Cyrillic capitals
        "\u0430\u0441\u0435\u043e\u0440\u0445\u0443\u0456"  # Cyrillic small letters
        "\u0391\u0392\u0395\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a7\u03bf",  # Greek
        "ABCEHIKMOPTXaceopxyi" + "ABEHIKMNOPTXo",
        strict=True,
    )
)
_DASH = dict.fromkeys("\u2010\u2011\u2012\u2015\u2192\u2212", "-")
_TIMES = dict.fromkeys("*\u22c5\u2217\u2219\u2715\u2716\u2a2f", "x")
_MEANT = {";": ",", "{": "[", "}": "]", "\\": "/", "\u2223": "|"} | _LATIN | _DASH | _TIMES


def shapeless(character: str) -> bool:
    """Whether it is a control, bidirectional, zero-width or unassigned character."""
    return unicodedata.category(character) in _SHAPELESS


def meant(character: str, before: str) -> str | None:
    """Return the notation's character that was meant, given the one before it; None if unknown."""
    if len(character) > 1 or (character == ">" and before == "-"):  # a tag; an arrow, `->`
        return " "
    if character in _MEANT:
        return _MEANT[character]
    folded = unicodedata.normalize("NFKC", character)  # full-width forms, mathematical letters, blanks
    return folded if len(folded) == 1 and not ODD.match(folded) else None


def describe(character: str) -> str:
    """Name a character for a message: as it is where it is ASCII, else by its code and Unicode name."""
    if character in ".+":
        return f"`{character}` outside numbers"
    if len(character) > 1 or " " < character <= "~":
        return f"`{character}`"
    return f"U+{ord(character):04X} {unicodedata.name(character, 'without a name')}"
