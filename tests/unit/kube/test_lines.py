import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.kube.errors import ResponseTooLargeError
from fairlead.kube.lines import LineSplitter


@given(
    st.lists(st.binary(max_size=40).map(lambda part: part.replace(b"\n", b" ")), max_size=20),
    st.lists(st.integers(1, 50), min_size=1),
)
def test_lines_come_out_whole_however_they_were_cut(lines: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(line + b"\n" for line in lines)
    splitter, found, at = LineSplitter(), [], 0
    while at < len(stream):
        size = cuts[at % len(cuts)]
        found += splitter.feed(stream[at : at + size])
        at += size
    assert found == [line for line in lines if line]


def test_an_unfinished_line_is_held_back() -> None:
    splitter = LineSplitter()
    assert splitter.feed(b"half") == []
    assert splitter.feed(b" and half\nnext") == [b"half and half"]


def test_a_line_over_the_bound_is_refused_before_it_is_whole() -> None:
    splitter = LineSplitter(limit=10)
    splitter.feed(b"12345\n")
    splitter.feed(b"1234567890")
    with pytest.raises(ResponseTooLargeError):
        splitter.feed(b"1")
