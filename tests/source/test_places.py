from snnc.source import Source
from snnc.source.places import places, span_of, span_of_fault


def test_places_know_tables_quotes_and_texts_of_several_lines() -> None:
    source = Source("r", "a = 1\nt = '''\nb = 2\n'''\n[ x . y ]\n\"c d\" = 3 # no\n")
    assert set(places(source)) == {("a",), ("t",), ("x", "y"), ("x", "y", "c d")}
    assert span_of(source, ("x", "y", "c d"), value=True).text == "3"
    assert span_of(source, ("x", "y", "z")).text == "x . y"
    assert span_of(source, ("q",)).start == 0


def test_a_fault_stands_where_the_parser_says_or_else_at_the_end():
    source = Source("r", "a = 1\nb: 2\n")
    assert span_of_fault(source, ValueError("Expected '=' (at line 2, column 2)")).text == ":"
    assert span_of_fault(source, ValueError("Invalid value (at end of document)")).line == 2
