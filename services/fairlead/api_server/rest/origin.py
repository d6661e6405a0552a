"""Whether the page that asks for a WebSocket is one of ours.

Why: browsers send cookies with anybody's WebSocket and ask no server before they do; only the origin that
they name tells one page from another.
"""

from collections.abc import Iterable
from typing import NamedTuple

from aiohttp import web
from yarl import URL

REFUSED = "the page is of another origin; set `url` in argocd-cm to the address that browsers use"


class _Origin(NamedTuple):
    scheme: str
    host: str
    port: int | None


def is_our_page(request: web.Request, urls: Iterable[str]) -> bool:
    """Whether the page that asks, if one does, is ours: of the host that was asked, or of one of `urls`."""
    said = request.headers.get("Origin", "")
    if not said:
        return True
    origin = _origin(said)
    if origin is None:
        return False
    return origin == _origin(f"{origin.scheme}://{request.host}") or origin in map(_origin, urls)


def _origin(url: str) -> _Origin | None:
    """Of an address, as browsers compare them; None of what has none, `null` among these, which is what every
    page says that may not tell its own."""
    try:
        parts = URL(url)
        host, port = parts.host, parts.port
    except ValueError:
        return None
    return _Origin(parts.scheme, host.lower(), port) if parts.scheme and host else None
