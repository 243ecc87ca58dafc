"""Text from users made safe to show: the only way by which it reaches a terminal or a page.

A spec may hold control characters, characters that turn the direction of writing, or that have no
width. Shown raw they move the cursor, hide text, or put the carets in the wrong place.
"""

from __future__ import annotations

ACCEPTED = frozenset("–—×")  # the dashes and the times sign of the notation, one column wide each


def escape(text: str) -> str:
    r"""Return the text with everything outside printable ASCII written as ``\u{..}``.

    The dashes and × that the notation accepts pass.
    """
    return "".join(map(escape_character, text))


def escape_character(character: str) -> str:
    r"""Return one character as it may be shown: itself, or ``\u{..}``."""
    if " " <= character <= "~" or character in ACCEPTED:
        return character
    return f"\\u{{{ord(character):x}}}"


def shorten(text: str, width: int = 60) -> str:
    """Return the text, its middle left out where it is longer than ``width``."""
    if len(text) <= width:
        return text
    half = (width - 3) // 2
    return f"{text[:half]}...{text[-half:]}"
