"""Whatever the network: its text gives its tree, formatting is idempotent, spellings agree."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from snnc.diagnostics import Reporter
from snnc.source import Source
from snnc.syntax.fold import fold
from snnc.syntax.format import format as format_spec
from snnc.syntax.parse import parse
from snnc.syntax.tree import (
    Activation,
    BackRes,
    BatchNorm,
    Constant,
    Conv,
    Dropout,
    Group,
    Int,
    Item,
    Linear,
    Name,
    Pool,
    Printed,
    Real,
    Shape,
    Skip,
    Spec,
    Text,
    Unit,
    Use,
    Window,
)
from snnc.syntax.write import backres, layer

AT = Source("generated", "").span()


def name(value: str) -> Name:
    return Name(value, span=AT)


def ints(least: int = 0, most: int = 9_999_999) -> st.SearchStrategy[Int]:
    return st.integers(least, most).map(lambda value: Int(value, span=AT))


def reals() -> st.SearchStrategy[Real]:
    values = st.floats(0, 1e12, allow_nan=False).filter(lambda value: len(repr(value)) <= 24)
    return values.map(lambda value: Real(value, span=AT))


def choice(*values: str) -> st.SearchStrategy[Name]:
    return st.sampled_from(values).map(name)


def maybe(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return st.none() | strategy


TITLES = st.from_regex(r"N[A-Za-z0-9_]{0,12}", fullmatch=True).map(name)
WEIGHTED = st.from_regex(r"(Conv|conv|FC)[0-9]{1,3}", fullmatch=True).map(name)
TEXTS = st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters='"')).map(
    lambda value: Text(value, span=AT)
)
WINDOWS = st.builds(Window, ints(), ints(), ints(), span=st.just(AT))
CONSTANTS = st.one_of(
    st.builds(Constant, choice("leak", "threshold"), ints() | reals(), span=st.just(AT)),
    st.builds(Constant, choice("refractory"), ints(), span=st.just(AT)),
    st.builds(Constant, choice("reset"), choice("subtract", "zero", "none"), span=st.just(AT)),
)
UNITS = st.builds(
    Unit,
    choice("relu", "if", "lif", "identity"),
    st.lists(CONSTANTS, max_size=3, unique_by=lambda one: one.name.value).map(tuple),
    span=st.just(AT),
)
NEURONS = st.builds(Activation, UNITS, maybe(UNITS), span=st.just(AT))
MODIFIERS = NEURONS | st.just(BatchNorm(span=AT)) | st.builds(Dropout, ints() | reals(), span=st.just(AT))


def convs(names: st.SearchStrategy[Name]) -> st.SearchStrategy[Conv]:
    return st.builds(
        Conv,
        names.filter(lambda one: one.value[0] in "Cc"),
        ints(),
        ints(),
        WINDOWS,
        padding=maybe(ints()),
        groups=maybe(ints()),
        dilation=maybe(ints()),
        bias=st.booleans(),
        span=st.just(AT),
    )


def linears(names: st.SearchStrategy[Name]) -> st.SearchStrategy[Linear]:
    return st.builds(
        Linear,
        names.filter(lambda one: one.value[0] in "Ff"),
        ints(),
        ints(),
        bias=st.booleans(),
        span=st.just(AT),
    )


POOLS = st.builds(Pool, choice("average", "max"), WINDOWS, span=st.just(AT)) | st.just(
    Pool(name("average"), span=AT)
)
LAYERS = convs(WEIGHTED) | linears(WEIGHTED) | POOLS | MODIFIERS


def groups(items: st.SearchStrategy[Item]) -> st.SearchStrategy[Group]:
    return st.builds(
        Group,
        st.lists(items, min_size=1, max_size=4).map(tuple),
        ints(),
        maybe(choice("mean", "top", "random")),
        span=st.just(AT),
    )


ITEMS = st.recursive(LAYERS, groups, max_leaves=5)
SKIPS = st.builds(
    Skip,
    WEIGHTED | TITLES | st.just(name("Input")),
    WEIGHTED | TITLES,
    maybe(choice("add", "concat", "tile")),
    span=st.just(AT),
)
SPECS = st.builds(
    Spec,
    name=maybe(TITLES),
    input=maybe(st.builds(Shape, ints(), ints(), ints(), span=st.just(AT))),
    neuron=maybe(NEURONS),
    encode=maybe(choice("poisson", "direct")),
    timesteps=maybe(ints()),
    layers=st.lists(ITEMS, max_size=5).map(tuple),
    skips=st.lists(SKIPS, max_size=3).map(tuple),
    printed=st.lists(
        st.builds(Printed, convs(WEIGHTED) | linears(WEIGHTED), maybe(TEXTS), span=st.just(AT)), max_size=2
    ).map(tuple),
    uses=st.lists(st.builds(Use, TEXTS, TITLES, span=st.just(AT)), max_size=2).map(tuple),
    classify=maybe(choice("softmax", "stochmax")),
    span=st.just(AT),
)


def read(text: str) -> Spec:
    report = Reporter()
    spec = parse(Source("net.spec", text), report)
    assert report.diagnostics == (), [one.title_text() for one in report.diagnostics]
    assert spec is not None
    return spec


def folded(spec: Spec) -> Spec:
    report = Reporter()
    result = fold(spec, report)
    assert report.diagnostics == (), [one.title_text() for one in report.diagnostics]
    return result


@given(SPECS)
def test_a_tree_is_what_its_text_says(spec: Spec):
    assert read(format_spec(spec)) == spec


@given(SPECS)
def test_formatting_is_idempotent(spec: Spec):
    once = format_spec(folded(spec))
    assert format_spec(folded(read(once))) == once


@given(SPECS)
def test_folding_is_idempotent(spec: Spec):
    assert folded(folded(spec)) == folded(spec)


BLANKS = st.sampled_from(["", " ", "\n", "  \n ", " # a remark\n", "\t", "<b>", "** ", "\r\n"])


@given(SPECS, st.data())
def test_blanks_and_remarks_between_words_mean_nothing(spec: Spec, data: st.DataObject):
    text = format_spec(spec)
    spread = []
    quoted = False
    for character in text:
        quoted ^= character == '"'
        loose = not quoted and character in "(),[]=|&\n"
        spread.append(character + (data.draw(BLANKS) if loose else ""))
    assert read("".join(spread)) == spec


@st.composite
def repeated(draw: st.DrawFn) -> tuple[Spec, str]:
    """A chain with groups, and a text that lists some of them otherwise."""
    number, items, listing, clauses = 0, [], [], []
    for _ in range(draw(st.integers(1, 5))):
        block = []
        for _ in range(draw(st.integers(1, 3))):
            number += 1
            conv = draw(convs(WEIGHTED))
            conv = replace(conv, name=name(f"Conv{number}"), inputs=conv.outputs)
            block.append((conv, *draw(st.lists(MODIFIERS, max_size=2))))
        flat = tuple(item for part in block for item in part)
        text = " - ".join(map(layer, flat))
        times = Int(draw(st.integers(1, 4)), span=AT)
        group = Group(flat, times, span=AT)
        names = tuple(part[0].name for part in block)
        clause = backres(BackRes(names, times, span=AT))
        way = draw(st.sampled_from(["plain", "group", "once", "unrolled"]))
        items += list(flat) if way == "plain" else [group]
        listing.append(f"[{text}] repeated {times.value} times" if way == "group" else text)
        if way == "unrolled":
            listing += [text] * (times.value - 1)
        clauses += [clause] if way in ("once", "unrolled") else []
        listing.append("Pool(2x2/2)")
        items.append(Pool(name("average"), Window(*(Int(2, span=AT),) * 3, span=AT), span=AT))
    draw(st.randoms()).shuffle(clauses)
    text = f"Input - {' - '.join(listing)}" + (f"\nBackRes {', '.join(clauses)}" if clauses else "")
    return Spec(layers=tuple(items), span=AT), text


@given(repeated())
def test_every_spelling_of_a_repetition_is_one_tree(pair: tuple[Spec, str]):
    spec, text = pair
    assert folded(read(text)) == folded(spec)
