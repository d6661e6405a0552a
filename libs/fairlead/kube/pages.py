"""Lists of any length, a page at a time, each object still the bytes the server sent.

Invariant: all pages come from one snapshot; when the server cannot keep it, the list fails as a whole.
"""

from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec

from fairlead.kube.depth import decoded
from fairlead.kube.errors import ProtocolError, ResponseTooLargeError

PAGE_LIMIT = 500
SMALLEST_PAGE = 4


class ListMeta(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    resource_version: str = ""
    continue_: str = msgspec.field(name="continue", default="")


class Page(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One page. `items` are views into the page's buffer: copy (`bytes(item)`) what is kept."""

    kind: str = ""
    api_version: str = ""
    metadata: ListMeta = ListMeta()
    items: list[msgspec.Raw] | None = None

    @property
    def resource_version(self) -> str:
        return self.metadata.resource_version


_PAGE = msgspec.json.Decoder(Page)


async def list_pages(
    fetch: Callable[[dict[str, str]], Awaitable[bytes]], *, limit: int = PAGE_LIMIT
) -> AsyncIterator[Page]:
    """Pages until the server says it was the last. One over the size bound is asked again, smaller.

    No resourceVersion is sent: only that list is guaranteed to be as new as everything written before it, and
    every server honours `limit` on it. "0" may be served by a replica that lags, and what such a list lacks
    would be taken for deleted.
    """
    token = ""
    while True:
        params = {"limit": str(limit)}
        if token:
            params["continue"] = token
        try:
            page = decode_page(await fetch(params))
        except ResponseTooLargeError:
            if limit <= SMALLEST_PAGE:
                raise
            limit = max(SMALLEST_PAGE, limit // 8)
            continue
        token = page.metadata.continue_
        yield page
        if not token:
            return


def decode_page(body: bytes) -> Page:
    """One list answer. Raises ProtocolError when it is none, so that nothing is taken for an empty list."""
    try:
        page = decoded(_PAGE, body)
    except msgspec.DecodeError:
        raise ProtocolError("the answer is not a Kubernetes list") from None
    if not page.resource_version or not page.kind.endswith("List"):
        raise ProtocolError("the answer is not a Kubernetes list")
    return page
