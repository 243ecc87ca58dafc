"""Lines and columns are 1-based and count characters."""

from __future__ import annotations

import pytest

from snnc.source import Source
from snnc.source.data import data
from snnc.source.read import MOST_BYTES, UnreadableError, decode

TEXT = Source("a.spec", "input 3x4x4\n– Conv\n\nlast")


@pytest.mark.parametrize(
    ("offset", "place"), [(0, (1, 1)), (11, (1, 12)), (12, (2, 1)), (14, (2, 3)), (19, (3, 1)), (20, (4, 1))]
)
def test_positions(offset: int, place: tuple[int, int]) -> None:
    assert TEXT.position(offset) == place


def test_lines_come_without_their_ends() -> None:
    assert [TEXT.line(number) for number in (1, 2, 3, 4)] == ["input 3x4x4", "– Conv", "", "last"]


def test_a_span_knows_its_text_and_place() -> None:
    span = TEXT.span(14, 18)
    assert (span.text, span.line, span.column, str(span)) == ("Conv", 2, 3, "a.spec:2:3")
    assert span.to(TEXT.span(0, 5)) == TEXT.span(0, 18)


def test_any_line_ends_and_a_byte_order_mark_are_taken() -> None:
    assert decode("x", b"\xef\xbb\xbfa\r\nb\rc\n").text == "a\nb\nc\n"


@pytest.mark.parametrize("content", [b"\xff\xfe", b"abc\x80", b"x" * (MOST_BYTES + 1)])
def test_what_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableError):
        decode("x", content)


def test_the_data_folders_are_found() -> None:
    assert (data("grammar") / "topology.lark").is_file()
    assert (data("specs") / "vgg11x2.spec").is_file()
    assert (data("diagnostics") / "fan-in.md").is_file()
