"""How the parts of the notation are written: what a message says was expected, and its help line."""

from __future__ import annotations

from collections.abc import Iterable

from lark import Token

from snnc.syntax.edits import Edit, Kind
from snnc.syntax.words import spell, words

_LAYERS = frozenset(("CONV", "FC", "POOL", "GLOBALPOOL", "LSQB"))
_MODIFIERS = frozenset(("UNIT", "BN", "DROPOUT"))

_NAMES = {
    "INT": "a whole number",
    "REAL": "a number",
    "NAME": "a name",
    "STRING": "a quoted text",
    "ROW": "a table row",
    "_SECOND": "a cell of a table row",
    "_THIRD": "a cell of a table row",
    "CONV": "a Conv layer",
    "FC": "an FC layer",
    "UNIT": "a neuron",
    "CODING": "`poisson` or `direct`",
    "HEAD": "`softmax` or `stochmax`",
    "KEPT": "`mean`, `top` or `random`",
    "MODE": "`add`, `concat` or `tile`",
    "RESETTING": "`subtract`, `zero` or `none`",
    "$END": "the end of the text",
    "_SEP": "`-`",
    "COMMA": "`,`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "EQUAL": "`=`",
    "SLASH": "`/`",
    "BAR": "`|`",
    "AMPERSAND": "`&`",
    "_CROSS": "`x`",
}

_CHAIN = "a chain is `Input - Conv1(3,64,3x3/1) - Pool(2x2/2) - FC1(16384,10)`"
_USAGE = {
    "CONV": "a convolution is `ConvN(inputs,outputs,kxk/stride)`, such as `Conv1(3,64,3x3/1)`",
    "FC": "a fully connected layer is `FCN(inputs,outputs)`, such as `FC1(4096,512)`",
    "POOL": "a pool is `Pool(pxp/stride)`, such as `Pool(2x2/2)`",
    "DROPOUT": "dropout is `Dropout(probability)`, such as `Dropout(0.2)`",
    "UNIT": "a neuron is ReLU, IF, LIF or identity, perhaps with constants: "
    "`LIF(leak=0.95, threshold=1, reset=subtract, refractory=0)`",
    "_REPEATED": "a block is `[X - Y] repeated 2 times`, and a single layer `X repeated 2 times`",
    "BAR": "a pair `A|B` is the neuron of the ANN | that of the SNN: `ReLU|LIF`",
    "KEPT": "where channels differ a block keeps some: `[X - Y] repeated 2 times keep mean`, top or random",
    "MODE": "a skip may say how it joins: `Skip Input-to-Conv2 tile`, add or concat",
    "_NETWORK": "a network's name is given by `network VGG5`",
    "_NEURON": "the neuron of layers that name none is given by `neuron ReLU|LIF`",
    "_ENCODE": "the coding is given by `encode poisson` or `encode direct`",
    "_TIMESTEPS": "the number of time-steps is given by `timesteps 25`",
    "_BACKRES": "blocks are given by `BackRes [Conv5] & [Conv7 - Conv8] repeated 2 times`",
    "_SKIP": "skips are given by `Skip Input-to-Conv2, Conv1-to-FC1`",
    "_PRINTED": 'what a table prints is given by `printed FC1(2048,512) "Table III"`',
    "_USE": 'another spec is appended by `use "convnn_72.spec" as ConvNN`',
    "_CLASSIFY": "the classifier is given by `classify softmax` or `classify stochmax`",
}
_USAGE |= {"_SECOND": _USAGE["_BACKRES"], "_THIRD": _USAGE["_SKIP"]}
_LINKING = ("_SKIP", "_THIRD", "COMMA")  # before an `Input` that begins no chain
_KINDS = (
    "layers are ConvN, FCN, Pool, AvgPool, MaxPool and GlobalPool; "
    "behind a layer stand ReLU, IF, LIF, identity, BN and Dropout"
)
_CLAUSES = (
    "a clause begins with network, input, neuron, encode, timesteps, `Input -`, BackRes, Skip, printed, "
    "use or classify"
)
_SHAPE = "the input is given by `input 3x32x32`: channels x height x width"
_FAR = 400  # tokens that are looked back


def describe(expected: Iterable[str]) -> str:
    """Return what was expected in words, from the terminals that would have fitted."""
    left = set(expected)
    found = []
    if left >= _LAYERS:
        found.append("a layer")
        left -= _LAYERS | _MODIFIERS
    elif left >= _MODIFIERS:
        found.append("a neuron, BN or Dropout")
        left -= _MODIFIERS
    if {"_NETWORK", "_CLASSIFY"} <= left:
        clauses = {name for name in left if name in _USAGE and name.startswith("_")} - {"_REPEATED"}
        found.append("a clause")
        left -= clauses | {"INPUT", "ROW", "$END"}
    if "REAL" in left:
        left.discard("INT")
    if {"CONV", "FC", "NAME"} <= left:
        found.append("a layer's name")
        left -= {"CONV", "FC", "NAME"}
    found += sorted((name_of(terminal) for terminal in left), key=lambda text: (text[0] == "`", text))
    if len(found) > 5:  # as many as one can take in
        found = [*found[:4], "another word"]
    return " or ".join(filter(None, (", ".join(found[:-1]), found[-1])))


def name_of(terminal: str) -> str:
    """Return a terminal in words."""
    word = words().get(terminal, ("",))[0]
    return _NAMES.get(terminal) or f"`{spell(word)}`"


def usage(tokens: list[Token], index: int, edit: Edit) -> str:
    """Return how the part of the notation is written that an edit mends.

    It is that of the word put in, that of the layer whose parentheses are missing, a list where any
    layer or clause would do, or else that of the layer or clause about the token.
    """
    kinds = [token.type for token in edit.put[:1]]
    if edit.kind is not Kind.PASS_OVER and kinds and kinds[0] in _USAGE:
        return _USAGE[kinds[0]]
    if "LPAR" in edit.expected and len(edit.expected) == 1:
        return _USAGE.get(tokens[index - 1].type, _CHAIN)
    if _LAYERS.issubset(edit.expected):
        return _KINDS
    if {"_NETWORK", "ROW"}.issubset(edit.expected) and "_SEP" not in edit.expected:
        return _CLAUSES
    return about(tokens, index)


def about(tokens: list[Token], index: int) -> str:
    """Return how the layer or clause is written that a token stands in."""
    depth = 0
    counting = True  # whether the token stands in a `repeated n times`, as far as one can tell
    for place in range(index - 1, max(index - _FAR, -1), -1):
        token = tokens[place]
        if token.type == "LPAR" and depth == 0:
            return _USAGE.get(tokens[place - 1].type, _CHAIN)
        depth += (token.type == "RPAR") - (token.type == "LPAR")
        if depth == 0 and counting and token.type == "_REPEATED":
            return _USAGE["_REPEATED"]
        counting = counting and token.type not in ("_SEP", "_TIMES")
        if token.type == "INPUT" and tokens[place - 1].type not in _LINKING:
            return _SHAPE if tokens[place + 1].type == "INT" else _CHAIN
        if token.type in _USAGE and token.type.startswith("_") and token.type != "_REPEATED":
            return _USAGE[token.type]
    return _CHAIN
