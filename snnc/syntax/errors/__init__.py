"""What can be wrong with a text before anybody asks what it means."""

from snnc.syntax.errors.clauses import (
    GivenTwice,
    NumberTooLong,
    RepeatedModifier,
)
from snnc.syntax.errors.listing import (
    BackResApart,
    BackResTwice,
    BackResUnknown,
    ListingsDiffer,
    RepeatCount,
    SharedNumber,
)
from snnc.syntax.errors.text import (
    HiddenCharacter,
    OddCharacter,
    TooDeep,
    TooLarge,
    UnclosedText,
    UnquotedPath,
)
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

__all__ = [
    "BackResApart",
    "BackResTwice",
    "BackResUnknown",
    "GivenTwice",
    "HiddenCharacter",
    "LayerWithoutNumber",
    "ListingsDiffer",
    "MissingMark",
    "NumberTooLong",
    "OddCharacter",
    "RepeatCount",
    "RepeatedModifier",
    "ReservedWord",
    "SharedNumber",
    "StrayMark",
    "TooDeep",
    "TooFewNumbers",
    "TooLarge",
    "UnclosedBracket",
    "UnclosedText",
    "Unexpected",
    "UnknownWord",
    "UnquotedPath",
    "WrongMark",
]
