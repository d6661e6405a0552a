"""Which pages may open a WebSocket with a browser's cookies."""

from types import SimpleNamespace
from typing import cast

import pytest
from aiohttp import web

from fairlead.api_server.rest.origin import is_our_page


def _is_ours(origin: str, host: str = "cd.example", *urls: str) -> bool:
    request = SimpleNamespace(headers={"Origin": origin} if origin else {}, host=host)
    return is_our_page(cast(web.Request, request), urls)


@pytest.mark.parametrize(
    ("origin", "host", "url"),
    [
        ("", "cd.example", ""),
        ("https://cd.example", "cd.example", ""),
        ("https://cd.example", "CD.example:443", ""),
        ("http://cd.example:8080", "cd.example:8080", ""),
        ("https://[::1]:8080", "[::1]:8080", ""),
        ("https://cd.example", "10.0.0.1:8080", "https://CD.Example:443/path"),
        ("https://cd.example:8443", "inside", "https://cd.example:8443"),
    ],
)
def test_a_page_of_the_host_that_was_asked_or_of_a_configured_address_is_ours(
    origin: str, host: str, url: str
) -> None:
    assert _is_ours(origin, host, url)


@pytest.mark.parametrize(
    ("origin", "url"),
    [
        ("null", ""),
        ("null", "cd.example"),
        ("null", "null"),
        ("https://", "cd.example"),
        ("https://other.example", "https://cd.example"),
        ("https://cd.example:8443", "https://cd.example"),
        ("https://cd.example.other", ""),
        ("https://cd.example@other.example", ""),
        ("http://[", ""),
        ("https://cd.example:x", ""),
    ],
)
def test_a_page_of_others_is_not_whatever_is_configured(origin: str, url: str) -> None:
    assert not _is_ours(origin, "cd.example", url)
    assert not _is_ours(origin, "", url)
