"""Realistic slips: one message each, at the right characters, with the right repair.

What a message points at stands between « and »; a bare ‸ is the place between two characters.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from snnc.diagnostics import render

# code, text, and the text that `snnc check --fix` makes of it: None where nothing is to be guessed.
ONE = [
    # marks
    ("missing-mark", "Input - Conv1(3 «64»,3x3/1)", "Input - Conv1(3, 64,3x3/1)"),
    ("missing-mark", "Input - Conv1(3,64,3x3/1 «-» Pool(2x2/2)", "Input - Conv1(3,64,3x3/1) - Pool(2x2/2)"),
    ("missing-mark", "Input - Conv1(3,64,3x3/1) «Pool»(2x2/2)", "Input - Conv1(3,64,3x3/1) - Pool(2x2/2)"),
    (
        "missing-mark",
        "Input - Conv1(3,64,3x3/1)‸\n  Pool(2x2/2)",
        "Input - Conv1(3,64,3x3/1) -\n  Pool(2x2/2)",
    ),
    ("missing-mark", "Input - Conv1 «3»,64,3x3/1)", "Input - Conv1 (3,64,3x3/1)"),
    (
        "missing-mark",
        "Input - Conv1(3,64,3x3/1)\nneuron LIF(leak «0.9»)",
        "Input - Conv1(3,64,3x3/1)\nneuron LIF(leak= 0.9)",
    ),
    ("stray-mark", "Input - Conv1(3,«,»64,3x3/1)", "Input - Conv1(3,64,3x3/1)"),
    ("stray-mark", "Input - Conv1(3,64,3x3/1«,»)", "Input - Conv1(3,64,3x3/1)"),
    ("stray-mark", "Input - Conv1(3,64,3x3/1)«)» - FC1(4,2)", "Input - Conv1(3,64,3x3/1) - FC1(4,2)"),
    (
        "stray-mark",
        "Input - Conv1(3,64,3x3/1) «-»\nclassify softmax",
        "Input - Conv1(3,64,3x3/1) \nclassify softmax",
    ),
    ("stray-mark", "Input - Conv1(3,64,3x3/1)«]» repeated 2 times", None),
    ("stray-mark", "Input - Conv1(«-»3,64,3x3/1)", None),
    ("wrong-mark", "Input - Conv1(3,64,3x3«,»1)", "Input - Conv1(3,64,3x3/1)"),
    ("wrong-mark", "Input - Conv1(3,64,3x3/1)«,» Pool(2x2/2)", "Input - Conv1(3,64,3x3/1)- Pool(2x2/2)"),
    ("wrong-mark", "Input - Conv1(3,64,3x3/1) - ReLU«/»LIF", "Input - Conv1(3,64,3x3/1) - ReLU|LIF"),
    ("odd-character", "Input - FC1(2048«;»512)", "Input - FC1(2048,512)"),
    ("odd-character", "Input - Conv1(3,64,3«*»3/1)", "Input - Conv1(3,64,3x3/1)"),
    ("odd-character", "Input -«>» FC1(4,2)", "Input -  FC1(4,2)"),
    (
        "odd-character",
        "Input - Conv1(3,64,3\N{MINUS SIGN}3/1)".replace("\N{MINUS SIGN}", "«\N{CYRILLIC SMALL LETTER HA}»"),
        "Input - Conv1(3,64,3x3/1)",
    ),
    ("odd-character", "Input «\N{MINUS SIGN}» FC1(4,2)", "Input - FC1(4,2)"),
    ("odd-character", "Input -«\N{NO-BREAK SPACE}»FC1(4,2)", "Input - FC1(4,2)"),
    ("odd-character", "Input - FC1(«\N{ARABIC-INDIC DIGIT THREE}»4,2)", None),
    ("odd-character", "Input - «<i>»FC1(4,2)", "Input -  FC1(4,2)"),
    ("hidden-character", "Input - FC1(4,«\u200b»2)", "Input - FC1(4,2)"),
    ("hidden-character", "Input - FC1(4,2) # «\u202e»right to left", "Input - FC1(4,2) # right to left"),
    ("hidden-character", "Input - «\x1b»FC1(4,2)", "Input - FC1(4,2)"),
    # words
    ("unknown-word", "«netwrok» VGG5", "network VGG5"),
    ("unknown-word", "Input - «Cnov1»(3,64,3x3/1) - FC1(4,2)", "Input - Conv1(3,64,3x3/1) - FC1(4,2)"),
    (
        "unknown-word",
        "Input - Conv1(3,64,3x3/1) - «LIFF» - FC1(4,2)",
        "Input - Conv1(3,64,3x3/1) - LIF - FC1(4,2)",
    ),
    (
        "unknown-word",
        "Input - Conv1(3,64,3x3/1) - LIF(«laek»=0.9)",
        "Input - Conv1(3,64,3x3/1) - LIF(leak=0.9)",
    ),
    ("unknown-word", "Input - Conv1(3,64,3x3/1,«padding»=1)", "Input - Conv1(3,64,3x3/1,pad=1)"),
    (
        "unknown-word",
        "Input - Conv1(3,64,3x3/1) repeated 4 «time» - FC1(4,2)",
        "Input - Conv1(3,64,3x3/1) repeated 4 times - FC1(4,2)",
    ),
    (
        "unknown-word",
        "Input - Conv1(3,64,3x3/1) «repeat» 4 times - FC1(4,2)",
        "Input - Conv1(3,64,3x3/1) repeated 4 times - FC1(4,2)",
    ),
    ("unknown-word", "Input - FC1(4,2)\nclassify «softmx»", "Input - FC1(4,2)\nclassify softmax"),
    (
        "unknown-word",
        "Input - FC1(4,2)\nSkip Input-to-FC1 «tiled»",
        "Input - FC1(4,2)\nSkip Input-to-FC1 tile",
    ),
    ("unknown-word", "neuron ReLU|«LF»", None),
    ("unknown-word", "Input - Conv1(3,64,3x3/1) - «Flatten» - FC1(4,2)", None),
    ("unknown-word", "«learning_rate» 0.1\nInput - FC1(4,2)", None),
    ("unknown-word", "Input - Conv1(3,64,3x3/1) - «Foo9»(3,4) - FC1(4,2)", None),
    ("reserved-word", "network «Pool»\nInput - FC1(4,2)", None),
    (
        "layer-without-number",
        "Input - Conv1(3,64,3x3/1) - «Conv»(64,64,3x3/1)",
        "Input - Conv1(3,64,3x3/1) - Conv2(64,64,3x3/1)",
    ),
    ("layer-without-number", "Input - «Linear»(4,2)", "Input - FC1(4,2)"),
    ("layer-without-number", "Input - Conv1(3,64,3x3/1) - «Conv»(64,64,3x3/1) - Conv2(64,64,3x3/1)", None),
    # numbers
    ("unexpected", "Input - Conv1(3,64,3x3«)»", "Input - Conv1(3,64,3x3/1)"),
    ("unexpected", "Input - Pool(3x3«)»", "Input - Pool(3x3/3)"),
    ("unexpected", "Input - Conv1(3,64,5«/»1)", "Input - Conv1(3,64,5x5/1)"),
    ("unexpected", "Input - Conv1(3,64,5«)»", "Input - Conv1(3,64,5x5/1)"),
    ("unexpected", "Input - Conv1(3,64,3x3/1) repeated «times»", None),
    ("unexpected", "Input - Conv1(3,64,3x3/1) repeated «four» times", None),
    (
        "unexpected",
        "Input - Conv1(3,64,3x3/1) repeated 4 «-» FC1(4,2)",
        "Input - Conv1(3,64,3x3/1) repeated 4 times - FC1(4,2)",
    ),
    ("unexpected", "Input - FC1(«4.5»,2)", None),
    ("unexpected", "input 3x32‸\nInput - FC1(4,2)", "input 3x32x32\nInput - FC1(4,2)"),
    ("unexpected", "timesteps «classify» softmax", None),
    ("unexpected", "network‸\ninput 3x32x32", None),
    ("number-too-long", "Input - FC1(«12345678»,2)", None),
    ("number-too-long", "neuron LIF(threshold=«1e999»)", None),
    ("too-few-numbers", "Input - Conv1(«64,3x3/1»)", None),
    ("too-few-numbers", "Input - Conv1(«64,64») - FC1(4,2)", None),
    ("too-few-numbers", "Input - FC1(«2048»)", None),
    # blocks
    (
        "unclosed-bracket",
        "Input - «[»Conv1(3,3,3x3/1) - Conv2(3,3,3x3/1) repeated 2 times - FC1(4,2)",
        "Input - [Conv1(3,3,3x3/1) - Conv2(3,3,3x3/1)] repeated 2 times - FC1(4,2)",
    ),
    ("unclosed-bracket", "Input - «[»Conv1(3,3,3x3/1) - FC1(4,2)\nclassify softmax", None),
    ("unexpected", "Input - [Conv1(3,3,3x3/1)] «-» FC1(4,2)", None),
    ("repeated-modifier", "Input - Conv1(3,3,3x3/1) - «LIF» repeated 2 times", None),
    # clauses
    ("unexpected", "«Conv1»(3,64,3x3/1) - FC1(4,2)", "Input - Conv1(3,64,3x3/1) - FC1(4,2)"),
    ("unexpected", "Input - FC1(4,2)\nSkip Input-«FC1»", "Input - FC1(4,2)\nSkip Input-to-FC1"),
    (
        "unexpected",
        "Input - FC1(4,2)\nBackRes [FC1] «2» times",
        "Input - FC1(4,2)\nBackRes [FC1] repeated 2 times",
    ),
    ("unexpected", "Input - FC1(4,2)\nBackRes FC1 «-» FC2 repeated 2 times", None),
    (
        "missing-mark",
        "Input - FC1(4,2)\nBackRes [FC1] repeated 2 times «[»FC2] repeated 2 times",
        "Input - FC1(4,2)\nBackRes [FC1] repeated 2 times, [FC2] repeated 2 times",
    ),
    ("unquoted-path", "use «a/b-1.spec» as A", 'use "a/b-1.spec" as A'),
    ("unclosed-text", 'use «"a.spec as A»\nclassify softmax', None),
    ("given-twice", "timesteps 5\n«timesteps 6»", None),
    ("given-twice", "Input - Conv1(3,64,3x3/1,bias,«bias»)", None),
    ("too-deep", "[" * 32 + "«[»", None),
]


def split(marked: str) -> tuple[str, int, int]:
    """Return a text without its marks, and the range between them."""
    if "‸" in marked:
        return marked.replace("‸", ""), marked.index("‸"), marked.index("‸")
    start, end = marked.index("«"), marked.index("»") - 1
    return marked.replace("«", "").replace("»", ""), start, end


@pytest.mark.parametrize(("code", "marked", "fixed"), ONE, ids=[f"{code}: {text}" for code, text, _ in ONE])
def test_a_slip_is_told_once_and_where_it_is(read, code: str, marked: str, fixed: str | None):
    text, start, end = split(marked)
    found = read(text)
    report = render(found.diagnostics)
    assert found.codes == [code], report
    (one,) = found.diagnostics
    assert (one.span.start, one.span.end) == (start, end), report
    assert found.fixed == (text if fixed is None else fixed), report


@pytest.mark.parametrize("fixed", [fixed for _, _, fixed in ONE if fixed])
def test_what_was_mended_parses(read, fixed: str):
    assert read(fixed).written is not None


def test_every_message_has_a_way_out(read):
    for code, marked, _ in ONE:
        for one in read(split(marked)[0]).diagnostics:
            assert one.help_text() or one.fix() is not None, code


SEVERAL = """\
netwrok VGG5
input 3,32,32
encode poison

Input - Conv1(3 64,3x3/1) - Cnov2(64,64,3x3) Pool(2x2/2)
 - Conv(64,64,3x3/1) - LIF(laek=0.9) - Conv4(64,,64,3x3/1) repeated 4 time
 - FC1(2048;512) - FC2(512,10

classify softmx
"""


def test_all_mistakes_of_a_text_are_told_at_once(read, golden):
    text = read(SEVERAL)
    golden(render(text.diagnostics), Path("cases/several.txt"))
    assert len(text.codes) == 15
    again = read(text.fixed)
    assert again.diagnostics == ()


@pytest.mark.parametrize(
    "text",
    [
        "def forward(self, x):\n    return self.conv1(x)\n",
        '{"layers": [1, 2]}',
        "<html>",
        "\x00" * 99,
        "é" * 999,
        "9" * 5000,
        "]" * 50,
        "Input - " * 50,
        "- " * 500,
    ],
)
def test_what_is_no_spec_is_refused_shortly(read, text: str):
    found = read(text)
    assert 1 <= len(found.diagnostics) <= 40
    assert len(render(found.diagnostics)) <= 8192
