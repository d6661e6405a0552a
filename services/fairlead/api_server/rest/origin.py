"""Whether the page that asks for a WebSocket is one of ours.

Why: browsers send cookies with anybody's WebSocket and ask no server before they do; only the origin that
they name tells one page from another.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from aiohttp import web

REFUSED = "the page is of another origin; set `url` in argocd-cm to the address that browsers use"


def is_our_page(request: web.Request, urls: Iterable[str]) -> bool:
    """Whether the page that asks, if one does, is ours: of the host that was asked, or of one of `urls`."""
    said = request.headers.get("Origin", "")
    if not said:
        return True
    origin = _origin(said)
    return origin is not None and (origin[1] == request.host or origin in map(_origin, urls))


def _origin(url: str) -> tuple[str, str] | None:
    """Scheme and host of an address; None of one that cannot be read."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts.scheme, parts.netloc
