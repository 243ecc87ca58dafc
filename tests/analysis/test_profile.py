from fractions import Fraction

import pytest

from snnc.analysis.profile import ProfileError, open_profile, profile_named, read_profile, shipped
from snnc.diagnostics import CompileError
from snnc.source import Source

TEXT = """
schema = 1
name = "mine"
title = "A chip"
target = "chip"
source = "its data sheet"
year = 2025
precision = "int4"
measured = true
[energy_pj]
ac = 0.02
"""


def test_the_papers_table_is_the_default():
    paper = profile_named("paper")
    assert (paper.mac, paper.ac) == (Fraction("3.2"), Fraction("0.1"))
    assert paper.mac / paper.ac == 32
    assert next(iter(shipped())) == "paper"
    assert all(name == profile.name for name, profile in shipped().items())


@pytest.mark.parametrize(("name", "ratio"), [("fp32", 5.11), ("fp16", 3.75), ("int8", 7.67)])
def test_break_even_of_the_horowitz_tables(name, ratio):
    profile = profile_named(f"horowitz-{name}")
    assert round(float(profile.mac / profile.ac), 2) == ratio


def test_every_profile_says_where_it_comes_from():
    assert len(shipped()) > 15
    for profile in shipped().values():
        assert profile.source
        assert profile.year > 2000
        assert len(profile.digest) == 12
    assert len({profile.digest for profile in shipped().values()}) == len(shipped())


def test_sources_that_disagree_stand_side_by_side():
    ours = {one.name: one.ac for one in shipped().values() if one.target == "SpiNNaker"}
    assert ours["spinnaker-kerasspiking"] / ours["spinnaker-seneca"] > 290


def test_a_users_profile_and_what_it_leaves_out():
    mine = read_profile(TEXT)
    assert (mine.ac, mine.mac, mine.neuron, mine.bits) == (Fraction(1, 50), None, None, 4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("schema = 1", "schema = 2"), "schema: must be 1"),
        (("ac = 0.02", "ac = 0"), "ac: must be more than 0; leave out"),
        (("ac = 0.02", "ac = nan"), "no finite number"),
        (("ac = 0.02", "ac = 1e999999999"), "out of range"),
        (("ac = 0.02", "acc = 0.02"), "acc: a profile has no such entry"),
        (("year = 2025", 'year = "new"'), "year: must be a whole number"),
        (("measured = true", "measured = 1"), "measured: must be true or false"),
        (('title = "A chip"', ""), "title: must be a text"),
        (("[energy_pj]", "[energy_pj"), "cannot be read"),
        (("[energy_pj]", "memory = {sram = [{pj = 1}]}\n[energy_pj]"), "bytes: must be a whole number"),
        (("[energy_pj]", "memory = {sram = [{bytes = 8, bits = 8}]}\n[energy_pj]"), "pj: must be there"),
        (("[energy_pj]", "memory = {sram = 3}\n[energy_pj]"), "sram: must be a list of tables"),
        (("[energy_pj]\nac = 0.02", "energy_pj = 3"), "energy_pj: must be a table"),
    ],
)
def test_a_profile_that_is_wrong_is_refused(change, message):
    with pytest.raises(ProfileError, match=message):
        read_profile(TEXT.replace(*change))


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ProfileError, match="horowitz-fp32"):
        profile_named("h100")


def test_all_that_is_wrong_with_a_file_is_told_where_it_stands():
    text = (
        TEXT.replace("2025", '"new"').replace("ac = 0.02", "ac = 0\nacc = 1").replace('target = "chip"', "")
    )
    with pytest.raises(CompileError) as caught:
        open_profile(Source("mine.toml", text))
    found = [(one.span.line, one.span.text, one.title_text()) for one in caught.value.diagnostics]
    assert found == [
        (1, "", "target: must be a text"),
        (7, '"new"', "year: must be a whole number, at least 1"),
        (11, "0", "ac: must be more than 0; leave out what is not known"),
        (12, "acc", "acc: a profile has no such entry"),
    ]
    with pytest.raises(CompileError) as caught:
        open_profile(Source("mine.toml", TEXT + "mac: 3"))
    (fault,) = caught.value.diagnostics
    assert (fault.code, fault.span.line, fault.span.text) == ("profile-entry", 12, ":")
