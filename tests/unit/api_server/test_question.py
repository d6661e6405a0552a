"""What a stream is asked for is the same, whatever carries it."""

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from yarl import URL

from fairlead.api_server.rest.question import Asked, Pattern

LOGS = "/api/v1/applications/{name}/pods/{podName}/logs"
STREAM = "/api/v1/stream/applications"
REST = "/a/{rest:.*}"
PATTERNS = (LOGS, STREAM, REST)
NAMES = (
    "a",
    "a.b",
    "a%2Fb",
    "a%2fb",
    "a%252Fb",
    "a%25b",
    "a%zz",
    "a%",
    "%C3%28",
    "%c3%a4",
    "a+b",
    "a%20b",
    "a%3Fb",
    "a;b",
    "%7Bx%7D",
    "a%0Ab",
    "..",
    "%2e%2e",
    "",
)
QUERIES = (
    "a=1&a=2",
    "a=%2B+b",
    "a=%zz",
    "a",
    "a=1;b=2",
    "=x",
    "a=%C3%28",
    "a=x#b",
    "a=b&&c",
    "a==b",
    "x.y=1",
)
PATHS = (
    f"/{STREAM}",
    f"{STREAM}/",
    "/api//v1/stream/applications",
    "/api/v1/stream/../stream/applications",
    "/API/v1/stream/applications",
    "/api/v1/stream%2Fapplications",
    "/%61pi/v1/stream/applications",
)


def _carried(address: str) -> tuple[dict[str, str], list[tuple[str, str]]] | None:
    url = URL(address, encoded=True)
    for pattern in PATTERNS:
        places = Pattern(pattern).of(url.path_safe)
        if places is not None and not url.absolute:
            return places, list(Asked(url, places, {}).query.items())
    return None


async def _nothing(_: web.Request) -> web.StreamResponse:
    return web.StreamResponse()


async def _routed(address: str) -> tuple[dict[str, str], list[tuple[str, str]]] | None:
    router = web.UrlDispatcher()
    for pattern in PATTERNS:
        router.add_get(pattern, _nothing)
    request = make_mocked_request("GET", address)
    found = await router.resolve(request)
    return None if found.http_exception is not None else (dict(found), list(request.query.items()))


@pytest.mark.parametrize(
    "address",
    [
        *(LOGS.format(name=name, podName="x") for name in NAMES),
        *(f"/a/{name}/y" for name in NAMES),
        *(f"{STREAM}?{query}" for query in QUERIES),
        *PATHS,
    ],
)
async def test_an_address_asks_for_what_a_request_for_it_would(address: str) -> None:
    assert _carried(address) == await _routed(address)


def test_a_pattern_is_of_whole_paths() -> None:
    assert Pattern(LOGS).of("/api/v1/applications/a.b/pods/c%2Fd/logs") == {"name": "a.b", "podName": "c/d"}
    assert Pattern(LOGS).of("/api/v1/applications/a/b/pods/c/logs") is None
    assert Pattern(LOGS).of("/api/v1/applicationsX/a/pods/c/logs") is None
