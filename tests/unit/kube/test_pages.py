import msgspec
import pytest

from fairlead.kube.errors import GoneError, ProtocolError, ResponseTooLargeError
from fairlead.kube.pages import decode_page, list_pages


def _page(version: str, token: str, *names: str) -> bytes:
    items = [{"metadata": {"name": name}} for name in names]
    return msgspec.json.encode(
        {"kind": "PodList", "metadata": {"resourceVersion": version, "continue": token}, "items": items}
    )


async def test_pages_are_followed_to_the_last() -> None:
    asked: list[dict[str, str]] = []

    async def fetch(params: dict[str, str]) -> bytes:
        asked.append(params)
        return _page("5", "" if "continue" in params else "more", "a")

    pages = [page async for page in list_pages(fetch, limit=1)]
    assert len(pages) == 2
    assert asked == [{"limit": "1"}, {"limit": "1", "continue": "more"}]


async def test_no_resource_version_is_sent_so_that_the_list_is_never_stale() -> None:
    async def fetch(params: dict[str, str]) -> bytes:
        assert "resourceVersion" not in params
        return _page("5", "")

    assert [page.resource_version async for page in list_pages(fetch)] == ["5"]


async def test_a_page_that_is_too_large_is_asked_in_smaller_parts() -> None:
    limits: list[int] = []

    async def fetch(params: dict[str, str]) -> bytes:
        limits.append(int(params["limit"]))
        if limits[-1] > 100:
            raise ResponseTooLargeError("too large")
        return _page("5", "")

    assert [page async for page in list_pages(fetch)]
    assert limits == [500, 62]


async def test_a_list_that_expires_half_way_fails_as_a_whole() -> None:
    async def fetch(params: dict[str, str]) -> bytes:
        if "continue" in params:
            raise GoneError("expired")
        return _page("5", "more")

    with pytest.raises(GoneError):
        [page async for page in list_pages(fetch)]


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"kind":"Status","status":"Success"}', b"<html>"])
def test_what_is_no_list_is_never_taken_for_an_empty_one(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode_page(body)


def test_a_list_without_items_is_empty() -> None:
    page = decode_page(b'{"kind":"PodList","metadata":{"resourceVersion":"3"},"items":null}')
    assert not page.items
