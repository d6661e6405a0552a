"""Headers are read as the client of NATS itself reads them, only quicker."""

from hypothesis import given
from hypothesis import strategies as st

from fairlead.bus.client import Client, QuickClient

LINES = st.lists(
    st.one_of(
        st.binary(max_size=20),
        st.tuples(
            st.text("Nats-Subject x\t", min_size=1, max_size=12), st.text(max_size=12).map(str.strip)
        ).map(lambda pair: f"{pair[0]}:{pair[1]}".encode()),
    ),
    max_size=6,
)


@given(LINES)
def test_headers_are_what_the_client_makes_of_them(lines: list[bytes]) -> None:
    raw = b"\r\n".join(lines)
    assert QuickClient._parse_header_lines(raw) == Client._parse_header_lines(raw)


def test_an_ordinary_block_is_read() -> None:
    raw = b"Nats-Subject: $KV.a.b\r\nNats-Sequence:7\r\nodd name: x\r\nno colon\r\n"
    assert QuickClient._parse_header_lines(raw) == {"Nats-Subject": "$KV.a.b", "Nats-Sequence": "7"}
