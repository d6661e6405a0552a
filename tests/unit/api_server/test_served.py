"""How answers are compressed, and for whom."""

import gzip

import pytest
from aiohttp.test_utils import make_mocked_request

from fairlead.api_server.rest.served import PACKED_AT_ONCE, PACKED_FROM, Served, takes


@pytest.mark.parametrize(
    ("accepted", "taken"),
    [
        ("gzip", True),
        ("deflate, GZIP;q=0.5, br", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("deflate, br", False),
        ("xgzip", False),
        ("", False),
        ("*", False),
    ],
)
def test_it_is_read_who_takes_gzip(accepted: str, taken: bool) -> None:
    assert takes(accepted, "gzip") == taken


@pytest.mark.parametrize("size", [PACKED_FROM, PACKED_AT_ONCE + 1])
async def test_a_large_answer_is_compressed_for_who_takes_it(size: int) -> None:
    body = bytes(size)
    request = make_mocked_request("GET", "/", headers={"Accept-Encoding": "gzip"})
    answer = await Served().response(request, body, "application/json")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert isinstance(answer.body, bytes)
    assert gzip.decompress(answer.body) == body
    for served, asking in ((Served(is_packed=False), request), (Served(), make_mocked_request("GET", "/"))):
        plain = await served.response(asking, body, "application/json")
        assert "Content-Encoding" not in plain.headers
        assert plain.body == body


async def test_a_small_answer_is_left_as_it_is() -> None:
    request = make_mocked_request("GET", "/", headers={"Accept-Encoding": "gzip"})
    answer = await Served().response(request, b"x" * (PACKED_FROM - 1), "application/json")
    assert "Content-Encoding" not in answer.headers
